import fc from 'fast-check'
import t from 'tap'
import { overrideResources, parseResources, validateResources } from '../../src/kubernetes/resources.js'

t.test('resources over others', async t => {
  const defaults = { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '128Mi', 'ephemeral-storage': '1Gi' } }
  t.same(overrideResources(defaults), defaults)
  t.same(overrideResources(defaults, {}), defaults)
  t.same(overrideResources({}, { limits: { cpu: 1 } }), { requests: {}, limits: { cpu: 1 } })
  t.same(overrideResources(defaults, { requests: { memory: '1Gi' } }), { requests: { cpu: '10m', memory: '1Gi' }, limits: { 'ephemeral-storage': '1Gi' } })
  t.same(overrideResources(defaults, { limits: { memory: '32Mi', cpu: '1' } }), { requests: {}, limits: { memory: '32Mi', cpu: '1', 'ephemeral-storage': '1Gi' } })
})

t.test('two valid resources merge to a valid one', async t => {
  const list = fc.record({ cpu: fc.nat(3), memory: fc.nat(3), 'ephemeral-storage': fc.nat(3) }, { requiredKeys: [] })
  const resources = fc.record({ requests: list, limits: list }, { requiredKeys: [] }).filter(resources => validateResources(resources).length === 0)
  fc.assert(fc.property(resources, resources, (defaults, own) => {
    const { requests, limits } = overrideResources(defaults, own)
    return validateResources({ requests, limits }).length === 0 &&
      Object.entries(own.requests ?? {}).every(([name, amount]) => requests?.[name as 'cpu'] === amount) &&
      Object.entries(own.limits ?? {}).every(([name, amount]) => limits?.[name as 'cpu'] === amount)
  }))
})

t.test('resources as JSON', async t => {
  const read = (text: string) => {
    const mistakes: string[] = []
    return [parseResources(text, 'X', mistakes), mistakes]
  }
  t.same(read('{"requests":{"cpu":1,"memory":"64Mi"}}'), [{ requests: { cpu: 1, memory: '64Mi' } }, []])
  t.same(read('{}'), [{}, []])
  for (const text of ['', '[]', 'null', '{"a"']) t.same(read(text), [undefined, [`X: expected a JSON object such as {"requests":{"memory":"64Mi"}}, got ${JSON.stringify(text)}`]])
  t.same(read('{"requests":{"gpu":1,"cpu":true},"limit":{}}')[1], [
    'X.limit: unexpected property, got an object',
    'X.requests.gpu: unexpected property, got 1',
    'X.requests.cpu: expected an integer or a string, got true'
  ])
})
