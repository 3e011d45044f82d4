import t from 'tap'
import { customize } from '../../src/samplesource/customize.js'
import { makeRequest, system } from './source.js'

const { parent } = makeRequest()
const v2 = { spec: { hooks: { customize: { version: 'v2' } } } }
const configMaps = { apiVersion: 'v1', resource: 'configmaps', namespace: 'knative-samples', names: ['config-logging', 'config-observability'] }
const deployment = { apiVersion: 'apps/v1', resource: 'deployments', namespace: 'knative-samples', names: ['samplesource-hook'] }

t.test('the ConfigMaps and the hook\'s own Deployment concern every source', async t => {
  t.same(customize({ controller: v2, parent }, system), { relatedResources: [configMaps, deployment] })
  t.same(customize({ controller: v2, parent }, { ...system, hookDeployment: undefined }), { relatedResources: [configMaps] })
})

t.test('version v1 may look into the namespace of the source only', async t => {
  t.same(customize({ parent }, system), { relatedResources: [] })
  const inSystem = makeRequest({ metadata: { namespace: 'knative-samples' } }).parent
  t.same(customize({ parent: inSystem }, system), { relatedResources: [configMaps, deployment] })
})

t.test('a hook that does not know its namespace asks for nothing', async t => {
  t.same(customize({ controller: v2, parent }, undefined), { relatedResources: [] })
})
