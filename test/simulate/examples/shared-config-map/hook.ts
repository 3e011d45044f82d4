import type { FakeCall } from '../../../harness/fake-hook.js'

/**
 * Copies a ConfigMap into all namespaces with a label. Modelled on the example `globalconfigmap` of Metacontroller:
 * https://github.com/metacontroller/metacontroller/tree/master/examples/globalconfigmap
 */
export function sharedConfigMapHook ({ path, body: { parent, related } }: FakeCall): object {
  const { name, namespace } = parent.spec
  if (path === '/customize') {
    return {
      relatedResources: [
        { apiVersion: 'v1', resource: 'configmaps', namespace, names: [name] },
        { apiVersion: 'v1', resource: 'namespaces', labelSelector: { matchLabels: { shared: 'true' } } }
      ]
    }
  }
  const original = related['ConfigMap.v1'][`${namespace}/${name}`]
  const namespaces = Object.keys(related['Namespace.v1']).filter(other => original !== undefined && other !== namespace)
  return {
    status: { copies: namespaces.length },
    children: namespaces.map(namespace => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data: original.data }))
  }
}
