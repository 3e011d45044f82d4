import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { Deployment } from 'kubernetes-types/apps/v1.js'
import type { ConfigMap, Namespace, Service, ServiceAccount } from 'kubernetes-types/core/v1.js'
import type { NetworkPolicy } from 'kubernetes-types/networking/v1.js'
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.js'
import type { ClusterRole } from 'kubernetes-types/rbac/v1.js'
import t from 'tap'
import { parse, stringify } from 'yaml'
import { run } from '../../src/cli/command.js'
import * as names from '../../src/samplesource/names.js'
import { readConfig } from '../../src/hook/config.js'
import { longestRequest } from '../../src/http/listener.js'
import { readConfigData, type ConfigData, type ConfigEnvVars } from '../../src/knative/config-map.js'
import { loggingEnvVars } from '../../src/knative/logging-env-vars.js'
import { observabilityEnvVars } from '../../src/knative/observability-env-vars.js'
import { validate } from '../../src/samplesource/validation.js'
import { ownAdapter } from '../../src/source/metrics-port.js'
import { fixtureSettings } from '../fixtures.js'
import { requiredSpec } from '../samplesource/source.js'
import { build, environmentOf, find, manifests, reference, type Manifest } from './harness/kustomize.js'
import { restrictedViolations } from './harness/pod-security.js'
import { problemsOf } from './harness/schemas.js'

/* The objects of `kubectl apply -k manifests`, and the examples. */

interface CompositeController {
  spec: {
    parentResource: unknown
    childResources: unknown
    generateSelector: boolean
    resyncPeriodSeconds: number
    hooks: Record<string, { version: string, webhook: { service: { name: string, namespace: string, port: number, protocol: string }, path: string, timeout: string } }>
  }
}

interface SampleSource {
  spec: { sink: { ref: { apiVersion: string, kind: string, name: string } } }
}

interface Kustomization {
  resources: string[]
  images: Array<{ name: string, newName: string, newTag: string }>
  replacements: unknown
}

const installed = await build(manifests)
const examples = await build(join(manifests, 'examples'))

const deployment = find<Deployment>(installed, 'Deployment')
const hookPods = deployment.spec!.template
const [hook] = hookPods.spec!.containers
const hookLabels = { 'app.kubernetes.io/name': names.packageName }

t.test('every object is valid', async t => {
  for (const object of [...installed, ...examples, ...await build(join(manifests, 'base'))]) {
    t.strictSame(problemsOf(object), [], `${object.kind} ${object.metadata.name}`)
  }
})

t.test('an invalid object is not', async t => {
  const wrong: Array<[string, string, Array<string | number>, unknown]> = [
    ['a wrong type', 'Deployment', ['spec', 'replicas'], '2'],
    ['a wrong quantity', 'Deployment', ['spec', 'template', 'spec', 'containers', 0, 'resources', 'requests', 'memory'], 'much'],
    ['a missing field', 'Deployment', ['spec', 'selector'], undefined],
    ['a misspelt field', 'Deployment', ['spec', 'template', 'spec', 'containers', 0, 'readynessProbe'], {}],
    ['a misspelt field at the top', 'Service', ['specs'], {}],
    ['a kind that does not exist', 'Service', ['kind'], 'Servise'],
    ['a method that does not exist', 'CompositeController', ['spec', 'childResources', 0, 'updateStrategy', 'method'], 'Inplace'],
    ['a hook without a webhook', 'CompositeController', ['spec', 'hooks', 'sync', 'webhook'], undefined],
    ['a wrong type in a custom kind', names.kind, ['spec', 'interval'], 10],
    ['a misspelt field in a custom kind', names.kind, ['spec', 'sinks'], {}],
    ['a misspelt field deeper down', names.kind, ['spec', 'resources', 'limits', 'ram'], '1Gi']
  ]
  for (const [what, kind, path, value] of wrong) {
    const object = structuredClone([...installed, ...examples].find(object => object.kind === kind)!)
    set(object, path, value)
    t.not(problemsOf(object).length, 0, `${what}: ${problemsOf(object)[0]}`)
  }
})

