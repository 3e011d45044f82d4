import t from 'tap'
import { customize, hookDeploymentOf, systemObjects } from '../../src/source/system-objects.js'
import { readRequest } from '../widget/widget.js'

const { parent } = readRequest('create')
const system = { namespace: 'system', loggingConfigMap: 'logging', observabilityConfigMap: 'observability', hookDeployment: 'hook' }
const v2 = { spec: { hooks: { customize: { version: 'v2' } } } }
const configMaps = { apiVersion: 'v1', resource: 'configmaps', namespace: 'system', names: ['logging', 'observability'] }
const deployment = { apiVersion: 'apps/v1', resource: 'deployments', namespace: 'system', names: ['hook'] }

t.test('the ConfigMaps and the hook\'s own Deployment concern every source', async t => {
  t.same(customize({ controller: v2, parent }, system), { relatedResources: [configMaps, deployment] })
  t.same(customize({ controller: v2, parent }, { ...system, hookDeployment: undefined }), { relatedResources: [configMaps] })
})

t.test('version v1 sees only the namespace of the source', async t => {
  t.same(customize({ parent }, system), { relatedResources: [] })
  const inSystem = { ...parent, metadata: { ...parent.metadata, namespace: 'system' } }
  t.same(customize({ parent: inSystem }, system), { relatedResources: [configMaps, deployment] })
})

t.test('their names come from the environment', async t => {
  const environment = { SYSTEM_NAMESPACE: 'system', CONFIG_LOGGING_NAME: 'logging', CONFIG_OBSERVABILITY_NAME: 'observability', HOOK_DEPLOYMENT_NAME: 'hook' }
  t.same(systemObjects(environment), system)
  t.same(systemObjects({ ...environment, SYSTEM_NAMESPACE: '' }), undefined)
  t.same(hookDeploymentOf(system), { namespace: 'system', name: 'hook' })
  t.same(hookDeploymentOf(systemObjects({ ...environment, HOOK_DEPLOYMENT_NAME: '' })), undefined)
  t.same(hookDeploymentOf(undefined), undefined)
})

t.test('a hook that does not know its namespace asks for nothing', async t => {
  t.same(customize({ controller: v2, parent }, undefined), { relatedResources: [] })
})
