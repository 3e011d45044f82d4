import type { Service } from 'kubernetes-types/core/v1.js'
import type { KubernetesObject } from '../kubernetes/object.js'
import type { ReceiveAdapter } from './receive-adapter.js'

/** The port that the adapter listens on, unless its environment says another one. */
export const receiverPort = 8080

/**
 * The name of an adapter's Service: the adapter's, without the dots that only a Service's name must not have.
 * https://kubernetes.io/docs/concepts/services-networking/service/#defining-a-service
 *
 * @param receiveAdapterName of the Deployment
 */
export function serviceName (receiveAdapterName: string): string {
  return receiveAdapterName.replaceAll('.', '-')
}

/**
 * Makes the Service by which a receive adapter is called.
 *
 * @param receiveAdapter the Deployment that it is for
 */
export function makeService ({ metadata: { name, namespace, labels } }: ReceiveAdapter, selector: Record<string, string>): Service & KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: serviceName(name), namespace, ...(labels !== undefined && { labels }) },
    spec: {
      selector,
      ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: receiverPort }]
    }
  }
}
