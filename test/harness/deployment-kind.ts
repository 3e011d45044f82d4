import { under } from '../../src/kubernetes/field-error.js'
import { isDnsLabel } from '../../src/kubernetes/names.js'
import { validateObjectMeta } from '../../src/kubernetes/object-meta.js'
import { arrayAt, isObject, stringAt, valueAt, type JsonObject } from '../../src/kubernetes/object.js'
import { parseQuantity } from '../../src/kubernetes/quantity.js'
import { deploymentSchema, emptyDeployment } from './deployment-schema.js'
import { equal } from './json.js'
import type { KubeObject, Resource } from './resource.js'
import { storedForm } from './typed-kind.js'

/** Deployments as the real API server stores them. */
export const deployments: Resource = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  plural: 'deployments',
  namespaced: true,
  schema: deploymentSchema,
  empty: emptyDeployment,
  hasGeneration: true,
  hasStatus: true,
  // A status write can also change the metadata except for labels: the real controller sets an annotation that way.
  statusKeeps: [['spec'], ['metadata', 'labels']],
  statusResets: [['spec'], ['metadata', 'labels']],
  unconditionalUpdate: true,
  read: object => withDefaults(storedForm(object, deploymentSchema) as KubeObject),
  validate,
  // The controller copies annotations to the ReplicaSets, so their changes raise the generation.
  isNewGeneration: (object, old) =>
    !equal(object.spec, old.spec) || !equal(object.metadata.annotations, old.metadata.annotations)
}

/** Sets a field if it is absent. */
function fill (target: unknown, defaults: JsonObject): void {
  if (!isObject(target)) return
  for (const [name, value] of Object.entries(defaults)) target[name] ??= value
}

/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/apps/v1/defaults.go and its like of core */
function withDefaults (deployment: KubeObject): KubeObject {
  const spec = deployment.spec as JsonObject
  fill(spec, { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 })
  const strategy = spec['strategy'] as JsonObject
  fill(strategy, { type: 'RollingUpdate' })
  if (strategy['type'] === 'RollingUpdate') {
    fill(strategy, { rollingUpdate: {} })
    fill(strategy['rollingUpdate'], { maxUnavailable: '25%', maxSurge: '25%' })
  }

  const pod = valueAt(spec, 'template', 'spec') as JsonObject
  fill(pod, {
    restartPolicy: 'Always',
    dnsPolicy: 'ClusterFirst',
    schedulerName: 'default-scheduler',
    terminationGracePeriodSeconds: 30,
    securityContext: {}
  })
  // The old name of the field; both always have the same value.
  if (pod['serviceAccountName'] !== undefined || pod['serviceAccount'] !== undefined) {
    const name = pod['serviceAccountName'] ?? pod['serviceAccount']
    Object.assign(pod, { serviceAccountName: name, serviceAccount: name })
  }
  for (const container of [...arrayAt(pod, 'containers'), ...arrayAt(pod, 'initContainers')]) fillContainer(container as JsonObject)
  for (const volume of arrayAt(pod, 'volumes')) fillVolume(volume as JsonObject)
  return deployment
}

function fillContainer (container: JsonObject): void {
  const image = stringAt(container, 'image') ?? ''
  fill(container, {
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: isLatest(image) ? 'Always' : 'IfNotPresent'
  })
  for (const port of arrayAt(container, 'ports')) fill(port, { protocol: 'TCP' })
  for (const variable of arrayAt(container, 'env')) fill(valueAt(variable, 'valueFrom', 'fieldRef'), { apiVersion: 'v1' })
  for (const name of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    fill(container[name], { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 })
    fill(valueAt(container, name, 'httpGet'), { path: '/', scheme: 'HTTP' })
  }
}

/** An image without a tag and digest means `latest`. */
function isLatest (image: string): boolean {
  if (image.includes('@')) return false
  const tag = /:([^:/]+)$/.exec(image)?.[1] ?? 'latest'
  return tag === 'latest'
}

