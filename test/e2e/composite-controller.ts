import type { KubeObject } from './kube-object.js'

/** Whether the hook uses TLS: the component `tls` configures that. */
export function speaksTls (compositeController: KubeObject): boolean {
  return webhooksOf(compositeController).some(webhook => webhook.service?.protocol === 'https')
}

/**
 * The CompositeController with hooks outside the cluster, at the same paths. The credentials that Metacontroller sends
 * and the CA that it trusts are configured per host.
 *
 * @param hookUrl at which Metacontroller reaches the hook; https if the Service uses it
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
