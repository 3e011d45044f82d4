import { readFileSync } from 'node:fs'
import t from 'tap'
import { keepAsItIs } from '../../src/metacontroller/children.js'
import { appliedFields, pickFields } from '../../src/metacontroller/server-side-apply.js'

/**
 * A Deployment as an API server (Kubernetes 1.34) gave it back: applied as Metacontroller applies it, then changed by
 * another manager, which set the annotation `t`, the label and the finalizer `theirs`, an env var `K_SINK`, another
 * interval, and a container `side`. There, the result of {@link keepAsItIs} was applied again: neither `resourceVersion` nor
 * `managedFields` changed.
 */
const observed = JSON.parse(readFileSync('test/metacontroller/server-side-applied.json', 'utf8'))

const labels = { 'knative-eventing-source': 'widget-controller', 'knative-eventing-source-name': 'heartbeat' }

t.test('the fields that Metacontroller applied, without those of others, with their current values', async t => {
  t.strictSame(keepAsItIs(observed), {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'widget-heartbeat',
      labels: { ...labels, 'controller-uid': '7c1d5f0e-2d5b-4f0b-9a35-1f2e3d4c5b6a' },
      annotations: { x: 'y' },
      finalizers: ['example.com/ours']
    },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: 'default',
          securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [{
            name: 'receive-adapter',
            image: 'registry.example/widget-hook:v1',
            command: ['a', 'b'],
            env: [
              { name: 'EVENT_SOURCE', value: 'demo/heartbeat' },
              { name: 'INTERVAL' },
              { name: 'NAMESPACE', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } } },
              { name: 'NAME', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } },
              { name: 'METRICS_DOMAIN', value: 'knative.dev/eventing' }
            ],
            ports: [{ containerPort: 80 }, { containerPort: 80, protocol: 'UDP' }, { containerPort: 81, name: 'x' }],
            resources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '64Mi' } },
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
            volumeMounts: [{ name: 'v', mountPath: '/v' }]
          }],
          tolerations: [{ key: 'a', operator: 'Exists' }],
          topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'a', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { a: 'b' } } }],
          volumes: [{ name: 'v', configMap: { name: 'cm', items: [{ key: 'a', path: 'b' }] } }]
        }
      }
    }
  })
})

t.test('the owners of fields', async t => {
  const { managedFields } = observed.metadata
  const ours = managedFields.find((entry: any) => entry.manager === 'metacontroller')
  const withEntries = (...entries: unknown[]) => appliedFields({ metadata: { managedFields: entries } })
  t.equal(appliedFields(observed), ours.fieldsV1)
  t.equal(withEntries({ ...ours, manager: 'whoever' }), ours.fieldsV1, 'whatever the field manager is called')
  t.equal(withEntries(null, 'x', {}, ours), ours.fieldsV1)
  t.equal(withEntries(), undefined)
  t.equal(withEntries({ ...ours, operation: 'Update' }), undefined, 'dynamic apply')
  t.equal(withEntries({ ...ours, subresource: 'status' }), undefined)
  t.equal(withEntries({ ...ours, fieldsV1: { 'f:metadata': { 'f:labels': {} } } }), undefined, 'no owner references: somebody else')
  for (const metadata of [undefined, null, {}, { managedFields: {} }, { managedFields: null }]) t.equal(appliedFields({ metadata }), undefined)
})

t.test('picking', async t => {
  const table: Array<[string, object, unknown, unknown]> = [
    ['the whole of a leaf', { 'f:a': {} }, { a: { b: [1] }, c: 2 }, { a: { b: [1] } }],
    ['nothing that is gone', { 'f:a': {}, 'f:b': { 'f:c': {} } }, { c: 1 }, {}],
    ['what is there now where it has become another form', { 'f:a': { 'f:b': {} } }, { a: 'text' }, { a: 'text' }],
    ['items by one key', { 'f:l': { 'k:{"name":"b"}': { '.': {}, 'f:name': {} } } }, { l: [{ name: 'a' }, { name: 'b', v: 1 }] }, { l: [{ name: 'b' }] }],
    ['items by two keys', { 'f:l': { 'k:{"p":80,"q":"UDP"}': { 'f:p': {} } } }, { l: [{ p: 80, q: 'TCP' }, { p: 80, q: 'UDP' }, { p: '80', q: 'UDP', v: 1 }] }, { l: [{ p: 80 }] }],
    ['items in the order in which they stand', { 'f:l': { 'k:{"n":1}': {}, 'k:{"n":2}': {} } }, { l: [{ n: 2 }, { n: 3 }, { n: 1 }] }, { l: [{ n: 2 }, { n: 1 }] }],
    ['members of a set', { 'f:s': { 'v:"b"': {}, 'v:1': {} } }, { s: ['a', 'b', 1, '1', null] }, { s: ['b', 1] }],
    ['one item for each key', { 'f:l': { 'k:{"name":"a"}': { 'f:v': {} } }, 'f:s': { 'v:1': {} } }, { l: [{ name: 'a', v: 1 }, { name: 'a', v: 2 }], s: [1, 1] }, { l: [{ v: 1 }], s: [1] }],
    ['the first of several keys that read the same', { 'f:l': { 'k:{"n":1}': { 'f:v': {} }, 'k:{"n":1.0}': {} } }, { l: [{ n: 1, v: 2 }] }, { l: [{ v: 2 }] }],
    ['items by whichever fields they have', { 'f:l': { 'k:{"n":1}': {}, 'k:{"m":1}': {} } }, { l: [{ n: 2 }, { m: 1 }, { n: 1, m: 2 }] }, { l: [{ m: 1 }, { n: 1, m: 2 }] }],
    ['null is a value, an object is none', { 'f:l': { 'k:{"n":null}': {}, 'k:{"n":{"a":1}}': {}, 'k:{"n":[]}': {}, 'k:{"n"': {} } }, { l: [{}, { n: { a: 1 } }, { n: [] }, { n: null }] }, { l: [{ n: null }] }],
    ['no more kinds of keys than lists have', { 'f:l': Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`k:{"n${index}":1}`, {}])) }, { l: [{ n8: 1 }, { n7: 1 }] }, { l: [{ n7: 1 }] }],
    ['no field for the dot', { 'f:a': { '.': {}, 'f:b': {} } }, { a: { '': 1, b: 2, c: 3 } }, { a: { b: 2 } }],
    ['keys of odd names', { 'f:f:a': {}, 'f:a.b/c': {}, 'f:': {} }, { 'f:a': 1, 'a.b/c': 2, '': 3, a: 4 }, { 'f:a': 1, 'a.b/c': 2, '': 3 }]
  ]
  for (const [name, fields, value, expected] of table) t.strictSame(pickFields(fields as Record<string, unknown>, value), expected, name)
})

t.test('names of inherited properties are only names', async t => {
  t.strictSame(pickFields({ 'f:constructor': {}, 'f:__proto__': {}, 'f:toString': {} }, {}), {})
  const own = JSON.parse('{"__proto__": {"a": 1, "b": 2}, "constructor": 1}')
  const picked = pickFields({ 'f:__proto__': { 'f:a': {} }, 'f:constructor': {} }, own)
  t.equal(JSON.stringify(picked), '{"__proto__":{"a":1},"constructor":1}')
  t.notOk('a' in {})
})
