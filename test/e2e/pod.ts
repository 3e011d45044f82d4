import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { KubeObject } from './kube-object.js'

/** The data of a Secret, by key. */
export type SecretData = Record<string, string>

/** The names of the Secrets that the pods of a Deployment mount. */
export function mountedSecrets (deployment: KubeObject): string[] {
  return volumesOf(deployment).flatMap(({ secret }) => secret?.secretName ?? [])
}

/**
 * Does for a process on this machine what the kubelet does for the container of a pod: writes the mounted Secrets
 * to a folder, and makes an env whose paths lead there.
 *
 * @param deployment with one container
 * @param folder where to write them
 * @param secrets their data, by name
 * @throws Error if a Secret is missing
 */
export async function runOutside (deployment: KubeObject, folder: string, secrets: Record<string, SecretData>): Promise<Record<string, string>> {
  const { env = [], volumeMounts = [] } = deployment.spec.template.spec.containers[0]
  const paths = new Map<string, string>()
  for (const { name, mountPath } of volumeMounts) {
    const secret = volumesOf(deployment).find(volume => volume.name === name)?.secret
    const data = secret && secrets[secret.secretName]
    if (secret === undefined || data === undefined) throw new Error(`unknown source of volume ${name}`)
    paths.set(mountPath, await mount(join(folder, name), secret, data))
  }
  const outside = (value: string) => [...paths].reduce((path, [from, to]) => path.replace(`${from}/`, `${to}/`), value)
  return Object.fromEntries(env.map((variable: EnvVar) => [variable.name, outside(valueOf(variable, deployment))]))
}

interface EnvVar { name: string, value?: string, valueFrom?: { fieldRef?: { fieldPath: string } } }

function valueOf ({ name, value, valueFrom }: EnvVar, { metadata }: KubeObject): string {
  if (valueFrom === undefined) return value ?? ''
  if (valueFrom.fieldRef?.fieldPath === 'metadata.namespace') return metadata.namespace ?? ''
  throw new Error(`unknown source of env var ${name}`)
}

async function mount (folder: string, { items }: SecretVolume, data: SecretData): Promise<string> {
  await mkdir(folder, { recursive: true })
  for (const { key, path } of items ?? Object.keys(data).map(key => ({ key, path: key }))) {
    await writeFile(join(folder, path), data[key] ?? '', { mode: 0o600 })
  }
  return folder
}

interface SecretVolume { secretName: string, items?: Array<{ key: string, path: string }> }

function volumesOf (deployment: KubeObject): Array<{ name: string, secret?: SecretVolume }> {
  return deployment.spec.template.spec.volumes ?? []
}
