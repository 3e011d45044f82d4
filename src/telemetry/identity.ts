import { resourceFromAttributes, type Resource } from '@opentelemetry/resources'
import { ATTR_SERVICE_INSTANCE_ID, ATTR_SERVICE_NAME } from '@opentelemetry/semantic-conventions'

/** Who tells. */
export interface Identity {
  /** Its name among all services. */
  service: string
  /** Of its pod; empty when it is not known. */
  namespace: string
  /** Of its pod; empty when it is not known. */
  pod: string
}

/** The same, as OpenTelemetry tells it. https://opentelemetry.io/docs/specs/semconv/resource/k8s/ */
export function makeResource ({ service, namespace, pod }: Identity): Resource {
  return resourceFromAttributes({
    [ATTR_SERVICE_NAME]: service,
    ...(namespace !== '' && { 'k8s.namespace.name': namespace }),
    ...(pod !== '' && { 'k8s.pod.name': pod, [ATTR_SERVICE_INSTANCE_ID]: `${namespace}/${pod}` })
  })
}