t.test('it installs these objects', async t => {
  t.strictSame(installed.map(({ kind, metadata: { namespace, name } }) => `${kind} ${namespace ?? ''}/${name}`).sort(), [
    `ClusterRole /${names.singular}-admin`,
    `ClusterRole /${names.singular}-edit`,
    `ClusterRole /${names.singular}-event-type-owner`,
    `ClusterRole /${names.singular}-observer`,
    `ClusterRole /${names.singular}-view`,
    `CompositeController /${names.singular}-controller`,
    `ConfigMap ${names.systemNamespace}/config-logging`,
    `ConfigMap ${names.systemNamespace}/config-observability`,
    `CustomResourceDefinition /${names.plural}.${names.group}`,
    `Deployment ${names.systemNamespace}/${names.packageName}`,
    `Namespace /${names.systemNamespace}`,
    `NetworkPolicy ${names.systemNamespace}/${names.packageName}`,
    `PodDisruptionBudget ${names.systemNamespace}/${names.packageName}`,
    `Service ${names.systemNamespace}/${names.packageName}`,
    `ServiceAccount ${names.systemNamespace}/${names.packageName}`
  ].sort())
})

t.test('every object has the labels of the application', async t => {
  for (const { kind, metadata: { name, labels = {} } } of [...installed, ...examples]) {
    for (const label of ['name', 'part-of', 'instance', 'managed-by']) t.ok(labels[`app.kubernetes.io/${label}`], `${label} of ${kind} ${name}`)
  }
})

t.test('every installed object has the version of the package, like the image', async t => {
  const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string }
  for (const { kind, metadata: { name, labels } } of installed) t.equal(labels?.['app.kubernetes.io/version'], version, `${kind} ${name}`)
  const { images } = await kustomization()
  t.strictSame(images.map(({ newTag }) => newTag), [version])
})

t.test('all components are listed', async t => {
  const text = await readFile(join(manifests, 'kustomization.yaml'), 'utf8')
  const listed = [...text.matchAll(/^# {3}- components\/(.*)$/gm)].map(([, name]) => name)
  t.strictSame(listed.sort(), (await readdir(join(manifests, 'components'))).sort())
})

t.test('no role allows everything', async t => {
  for (const { kind, metadata: { name }, ...role } of installed.filter(({ kind }) => kind.endsWith('Role'))) t.notMatch(JSON.stringify(role), '"*"', `${kind} ${name}`)
})

t.test('defaults for which the API server would add a second owner are set', async t => {
  const references = hook!.env!.flatMap(({ valueFrom }) => valueFrom?.fieldRef ?? [])
  t.not(references.length, 0)
  for (const { apiVersion } of references) t.equal(apiVersion, 'v1')
})

t.test('the documented uninstall removes the example, the sources, and then the rest', async t => {
  const commands = (await readFile(join(manifests, 'kustomization.yaml'), 'utf8')).match(/kubectl delete .*$/gm)
  t.strictSame(commands, ['kubectl delete -k manifests/examples', `kubectl delete ${names.plural} --all --all-namespaces`, 'kubectl delete -k manifests'])
})

t.test('the namespace enforces the restricted Pod Security Standard', async t => {
  t.match(find<Namespace>(installed, 'Namespace').metadata.labels, { 'pod-security.kubernetes.io/enforce': 'restricted' })
})

t.test('the pods meet the restricted Pod Security Standard', async t => {
  t.strictSame(restrictedViolations(hookPods.spec!), [])
  t.strictSame(restrictedViolations(find<Deployment>(examples, 'Deployment').spec!.template.spec!), [])
  t.not(restrictedViolations({ containers: [{ name: 'bare' }] }).length, 0, 'which one that says nothing does not')
})

t.test('the hook has two replicas, and an update keeps both available', async t => {
  t.match(deployment.spec, {
    replicas: 2,
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0 } }
  })
  const { shutdownDelayMs } = readConfig(environment()).config!
  t.ok(hookPods.spec!.terminationGracePeriodSeconds! * 1000 > shutdownDelayMs + longestRequest + 5_000, 'and stops in the time it is given')
  t.equal(hook?.lifecycle, undefined, 'by itself')
})

