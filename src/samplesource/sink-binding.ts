import { escapeReferences, type EnvValue } from '../kubernetes/env-vars.js'
import type { KubernetesObject } from '../kubernetes/object.js'
import { withDefaults, type Destination } from '../knative/destination.js'
import type { ReceiveAdapter } from './receive-adapter.js'
import type { SampleSourceSpec } from './schema.js'

/** A sink from which Knative makes env vars: `K_SINK` and `K_CA_CERTS`. */
type InjectedDestination = Omit<Destination, 'uri' | 'CACerts'> & { uri?: EnvValue, CACerts?: EnvValue }

/**
 * A SinkBinding, with the fields that we use.
 * https://knative.dev/docs/eventing/custom-event-source/sinkbinding/reference/
 */
export interface SinkBinding extends KubernetesObject {
  spec: {
    sink: InjectedDestination
    ceOverrides?: { extensions: Record<string, EnvValue> }
    subject: { apiVersion: string, kind: string, namespace: string, name: string }
  }
}

/**
 * Makes the SinkBinding that injects the sink's address into a receive adapter. It has the adapter's name, which is
 * unique.
 *
 * @param spec of the source; it must be valid
 * @param receiveAdapter the Deployment to inject into
 */
export function makeSinkBinding ({ sink, ceOverrides }: SampleSourceSpec, receiveAdapter: ReceiveAdapter): SinkBinding {
  const { apiVersion, kind, metadata: { name, namespace, labels } } = receiveAdapter
  const extensions = ceOverrides?.extensions ?? {}
  return {
    apiVersion: 'sources.knative.dev/v1',
    kind: 'SinkBinding',
    metadata: { name, namespace, ...(labels !== undefined && { labels }) },
    spec: {
      sink: inject(withDefaults(sink, namespace)),
      ...(Object.keys(extensions).length > 0 && { ceOverrides: { extensions: injectAll(extensions) } }),
      subject: { apiVersion, kind, namespace, name }
    }
  }
}

/** Knative copies these texts from the SinkBinding into env vars as they are. */
function inject ({ uri, CACerts, ...rest }: Destination): InjectedDestination {
  return {
    ...rest,
    ...(uri !== undefined && { uri: escapeReferences(uri) }),
    ...(CACerts !== undefined && { CACerts: escapeReferences(CACerts) })
  }
}

function injectAll (texts: Record<string, string>): Record<string, EnvValue> {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, escapeReferences(text)]))
}
