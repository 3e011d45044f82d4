import type { EnvVar } from 'kubernetes-types/core/v1.js'
import t from 'tap'
import { environmentOf } from './pod-environment.js'

const deployment = { metadata: { name: 'adapter', namespace: 'demo' } }
const environment = (env: EnvVar[]) => environmentOf({ name: 'any', env }, deployment)

t.test('references are replaced as the kubelet does', async t => {
  const before = [{ name: 'A', value: 'x' }, { name: 'NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }, { name: 'NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } }]
  const table: Array<[string, string]> = [
    ['$(A)', 'x'],
    ['$$(A)', '$(A)'],
    ['$$$(A)', '$x'],
    ['$$$$(A)', '$$(A)'],
    ['$(LATER) $(B) $A $', '$(LATER) $(B) $A $'],
    ['$(A', '$(A'],
    ['$(NAME)/$(NAMESPACE)', 'adapter-pod/demo']
  ]
  for (const [value, expected] of table) t.equal(environment([...before, { name: 'B', value }, { name: 'LATER', value: 'y' }])['B'], expected, value)
  t.same(environment([{ name: 'A' }]), { A: '' })
})

t.test('environments that Linux refuses', async t => {
  t.throws(() => environment([{ name: 'A', value: 'a\0' }]), /contains nul byte/)
  t.throws(() => environment([{ name: 'A', value: 'x'.repeat(131_070) }]), /argument list too long: A/)
  t.equal(environment([{ name: 'A', value: 'x'.repeat(131_069) }])['A']?.length, 131_069)
})

t.test('a pod gets links to the Services of its namespace, unless they are disabled', async t => {
  const services = [{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'my-metrics' } }]
  const links = { MY_METRICS_SERVICE_HOST: '10.0.0.1', MY_METRICS_SERVICE_PORT: '80', MY_METRICS_PORT: 'tcp://10.0.0.1:80' }
  t.same(environmentOf({ name: 'any', env: [{ name: 'MY_METRICS_SERVICE_PORT', value: '81' }] }, deployment, services), { ...links, MY_METRICS_SERVICE_PORT: '81' })
  const spec = (enableServiceLinks?: boolean) => ({ ...deployment, spec: { template: { spec: { enableServiceLinks } } } })
  t.same(environmentOf({ name: 'any' }, spec(), services), links)
  t.same(environmentOf({ name: 'any' }, spec(false), services), {})
})