t.test('the replicas are spread', async t => {
  const constraints = hookPods.spec!.topologySpreadConstraints ?? []
  t.strictSame(constraints.map(({ topologyKey }) => topologyKey), ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'])
  for (const { whenUnsatisfiable, labelSelector } of constraints) {
    t.equal(whenUnsatisfiable, 'ScheduleAnyway')
    t.strictSame(labelSelector, { matchLabels: hookLabels })
  }
})

t.test('the hook has no right and no way to write', async t => {
  t.match(find<ServiceAccount>(installed, 'ServiceAccount'), { metadata: { name: names.packageName }, automountServiceAccountToken: false })
  t.match(hookPods.spec, { serviceAccountName: names.packageName, automountServiceAccountToken: false, enableServiceLinks: false })
  t.equal(hook?.securityContext?.readOnlyRootFilesystem, true)
  t.notOk(installed.some(({ kind }) => kind.endsWith('Binding')), 'nothing is bound to it')
})

t.test('the hook has resources', async t => {
  t.match(hook?.resources, { requests: { cpu: String, memory: String }, limits: { memory: String } })
  t.notMatch(hook?.resources, { limits: { cpu: String } })
})

t.test('the hook is configured', async t => {
  const { port, opsPort } = readConfig(environment()).config!
  t.strictSame(ports(), { http: port, ops: opsPort })
})

t.test('the receive adapters run from the hook\'s image, in which node is the entrypoint', async t => {
  const { receiveAdapterImage, receiveAdapterArgs } = readConfig(environment()).config!.settings
  t.equal(receiveAdapterImage, hook?.image)
  const entrypoint = receiveAdapterArgs.at(-1) as string
  t.equal(entrypoint, ownAdapter)
  t.ok(existsSync(entrypoint.replace(/^dist(.*)\.js$/, 'src$1.ts')), entrypoint)
  // Node exits with an error if it does not know an option.
  t.equal(execFileSync(process.execPath, [...receiveAdapterArgs.slice(0, -1), '--print', '1'], { encoding: 'utf8' }), '1\n')
})

t.test('the receive adapters have resource requests, which a quota may require', async t => {
  const { receiveAdapterResources } = readConfig(environment()).config!.settings
  t.match(receiveAdapterResources, { requests: { cpu: String, memory: String } })
  t.same(receiveAdapterResources, fixtureSettings().receiveAdapterResources, 'as in .env.dev')
  const source = { apiVersion: names.apiVersion, kind: names.kind, metadata: { name: 'any' }, spec: requiredSpec }
  const { stdout } = await run(['render', '-f', '-', '-o', 'json'], { env: {}, stdin: Readable.from([stringify(source)]) })
  const { resources } = JSON.parse(stdout).items[1].spec.template.spec.containers[0]
  t.same(resources, receiveAdapterResources, 'as the command has it')
})

t.test('the hook knows the existing ConfigMaps, and can read their examples', async t => {
  const { namespace, loggingConfigMap, observabilityConfigMap } = readConfig(environment()).config!.settings.system!
  const readers: Array<[string, (data: ConfigData) => ConfigEnvVars, number]> = [
    [loggingConfigMap, loggingEnvVars, 2],
    [observabilityConfigMap, data => observabilityEnvVars(data, { domain: 'd', component: 'c' }), 3]
  ]
  for (const [name, read, count] of readers) {
    const configMap = find<ConfigMap>(installed, 'ConfigMap', name)
    t.equal(configMap.metadata.namespace, namespace)
    t.strictSame(Object.keys(configMap.data!), ['_example'], 'out of the box it sets nothing')
    const example = readConfigData({ data: parse(configMap.data!['_example']!) })
    const { env, problems } = read(example)
    t.strictSame(problems, [])
    t.equal(env.filter(({ value }) => value !== '').length, count)
    t.ok(Object.keys(example).length >= 3)
  }
})

t.test('the hook knows its own Deployment', async t => {
  t.match(deployment.metadata, { name: readConfig(environment()).config!.settings.system!.hookDeployment })
})

t.test('the probes call the ops port', async t => {
  t.strictSame(hook?.readinessProbe?.httpGet, { port: 'ops', path: '/readyz' })
  t.strictSame(hook?.livenessProbe?.httpGet, { port: 'ops', path: '/healthz' })
})

t.test('all selectors of the pods use one label', async t => {
  t.strictSame(deployment.spec!.selector, { matchLabels: hookLabels })
  t.strictSame(find<Service>(installed, 'Service').spec!.selector, hookLabels)
  t.strictSame(find<PodDisruptionBudget>(installed, 'PodDisruptionBudget').spec!.selector, { matchLabels: hookLabels })
  t.strictSame(find<NetworkPolicy>(installed, 'NetworkPolicy').spec!.podSelector, { matchLabels: hookLabels })
  t.match(hookPods.metadata!.labels, hookLabels)
})

t.test('a disruption takes one pod at a time', async t => {
  t.match(find<PodDisruptionBudget>(installed, 'PodDisruptionBudget').spec, { maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow' })
})

t.test('only Metacontroller reaches the hook, and only labeled namespaces reach the ops port', async t => {
  const { http, ops } = ports()
  const { policyTypes, ingress, egress } = find<NetworkPolicy>(installed, 'NetworkPolicy').spec!
  t.strictSame(ingress, [
    {
      from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'metacontroller' } } }],
      ports: [{ port: http, protocol: 'TCP' }]
    },
    {
      from: [{ namespaceSelector: { matchLabels: { 'samples.knative.dev/metrics': 'true' } } }],
      ports: [{ port: ops, protocol: 'TCP' }]
    }
  ])
  t.strictSame({ policyTypes, egress }, { policyTypes: ['Ingress', 'Egress'], egress: undefined }, 'and the hook to nobody')
})

