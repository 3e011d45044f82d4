import { valueAt } from '../../src/kubernetes/object.js'
import type { KubeObject, Resource } from './resource.js'
import { always, anything, integer, objectMeta, struct, text } from './schema.js'
import { storedForm } from './typed-kind.js'

const schema = struct({
  apiVersion: text,
  kind: text,
  metadata: objectMeta,
  involvedObject: always({ kind: text, namespace: text, name: text, uid: text, apiVersion: text, resourceVersion: text, fieldPath: text }),
  reason: text,
  message: text,
  source: always({ component: text, host: text }),
  firstTimestamp: anything,
  lastTimestamp: anything,
  count: integer,
  type: text,
  eventTime: anything,
  series: anything,
  action: text,
  related: anything,
  reportingComponent: text,
  reportingInstance: text
})

/** Fields that Go writes for an Event even if they are empty. */
const empty = {
  metadata: {},
  involvedObject: {},
  source: {},
  firstTimestamp: null,
  lastTimestamp: null,
  eventTime: null,
  reportingComponent: '',
  reportingInstance: ''
}

/**
 * Events as the real API server stores them. The real one drops each after an hour; here, a test must delete it.
 * https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/
 */
export const events: Resource = {
  apiVersion: 'v1',
  kind: 'Event',
  plural: 'events',
  namespaced: true,
  schema,
  empty,
  hasGeneration: false,
  hasStatus: false,
  statusKeeps: [],
  statusResets: [],
  unconditionalUpdate: true,
  read: object => ({ ...empty, ...storedForm(object, schema) as KubeObject }),
  validate,
  isNewGeneration: () => false
}

/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/validation/events.go, as far as it concerns v1 */
function validate (event: KubeObject): string[] {
  const namespace = valueAt(event, 'involvedObject', 'namespace')
  return namespace === event.metadata.namespace ? [] : [`involvedObject.namespace: Invalid value: "${namespace}": does not match event.namespace`]
}
