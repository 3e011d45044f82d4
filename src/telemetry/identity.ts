import { resourceFromAttributes, type Resource } from '@opentelemetry/resources'
import { ATTR_SERVICE_INSTANCE_ID, ATTR_SERVICE_NAME } from '@opentelemetry/semantic-conventions'

/** Who sends the telemetry. */
export interface Identity {
  /** The name of the service. */
  service: string
  /** Namespace of the pod; empty when it is not known. */
  namespace: string
  /** Name of the pod; empty when it is not known. */
  pod: string
}

/** The identity as an OpenTelemetry resource. https://opentelemetry.io/docs/specs/semconv/resource/k8s/ */
export function makeResource ({ service, namespace, pod }: Identity): Resource {
  return resourceFromAttributes({
    [ATTR_SERVICE_NAME]: service,
    ...(namespace !== '' && { 'k8s.namespace.name': namespace }),
    ...(pod !== '' && { 'k8s.pod.name': pod, [ATTR_SERVICE_INSTANCE_ID]: `${namespace}/${pod}` })
  })
}