t.test('Metacontroller is configured to call the hook', async t => {
  const { parentResource, childResources, generateSelector, resyncPeriodSeconds, hooks } = find<CompositeController>(installed, 'CompositeController').spec
  t.strictSame(parentResource, { apiVersion: names.apiVersion, resource: names.plural })
  t.equal(generateSelector, true)
  t.ok(resyncPeriodSeconds >= 3600, 'a safety net only: each resync reads every source from the API')
  t.strictSame(childResources, [
    { apiVersion: 'apps/v1', resource: 'deployments', updateStrategy: { method: 'InPlace' } },
    { apiVersion: 'sources.knative.dev/v1', resource: 'sinkbindings', updateStrategy: { method: 'InPlace' } }
  ])
  t.strictSame(Object.keys(hooks), ['customize', 'sync'])
  for (const [name, hook] of Object.entries(hooks)) t.match(hook, { version: 'v2', webhook: { path: `/${name}`, timeout: '10s' } })
})

t.test('the call reaches the hook', async t => {
  for (const { webhook } of Object.values(find<CompositeController>(installed, 'CompositeController').spec.hooks)) {
    const { service: { name, namespace, port, protocol } } = webhook
    const service = find<Service>(installed, 'Service')
    t.match(service.metadata, { name, namespace })
    const servicePort = service.spec!.ports!.find(candidate => candidate.port === port)
    t.equal(servicePort?.targetPort, 'http')
    t.equal(servicePort?.appProtocol, protocol)
  }
})

t.test('Knative may observe the sources, and own objects that it creates for them', async t => {
  const observer = find<ClusterRole>(installed, 'ClusterRole', `${names.singular}-observer`)
  t.equal(observer.metadata.labels?.['duck.knative.dev/source'], 'true')
  t.strictSame(observer.rules, [{ apiGroups: [names.group], resources: [names.plural], verbs: ['get', 'list', 'watch'] }])
  const owner = find<ClusterRole>(installed, 'ClusterRole', `${names.singular}-event-type-owner`)
  t.equal(owner.metadata.labels?.['duck.knative.dev/source'], 'true')
  t.strictSame(owner.rules, [{ apiGroups: [names.group], resources: [`${names.plural}/finalizers`], verbs: ['update'] }])
})

t.test('users have the same rights on sources as in the rest of their namespace', async t => {
  const [read, write] = [['get', 'list', 'watch'], ['create', 'update', 'patch', 'delete', 'deletecollection']]
  const verbs = { admin: [...read, ...write], edit: write, view: read }
  for (const [role, expected] of Object.entries(verbs)) {
    const { metadata, rules } = find<ClusterRole>(installed, 'ClusterRole', `${names.singular}-${role}`)
    t.equal(metadata.labels?.[`rbac.authorization.k8s.io/aggregate-to-${role}`], 'true')
    t.match(rules, [{ apiGroups: [names.group], verbs: expected }])
  }
})

