import t from 'tap'
import { validateObjectMeta, type ValidatedMeta } from '../../src/kubernetes/object-meta.js'

const owner = { apiVersion: 'v1', kind: 'Pod', name: 'a', uid: '1' }
const key = "a key has at most 63 letters, digits, '-', '_' and '.', and begins and ends with a letter or digit; a DNS subdomain and '/' may come before that"
const value = "the value of a label has at most 63 letters, digits, '-', '_' and '.', and begins and ends with a letter or digit, or is empty"

const table: Array<[metadata: ValidatedMeta, errors: string[]]> = [
  [{}, []],
  [{ labels: { a: '', 'example.org/B': 'c.D_e-1' }, annotations: { 'Example.org/a': 'any text\n' }, finalizers: ['example.org/f'], ownerReferences: [owner, { ...owner, controller: true }] }, []],
  [{ labels: { '-a': 'b c' } }, [`labels: Invalid value: "-a": ${key}`, `labels: Invalid value: "b c": ${value}`]],
  [{ labels: { 'Example.org/a': '' } }, [`labels: Invalid value: "Example.org/a": ${key}`]],
  [{ annotations: { 'a b': '' } }, [`annotations: Invalid value: "a b": ${key}`]],
  [{ annotations: { a: 'é'.repeat(131_072) } }, ['annotations: Too long: may not be more than 262144 bytes']],
  [{ finalizers: ['a', 'x y'] }, [`finalizers: Invalid value: "x y": ${key}`]],
  [{ ownerReferences: [owner, { apiVersion: '', kind: 'Pod', name: 'a' }] }, ['ownerReferences[1].apiVersion: Required value: must not be empty', 'ownerReferences[1].uid: Required value: must not be empty']],
  [{ finalizers: ['orphan', 'foregroundDeletion'] }, ['finalizers: Invalid value: "orphan": foregroundDeletion is there too, and only one of them may be']],
  [{ finalizers: ['orphan'], creationTimestamp: '2026-01-01T00:00:00Z' }, []],
  [{ ownerReferences: ['v1', 'a/v1', 'a/', 'a/b/c'].map(apiVersion => ({ ...owner, apiVersion })) }, [
    'ownerReferences[2].apiVersion: Invalid value: "a/": it is <group>/<version> or <version>',
    'ownerReferences[3].apiVersion: Invalid value: "a/b/c": it is <group>/<version> or <version>'
  ]],
  [{ ownerReferences: [{ ...owner, kind: 'Event' }] }, ['ownerReferences[0]: Invalid value: an Event of v1 cannot be an owner']],
  ...['2024-02-30T00:00:00Z', '2024-01-01T24:00:00Z', '2024-01-01T00:00:60Z', '2024-13-01T00:00:00Z'].map((creationTimestamp): [ValidatedMeta, string[]] => [
    { creationTimestamp }, [`creationTimestamp: Invalid value: "${creationTimestamp}": a time has the format of RFC 3339`]
  ]),
  [{ creationTimestamp: '2024-02-29T23:59:59.5+23:59' }, []],
  [{ creationTimestamp: 'yesterday' }, ['creationTimestamp: Invalid value: "yesterday": a time has the format of RFC 3339']],
  [{ ownerReferences: [{ ...owner, controller: true }, { ...owner, controller: true }] }, ['ownerReferences: Invalid value: only one owner can have controller: true']]
]
for (const [metadata, errors] of table) {
  t.test(JSON.stringify(metadata).slice(0, 100), async t => {
    t.strictSame(validateObjectMeta(metadata).map(({ path, message }) => `${path}: ${message}`), errors)
  })
}