function fillVolume (volume: JsonObject): void {
  if (Object.keys(volume).length === 1) volume['emptyDir'] = {}
  for (const source of ['secret', 'configMap', 'downwardAPI', 'projected']) fill(volume[source], { defaultMode: 420 })
  const items = [...arrayAt(volume, 'downwardAPI', 'items'), ...arrayAt(volume, 'projected', 'sources').flatMap(source => arrayAt(source, 'downwardAPI', 'items'))]
  for (const item of items) fill(valueAt(item, 'fieldRef'), { apiVersion: 'v1' })
  for (const source of arrayAt(volume, 'projected', 'sources')) fill(valueAt(source, 'serviceAccountToken'), { expirationSeconds: 3600 })
}

/** The checks that a Deployment of this project, or a person's change of it, could fail. */
function validate (deployment: KubeObject, old?: KubeObject): string[] {
  const problems: string[] = []
  const selector = valueAt(deployment, 'spec', 'selector')
  const labels = valueAt(deployment, 'spec', 'template', 'metadata', 'labels')
  if (!isObject(selector)) problems.push('spec.selector: Required value')
  const wanted = Object.entries(valueAt(selector, 'matchLabels') ?? {})
  if (!wanted.every(([key, value]) => valueAt(labels, key) === value)) {
    problems.push(`spec.template.metadata.labels: Invalid value: ${JSON.stringify(labels ?? null)}: \`selector\` does not match template \`labels\``)
  }
  if (old !== undefined && !equal(selector, valueAt(old, 'spec', 'selector'))) {
    problems.push(`spec.selector: Invalid value: ${JSON.stringify(selector ?? null)}: field is immutable`)
  }
  const [minReady, deadline] = [valueAt(deployment, 'spec', 'minReadySeconds') ?? 0, valueAt(deployment, 'spec', 'progressDeadlineSeconds')]
  if (Number(deadline) <= Number(minReady)) problems.push(`spec.progressDeadlineSeconds: Invalid value: ${String(deadline)}: must be greater than minReadySeconds`)
  problems.push(...validateSeccompProfile('spec.template.spec.securityContext.seccompProfile', valueAt(deployment, 'spec', 'template', 'spec', 'securityContext', 'seccompProfile')))
  const containers = arrayAt(deployment, 'spec', 'template', 'spec', 'containers')
  if (containers.length === 0) problems.push('spec.template.spec.containers: Required value')
  problems.push(...validateTemplate(valueAt(deployment, 'spec', 'template')))
  const replicas = valueAt(deployment, 'spec', 'replicas')
  if (Number(replicas) < 0) problems.push(`spec.replicas: Invalid value: ${String(replicas)}: must be greater than or equal to 0`)
  for (const [index, container] of containers.entries()) {
    const path = `spec.template.spec.containers[${index}]`
    if (stringAt(container, 'name') === undefined) problems.push(`${path}.name: Required value`)
    if (stringAt(container, 'image') === undefined) problems.push(`${path}.image: Required value`)
    problems.push(...validateContainer(path, container))
    for (const [position, variable] of arrayAt(container, 'env').entries()) {
      problems.push(...validateEnvVar(`${path}.env[${position}]`, variable))
    }
    problems.push(...validateSecurityContext(`${path}.securityContext`, valueAt(container, 'securityContext')))
    for (const [resource, request] of Object.entries(valueAt(container, 'resources', 'requests') ?? {})) {
      const limit = valueAt(container, 'resources', 'limits', resource)
      if (typeof limit === 'string' && (parseQuantity(String(request))?.nano ?? 0n) > (parseQuantity(limit)?.nano ?? 0n)) {
        problems.push(`${path}.resources.requests: Invalid value: "${request}": must be less than or equal to ${resource} limit of ${limit}`)
      }
    }
  }
  return problems
}

/** A few of the rules of `ValidatePodTemplateSpec`: those that a hook is most likely to break. */
function validateTemplate (template: unknown): string[] {
  const metadata = valueAt(template, 'metadata')
  const restartPolicy = valueAt(template, 'spec', 'restartPolicy')
  return [
    ...under('spec.template.metadata', validateObjectMeta(isObject(metadata) ? metadata : {})).map(({ path, message }) => `${path}: ${message}`),
    ...(restartPolicy === 'Always' ? [] : [`spec.template.spec.restartPolicy: Unsupported value: ${JSON.stringify(restartPolicy)}: supported values: "Always"`]),
    ...['containers', 'volumes'].flatMap(list => duplicates(arrayAt(template, 'spec', list).map(item => stringAt(item, 'name')))
      .map(([index, name]) => `spec.template.spec.${list}[${index}].name: Duplicate value: ${JSON.stringify(name)}`)),
    ...arrayAt(template, 'spec', 'containers').flatMap((container, index) => unknownVolumes(container, arrayAt(template, 'spec', 'volumes'))
      .map(([position, name]) => `spec.template.spec.containers[${index}].volumeMounts[${position}].name: Not found: ${JSON.stringify(name)}`))
  ]
}

