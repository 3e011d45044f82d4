import type { Container, PodSpec } from 'kubernetes-types/core/v1.js'

const allowedVolumes = ['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'persistentVolumeClaim', 'projected', 'secret']

/**
 * Finds the violations of the restricted Pod Security Standard in a pod.
 * https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
 */
export function restrictedViolations (pod: PodSpec): string[] {
  return [
    ...(['hostNetwork', 'hostPID', 'hostIPC'] as const).filter(field => pod[field] === true),
    ...(pod.volumes ?? []).filter(volume => !allowedVolumes.some(type => type in volume)).map(({ name }) => `volume ${name}`),
    ...[...pod.containers, ...(pod.initContainers ?? [])].flatMap(container => containerViolations(container, pod))
  ]
}

function containerViolations ({ name, ports = [], securityContext = {} }: Container, pod: PodSpec): string[] {
  const { privileged, allowPrivilegeEscalation, capabilities, procMount } = securityContext
  const { runAsNonRoot, runAsUser, seccompProfile } = { ...pod.securityContext, ...securityContext }
  const rules = {
    privileged: privileged !== true,
    allowPrivilegeEscalation: allowPrivilegeEscalation === false,
    'capabilities.drop': capabilities?.drop?.includes('ALL') === true,
    'capabilities.add': (capabilities?.add ?? []).every(capability => capability === 'NET_BIND_SERVICE'),
    procMount: (procMount ?? 'Default') === 'Default',
    hostPort: ports.every(({ hostPort }) => hostPort === undefined),
    runAsNonRoot: runAsNonRoot === true,
    runAsUser: runAsUser !== 0,
    seccompProfile: ['RuntimeDefault', 'Localhost'].includes(seccompProfile?.type ?? '')
  }
  return Object.entries(rules).filter(([, kept]) => !kept).map(([rule]) => `${name}: ${rule}`)
}
