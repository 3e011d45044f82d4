import type { KubernetesObject } from '../kubernetes/object.js'
import { withDefaults, type Destination } from '../knative/destination.js'
import type { ReceiveAdapter } from './receive-adapter.js'
import type { SampleSourceSpec } from './schema.js'

/**
 * A SinkBinding, as far as we use it.
 * https://knative.dev/docs/eventing/custom-event-source/sinkbinding/reference/
 */
export interface SinkBinding extends KubernetesObject {
  spec: {
    sink: Destination
    ceOverrides?: { extensions: Record<string, string> }
    subject: { apiVersion: string, kind: string, namespace: string, name: string }
  }
}

/**
 * Makes the SinkBinding that puts the sink's address into a receive adapter. It is named after the adapter, whose name
 * nobody else's object has.
 *
 * @param spec of the source, a valid one
 * @param receiveAdapter the Deployment that it is for
 */
export function makeSinkBinding ({ sink, ceOverrides }: SampleSourceSpec, receiveAdapter: ReceiveAdapter): SinkBinding {
  const { apiVersion, kind, metadata: { name, namespace, labels } } = receiveAdapter
  const extensions = ceOverrides?.extensions ?? {}
  return {
    apiVersion: 'sources.knative.dev/v1',
    kind: 'SinkBinding',
    metadata: { name, namespace, ...(labels !== undefined && { labels }) },
    spec: {
      sink: withDefaults(sink, namespace),
      ...(Object.keys(extensions).length > 0 && { ceOverrides: { extensions } }),
      subject: { apiVersion, kind, namespace, name }
    }
  }
}