function duplicates (names: Array<string | undefined>): Array<[index: number, name: string]> {
  return names.flatMap((name, index): Array<[number, string]> => name !== undefined && names.indexOf(name) < index ? [[index, name]] : [])
}

function unknownVolumes (container: unknown, volumes: unknown[]): Array<[index: number, name: unknown]> {
  const known = volumes.map(volume => valueAt(volume, 'name'))
  return arrayAt(container, 'volumeMounts').flatMap((mount, index): Array<[number, unknown]> => known.includes(valueAt(mount, 'name')) ? [] : [[index, valueAt(mount, 'name')]])
}

function validateContainer (path: string, container: unknown): string[] {
  const name = stringAt(container, 'name')
  const policy = valueAt(container, 'imagePullPolicy')
  return [
    ...(name === undefined || isDnsLabel(name) ? [] : [`${path}.name: Invalid value: ${JSON.stringify(name)}: a lowercase RFC 1123 label`]),
    ...(['Always', 'IfNotPresent', 'Never'].includes(policy as string) ? [] : [`${path}.imagePullPolicy: Unsupported value: ${JSON.stringify(policy)}: supported values: "Always", "IfNotPresent", "Never"`]),
    ...arrayAt(container, 'ports').flatMap((port, index) => {
      const number = Number(valueAt(port, 'containerPort'))
      return number >= 1 && number <= 65535 ? [] : [`${path}.ports[${index}].containerPort: Invalid value: ${number}: must be between 1 and 65535, inclusive`]
    })
  ]
}

/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/validation/validation.go, `ValidateEnv` */
function validateEnvVar (path: string, variable: unknown): string[] {
  const problems = stringAt(variable, 'name') === undefined ? [`${path}.name: Required value`] : []
  const valueFrom = valueAt(variable, 'valueFrom')
  if (!isObject(valueFrom)) return problems
  const sources = ['fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef', 'fileKeyRef'].filter(source => isObject(valueFrom[source]))
  if (sources.length === 0) problems.push(`${path}.valueFrom: Invalid value: "": must specify one of: \`fieldRef\`, \`resourceFieldRef\`, \`configMapKeyRef\`, \`secretKeyRef\` or \`fileKeyRef\``)
  if (stringAt(variable, 'value') !== undefined) problems.push(`${path}.valueFrom: Invalid value: "": may not be specified when \`value\` is not empty`)
  if (sources.length > 1) problems.push(`${path}.valueFrom: Invalid value: "": may not have more than one field specified at a time`)
  return problems
}

function validateSeccompProfile (path: string, profile: unknown): string[] {
  const [type, localhostProfile] = [valueAt(profile, 'type'), valueAt(profile, 'localhostProfile')]
  if (type === 'Localhost' && localhostProfile === undefined) return [`${path}.localhostProfile: Required value: must be set when seccomp type is Localhost`]
  if (type !== 'Localhost' && localhostProfile !== undefined) return [`${path}.localhostProfile: Invalid value: "${String(localhostProfile)}": can only be set when seccomp type is Localhost`]
  return []
}

function validateSecurityContext (path: string, context: unknown): string[] {
  if (valueAt(context, 'allowPrivilegeEscalation') !== false) return []
  const problems: string[] = []
  if (valueAt(context, 'privileged') === true) problems.push(`${path}: Invalid value: ${JSON.stringify(context)}: cannot set \`allowPrivilegeEscalation\` to false and \`privileged\` to true`)
  if (arrayAt(context, 'capabilities', 'add').includes('CAP_SYS_ADMIN')) {
    problems.push(`${path}: Invalid value: ${JSON.stringify(context)}: cannot set \`allowPrivilegeEscalation\` to false and \`capabilities.Add\` CAP_SYS_ADMIN`)
  }
  return problems
}
