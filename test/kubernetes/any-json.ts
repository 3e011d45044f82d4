import fc from 'fast-check'

/** Names with a meaning for Kubernetes, this project or JavaScript. */
const keys = ['metadata', 'name', 'annotations', 'managedFields', 'spec', 'status', 'conditions', 'type', 'ref', 'uri', 'CACerts', 'port', 'path', '.', 'f:name',
  'k:{"name":"a"}', 'v:1', 'k:{', '__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'toJSON', 'length', '', '0']

/** Any JSON value with such names, as `JSON.parse` makes it. */
export const anyJson: fc.Arbitrary<unknown> = fc.letrec<{ json: unknown }>(tie => ({
  json: fc.oneof({ depthSize: 'small', withCrossShrink: true },
    fc.oneof(fc.constantFrom<unknown>(null, true, '', 'a', 'True', 0, 1, -1.5, 1e300), fc.string(), fc.double({ noNaN: true, noDefaultInfinity: true })),
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.constantFrom(...keys), fc.string()), tie('json'), { maxKeys: 5 }))
})).json.map(value => JSON.parse(JSON.stringify(value)))

/** JSON that is nested 100,000 levels deep, in objects of one key or in arrays. */
export const deepJson: unknown[] = ['{"a":', '{"name":', '{"f:name":', '{"__proto__":', '['].map(open =>
  JSON.parse(open.repeat(100_000) + '1' + (open === '[' ? ']' : '}').repeat(100_000)))

/** JSON that cannot become a number or a text, nor, if it is deep, be serialized: JavaScript throws. */
export const hostileJson: unknown[] = [deepJson.at(-1), { toString: 1, valueOf: 1 }]