t.test('the image is named once', async t => {
  const namedIn = []
  for (const file of await readdir(manifests, { recursive: true })) {
    if (file.endsWith('.yaml') && /newName|newTag|digest/.test(await readFile(join(manifests, file), 'utf8'))) namedIn.push(file)
  }
  t.strictSame(namedIn, ['kustomization.yaml'])

  const { images } = await kustomization()
  t.strictSame(imagesOf(installed), images.flatMap(({ newName, newTag }) => [`${newName}:${newTag}`, `${newName}:${newTag}`]))
  t.strictSame(imagesOf(await build(join(manifests, 'base'))), [names.packageName, names.packageName], 'the base has only its placeholder')
})

t.test('the adapters run from the image of the hook', async t => {
  const image = { name: names.packageName, newName: 'registry.example/mine', newTag: 'v9' }
  const both = ['registry.example/mine:v9', 'registry.example/mine:v9']
  const { replacements, ...original } = await kustomization()

  await t.test('if the file is edited', async t => {
    const folder = t.testdir()
    await cp(manifests, folder, { recursive: true })
    await writeKustomization(folder, { ...original, replacements, images: [image] })
    t.strictSame(imagesOf(await build(folder)), both)
  })

  await t.test('if the file is copied and refers to the base', async t => {
    const folder = t.testdir()
    await writeKustomization(folder, { ...original, replacements, resources: [reference(folder, join(manifests, 'base'))], images: [image] })
    t.strictSame(imagesOf(await build(folder)), both)
  })

  await t.test('if an overlay on top has the replacements too', async t => {
    const folder = t.testdir()
    await writeKustomization(folder, { resources: [reference(folder, manifests)], replacements, images: [image] })
    t.strictSame(imagesOf(await build(folder)), both)
  })
})

t.test('the examples go to the current namespace', async t => {
  const found = examples.map(({ kind, metadata: { namespace, name } }) => `${kind} ${namespace ?? ''}/${name}`)
  t.strictSame(found.sort(), [`${names.kind} /heartbeat`, 'Deployment /event-display', 'Service /event-display'].sort())
  t.notMatch(JSON.stringify(examples), '"namespace"')
})

t.test('the example sends to the Service of the example', async t => {
  const { spec } = find<SampleSource>(examples, names.kind)
  t.equal(validate(spec).problems, undefined)
  const service = find<Service>(examples, 'Service')
  t.strictSame(spec.sink.ref, { apiVersion: service.apiVersion, kind: service.kind, name: service.metadata.name })
  const { metadata, spec: pods } = find<Deployment>(examples, 'Deployment').spec!.template
  t.match(metadata?.labels, service.spec!.selector!)
  t.ok(pods?.containers[0]?.ports?.some(({ name }) => name === service.spec!.ports![0]!.targetPort))
})

/** The hook's environment, as the kubelet makes it. */
function environment (): NodeJS.ProcessEnv {
  return environmentOf(deployment)
}

/** The container's ports by name. */
function ports (): Record<string, number> {
  return Object.fromEntries(hook!.ports!.map(({ name, containerPort }) => [name, containerPort]))
}

/** The image of the hook, and the image that it gives to the receive adapters. */
function imagesOf (objects: Manifest[]): Array<string | undefined> {
  const [container] = find<Deployment>(objects, 'Deployment').spec!.template.spec!.containers
  return [container?.image, container?.env?.find(({ name }) => name === 'RECEIVE_ADAPTER_IMAGE')?.value]
}

async function kustomization (): Promise<Kustomization> {
  return parse(await readFile(join(manifests, 'kustomization.yaml'), 'utf8')) as Kustomization
}

async function writeKustomization (folder: string, content: Kustomization): Promise<void> {
  await writeFile(join(folder, 'kustomization.yaml'), stringify(content))
}

/** Sets or removes the value at a path. */
function set (object: object, path: Array<string | number>, value: unknown): void {
  const parent = path.slice(0, -1).reduce<Record<string, unknown>>((at, key) => at[key] as Record<string, unknown>, object as Record<string, unknown>)
  const key = path.at(-1)!
  if (value === undefined) Reflect.deleteProperty(parent, key)
  else parent[key] = value
}
