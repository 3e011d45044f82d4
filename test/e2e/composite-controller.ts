import type { KubeObject } from './kube-object.js'

/** Tells whether the hook speaks TLS: the component `tls` asks for that. */
export function speaksTls (compositeController: KubeObject): boolean {
  return webhooksOf(compositeController).some(webhook => webhook.service?.protocol === 'https')
}

/**
 * The CompositeController that calls each hook outside the cluster, at the same path. What Metacontroller shows there,
 * and knows the hook by, goes with the host.
 *
 * @param hookUrl where Metacontroller reaches the hook; https if the Service is
 */
export function pointedOutside (compositeController: KubeObject, hookUrl: URL): KubeObject {
  const pointed = structuredClone(compositeController)
  const url = new URL(hookUrl)
  url.protocol = speaksTls(compositeController) ? 'https' : 'http'
  for (const webhook of webhooksOf(pointed)) {
    webhook.url = new URL(webhook.path, url).href
    delete webhook.service
    delete webhook.path
  }
  for (const endpoint of pointed.spec.endpointConfigs ?? []) endpoint.host = url.host
  return pointed
}

/** The names of the Secrets that Metacontroller reads. */
export function secretsOf (compositeController: KubeObject): string[] {
  return (compositeController.spec.endpointConfigs ?? [])
    .flatMap((endpoint: Record<string, any>) => Object.values(endpoint))
    .flatMap((setting: { secretRef?: { name: string } }) => setting.secretRef?.name ?? [])
}

function webhooksOf ({ spec: { hooks } }: KubeObject): any[] {
  return Object.values(hooks as Record<string, { webhook: object }>).map(({ webhook }) => webhook)
}
