import { Value } from '@sinclair/typebox/value'
import t from 'tap'
import { makeHooks } from '../../src/samplesource/hooks.js'
import { readFixtures } from '../fixtures.js'
import { isSoak } from '../soak.js'
import { now, settings } from './source.js'

/*
 * Whatever stands in any one place of what Metacontroller sends, the hooks answer it, unless the request is refused.
 * Objects in a cluster are checked by their kinds; a caller's need not be.
 */

const hooks = makeHooks(settings)

/** Values that cannot become a number or a text: JavaScript throws. */
const hostile: unknown[] = [JSON.parse(`${'['.repeat(10_000)}0${']'.repeat(10_000)}`), { toString: 1, valueOf: 1 }]

/** Each object or list in a value, with each of its keys. */
function * placesIn (value: unknown, path: string): Generator<[parent: any, key: string, path: string]> {
  if (typeof value !== 'object' || value === null) return
  for (const [key, child] of Object.entries(value)) {
    yield [value, key, `${path}.${key}`]
    yield * placesIn(child, `${path}.${key}`)
  }
}

for (const { name, request } of readFixtures().filter(({ name }) => isSoak || name === 'ready')) {
  t.test(name, async t => {
    let answers = 0
    const wrong: string[] = []
    for (const [parent, key, path] of [...placesIn(request, '')]) {
      const before = parent[key]
      for (const value of hostile) {
        parent[key] = value
        for (const hook of hooks) {
          if (!Value.Check(hook.request, request)) continue
          try {
            if (JSON.stringify(hook.answer(request, now).response) !== undefined) answers++
          } catch (error) {
            wrong.push(`${hook.name}: ${path}: ${error}`)
          }
        }
      }
      parent[key] = before
    }
    t.same(wrong, [])
    t.ok(answers > 100, `${answers} answers`)
  })
}
