import type { Container, EnvVar } from 'kubernetes-types/core/v1.js'
import type { Manifest, Reference } from './resource.js'

/** The longest string in the environment of a process, including its NUL: MAX_ARG_STRLEN of Linux. */
const longestString = 128 * 1024

/**
 * The environment of a container of a Deployment, as the kubelet makes it from the pod template.
 * https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/kubelet_pods.go (makeEnvironmentVariables)
 *
 * @param services the Services of its namespace
 * @throws Error if the container cannot start with it
 */
export function environmentOf ({ env = [] }: Container, deployment: Pick<Manifest, 'metadata' | 'spec'>, services: Reference[] = []): Record<string, string> {
  const environment = deployment.spec?.template.spec.enableServiceLinks === false ? {} : serviceLinks(services)
  for (const variable of env) environment[variable.name] = valueOf(variable, environment, deployment)
  for (const [name, value] of Object.entries(environment)) {
    if (value.includes('\0')) throw new Error(`invalid environment variable ${name}: contains nul byte`)
    if (Buffer.byteLength(`${name}=${value}\0`) > longestString) throw new Error(`exec: argument list too long: ${name}`)
  }
  return environment
}

/** https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables */
function serviceLinks (services: Reference[]): Record<string, string> {
  return Object.fromEntries(services.flatMap(({ metadata: { name } }) => {
    const prefix = name.toUpperCase().replaceAll('-', '_')
    return [[`${prefix}_SERVICE_HOST`, '10.0.0.1'], [`${prefix}_SERVICE_PORT`, '80'], [`${prefix}_PORT`, 'tcp://10.0.0.1:80']]
  }))
}

function valueOf ({ value = '', valueFrom }: EnvVar, before: Record<string, string>, { metadata }: Pick<Manifest, 'metadata'>): string {
  const field = valueFrom?.fieldRef?.fieldPath
  if (field === 'metadata.namespace') return metadata.namespace ?? ''
  if (field === 'metadata.name') return `${metadata.name}-pod`
  return expand(value, before)
}

/**
 * Replaces references, `$(NAME)`, to earlier variables. Other references stay, and `$$` is a dollar sign.
 * https://github.com/kubernetes/kubernetes/blob/master/third_party/forked/golang/expansion/expand.go
 */
function expand (text: string, variables: Record<string, string>): string {
  return text.replace(/\$(\$|\(([^)]*)\))/g, (reference, _, name?: string) => {
    if (name === undefined) return '$'
    return Object.hasOwn(variables, name) ? variables[name] as string : reference
  })
}
