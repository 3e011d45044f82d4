import { readFixture } from '../fixtures.js'

const { request: ready } = readFixture('ready')
const { request: create } = readFixture('create')

/** A source that is ready, and a new one: each answer to that logs two lines. */
export const bodies = { ready: JSON.stringify(ready), create: JSON.stringify(create), '1 MiB': enlarged(1) }

/** The ready source with enough related ConfigMaps for a request of a given size, in MiB. */
export function enlarged (mebibytes: number): string {
  const configMap = (index: number) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `config-${index}`, namespace: 'demo', labels: { app: 'demo' } },
    data: { 'config.yaml': 'key: value\n'.repeat(60), index: String(index) }
  })
  const room = mebibytes * 1024 * 1024 - JSON.stringify({ ...ready, related: { 'ConfigMap.v1': {} } }).length
  const entry = (index: number): [string, object] => [`demo/config-${index}`, configMap(index)]
  const count = Math.floor(room / (JSON.stringify(Object.fromEntries([entry(99_999)])).length - 1))
  return JSON.stringify({ ...ready, related: { 'ConfigMap.v1': Object.fromEntries(Array.from({ length: count }, (_, index) => entry(index))) } })
}
