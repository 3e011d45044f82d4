import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ConfigMap, Service } from 'kubernetes-types/core/v1.js'
import type { Deployment } from 'kubernetes-types/apps/v1.js'
import type { NetworkPolicy } from 'kubernetes-types/networking/v1.js'
import t, { type Test } from 'tap'
import * as names from '../../src/samplesource/names.js'
import { readConfig } from '../../src/hook/config.js'
import { makeClock } from '../../src/adapter/clock.js'
import { makeDelivery } from '../../src/adapter/delivery.js'
import { makeMetrics as makeAdapterMetrics } from '../../src/adapter/metrics.js'
import { makeReceiver } from '../../src/adapter/receiver.js'
import { makeTicker } from '../../src/adapter/ticker.js'
import { makeMetrics } from '../../src/http/metrics.js'
import { labels } from '../../src/samplesource/labels.js'
import { makeReceiveAdapter } from '../../src/samplesource/receive-adapter.js'
import { ownAdapter } from '../../src/source/metrics-port.js'
import { makePrometheusInstruments } from '../../src/telemetry/prometheus.js'
import { makeLog } from '../adapter/log.js'
import { makeRequest, spec as validSpec } from '../samplesource/source.js'
import { buildWith as build, environmentOf, find, manifests, type Manifest } from './harness/kustomize.js'
import { restrictedViolations } from './harness/pod-security.js'
import { problemsOf } from './harness/schemas.js'

/* The base with the components, alone and together. Each must fit both the hook and Metacontroller. */

interface SecretReference { name: string, namespace: string, key?: string }

interface EndpointConfig {
  host: string
  caBundle?: { secretRef: SecretReference }
  clientTLS?: { secretRef: SecretReference }
  authorization?: { type: string, secretRef: SecretReference }
}

interface CompositeController {
  spec: {
    childResources: object[]
    endpointConfigs: EndpointConfig[]
    hooks: Record<string, { webhook: { etag?: object, service: { name: string, namespace: string, port: number, protocol: string } } }>
  }
}

interface Certificate {
  spec: { secretName: string, isCA?: boolean, dnsNames?: string[], usages?: string[], duration: string, issuerRef: { kind: string, name: string }, privateKey: { rotationPolicy: string } }
}

interface Issuer { spec: { ca?: { secretName: string }, selfSigned?: object } }

interface ServiceMonitor {
  spec: { selector: { matchLabels: Record<string, string> }, endpoints: Array<{ port: string, path: string }> }
}

interface PodMonitor {
  spec: { namespaceSelector: object, selector: { matchLabels: Record<string, string> }, podTargetLabels: string[], podMetricsEndpoints: Array<{ port: string, path: string }> }
}

interface PrometheusRule {
  spec: { groups: Array<{ rules: Array<{ alert: string, expr: string, for: string, labels: { severity: string }, annotations: { summary: string, description: string } }> }> }
}

const built = new Map<string, Promise<Manifest[]>>()

/** Builds the base with components, each combination once. */
async function buildWith (t: Test, components: string[], base = 'base'): Promise<Manifest[]> {
  const key = [base, ...components].join()
  if (!built.has(key)) built.set(key, build(t, components, base))
  return structuredClone(await built.get(key)!)
}

/** The parts of the objects that the tests check. */
function partsOf (objects: Manifest[]) {
  const pods = find<Deployment>(objects, 'Deployment').spec!.template.spec!
  const hook = pods.containers.find(({ name }) => name === 'hook')!
  const { spec: { endpointConfigs, hooks } } = find<CompositeController>(objects, 'CompositeController')
  return {
    pods,
    config: readConfig(environmentOf(find<Deployment>(objects, 'Deployment'))).config!,
    /** The Secret and its key behind a file in the container. */
    fileFrom (path: string) {
      const mount = hook.volumeMounts!.find(({ mountPath }) => path.startsWith(`${mountPath}/`))!
      const { secretName, items } = pods.volumes!.find(({ name }) => name === mount.name)!.secret!
      const file = path.slice(mount.mountPath.length + 1)
      return { name: secretName, key: items === undefined ? file : items.find(({ path }) => path === file)?.key }
    },
    endpoint: endpointConfigs[0]!,
    endpointConfigs,
    services: Object.values(hooks).map(({ webhook }) => webhook.service),
    service: find<Service>(objects, 'Service', names.packageName).spec!
  }
}

const inSecret = (name: string, key: string) => ({ name, namespace: names.systemNamespace, key })

t.test('every combination builds, and meets the schemas and the Pod Security Standard', async t => {
  const combinations = [['tls'], ['token'], ['monitoring'], ['tls', 'mtls'], ['token', 'tls', 'mtls'], ['monitoring', 'tls', 'mtls', 'token', 'events', 'etag', 'ordered-teardown']]
  for (const combination of combinations) {
    await t.test(combination.join(', '), async t => {
      // On the base, and on an overlay of it.
      for (const base of combination.length > 3 ? ['base', '.'] : ['base']) {
        const objects = await buildWith(t, combination, base)
        for (const object of objects) {
          t.strictSame(problemsOf(object), [], `${object.kind} ${object.metadata.name}`)
          t.match(object.metadata.labels, { 'app.kubernetes.io/name': names.packageName, 'app.kubernetes.io/part-of': names.singular })
        }
        t.strictSame(restrictedViolations(partsOf(objects).pods), [])
      }
    })
  }
})

t.test('without a component, neither side requires anything', async t => {
  const { config, endpointConfigs } = partsOf(await buildWith(t, []))
  t.match(config, { tls: undefined, authTokenFile: undefined })
  t.strictSame(endpointConfigs, [{ host: `${names.packageName}.${names.systemNamespace}` }])
})

t.test('tls: both ends', async t => {
  const objects = await buildWith(t, ['tls'])
  const { config, fileFrom, endpoint, services, service } = partsOf(objects)
  for (const { name, namespace, port, protocol } of services) {
    t.strictSame({ port, protocol }, { port: 443, protocol: 'https' })
    t.equal(endpoint.host, `${name}.${namespace}`, 'which is the host of the call, for the port is the default one')
    t.match(service.ports, [{ port, targetPort: 'http', appProtocol: protocol }])
  }
  const certificate = find<Certificate>(objects, 'Certificate', names.packageName)
  const { secretName } = certificate.spec
  t.strictSame(certificate.spec.dnsNames, [endpoint.host])
  t.ok(certificate.spec.usages?.includes('server auth'))
  t.strictSame(fileFrom(config.tls!.certFile), { name: secretName, key: 'tls.crt' })
  t.strictSame(fileFrom(config.tls!.keyFile), { name: secretName, key: 'tls.key' })
  t.equal(config.tls?.clientCaFile, undefined)
  t.strictSame(endpoint.caBundle?.secretRef, inSecret(secretName, 'ca.crt'))

  const issuer = find<Issuer>(objects, 'Issuer', certificate.spec.issuerRef.name)
  const ca = objects.find(object => object.kind === 'Certificate' && (object as Manifest & Certificate).spec.secretName === issuer.spec.ca?.secretName) as Manifest & Certificate
  t.match(ca.spec, { isCA: true, duration: '87600h', privateKey: { rotationPolicy: 'Never' } })
  t.ok(find<Issuer>(objects, 'Issuer', ca.spec.issuerRef.name).spec.selfSigned)
})

t.test('ordered-teardown: the finalize hook is called as the others are', async t => {
  for (const components of [['tls', 'ordered-teardown']]) {
    const { hooks } = find<CompositeController>(await buildWith(t, components), 'CompositeController').spec
    t.strictSame(Object.keys(hooks), ['customize', 'finalize', 'sync'])
    t.strictSame(hooks['finalize'], { ...hooks['sync'], webhook: { ...hooks['sync']!.webhook, path: '/finalize' } })
    t.strictSame(hooks['customize'], { ...hooks['sync'], webhook: { ...hooks['sync']!.webhook, path: '/customize' } })
  }
  await t.rejects(buildWith(t, ['ordered-teardown', 'tls']), 'which takes the right order')
})

t.test('mtls: both ends', async t => {
  const objects = await buildWith(t, ['tls', 'mtls'])
  const { config, fileFrom, endpoint } = partsOf(objects)
  const server = find<Certificate>(objects, 'Certificate', names.packageName)
  const client = find<Certificate>(objects, 'Certificate', `${names.packageName}-client`)
  t.strictSame(fileFrom(config.tls!.clientCaFile!), { name: server.spec.secretName, key: 'ca.crt' })
  t.strictSame(client.spec.issuerRef, server.spec.issuerRef, 'of the CA that the hook asks for')
  t.ok(client.spec.usages?.includes('client auth'))
  t.notOk(server.spec.usages?.includes('client auth'))
  t.equal(client.spec.duration, find<Certificate>(objects, 'Certificate', `${names.packageName}-ca`).spec.duration, 'Metacontroller reads it once')
  t.strictSame(endpoint.clientTLS?.secretRef, { name: client.spec.secretName, namespace: names.systemNamespace })
  await t.rejects(buildWith(t, ['mtls']), 'not without tls')
})

t.test('token: both ends', async t => {
  for (const components of [['token'], ['token', 'tls', 'mtls']]) {
    const { config, fileFrom, endpoint } = partsOf(await buildWith(t, components))
    t.strictSame(fileFrom(config.authTokenFile!), { name: `${names.packageName}-token`, key: 'accepted-tokens' })
    t.strictSame(endpoint.authorization, { type: 'Bearer', secretRef: inSecret(`${names.packageName}-token`, 'token') })
    t.equal(endpoint.caBundle !== undefined, components.includes('tls'))
  }
})

t.test('events: a child kind that is created and never changed', async t => {
  const rules = (objects: Manifest[]) => find<CompositeController>(objects, 'CompositeController').spec.childResources
  t.strictSame(rules(await buildWith(t, ['events'])), [...rules(await buildWith(t, [])), { apiVersion: 'v1', resource: 'events' }])
})

t.test('etag: the sync hook\'s answers are cached', async t => {
  const { hooks } = find<CompositeController>(await buildWith(t, ['etag']), 'CompositeController').spec
  // All three: see the component.
  t.strictSame(hooks['sync']?.webhook.etag, { enabled: true, cacheTimeoutSeconds: 3600, cacheCleanupSeconds: 600 })
  t.equal(hooks['customize']?.webhook.etag, undefined, 'Metacontroller keeps those by itself')
})

t.test('monitoring: the ops port is found', async t => {
  const objects = await buildWith(t, ['monitoring'])
  const { spec: { selector, endpoints } } = find<ServiceMonitor>(objects, 'ServiceMonitor')
  const services = objects.filter(({ kind, metadata: { labels } }) => kind === 'Service' && Object.entries(selector.matchLabels).every(([name, value]) => labels?.[name] === value))
  t.strictSame(services.map(({ metadata: { name } }) => name), [`${names.packageName}-ops`])
  const service = services[0] as Manifest & Service
  t.match(service.spec, { clusterIP: 'None', selector: { 'app.kubernetes.io/name': names.packageName } })
  t.strictSame(endpoints.map(({ port, path }) => ({ port, path })), [{ port: service.spec!.ports![0]!.name, path: '/metrics' }])
  const { containers: [hook] } = partsOf(objects).pods
  t.equal(hook?.ports?.find(({ name }) => name === service.spec!.ports![0]!.targetPort)?.containerPort, 9090)
})

t.test('monitoring: the documentation names the label that the NetworkPolicy requires', async t => {
  const { ingress } = find<NetworkPolicy>(await buildWith(t, ['monitoring']), 'NetworkPolicy').spec!
  const { matchLabels } = ingress!.find(({ ports }) => ports?.some(({ port }) => port === 9090))!.from![0]!.namespaceSelector!
  const [[name, value]] = Object.entries(matchLabels!) as [[string, string]]
  for (const file of ['manifests/components/monitoring/kustomization.yaml', 'docs/security.md']) {
    t.match((await readFile(file, 'utf8')).replaceAll('#', ' '), new RegExp(`kubectl label namespace \\S.* ${name}=${value}`), file)
  }
})

t.test('monitoring: the metrics of the alerts and the dashboard exist', async t => {
  const objects = await buildWith(t, ['monitoring'])
  const metrics = (await makeMetrics(names.metricsPrefix, '1.2.3').registry.getMetricsAsJSON()).map(({ name }) => name)
  metrics.push(...await adapterMetrics())
  const unknownIn = (expression: string) => [...expression.matchAll(new RegExp(`\\b(?:${names.metricsPrefix}|process|nodejs|http_client)_\\w+`, 'g'))]
    .map(([name]) => name.replace(/_(count|sum|bucket)$/, ''))
    .filter(name => name !== 'nodejs_version' && !metrics.includes(name))

  const rules = find<PrometheusRule>(objects, 'PrometheusRule').spec.groups.flatMap(({ rules }) => rules)
  t.strictSame(rules.map(({ alert }) => alert), [`${names.kind}HookDown`, `${names.kind}HookFailing`, `${names.kind}HookSlow`, `${names.kind}HookOverloaded`, `${names.kind}HookCertificateExpiring`, `${names.kind}HookCertificateExpired`, `${names.kind}HookHandshakesFailing`, `${names.kind}Looping`, `${names.kind}EventsLost`, `${names.kind}TicksSkipped`, `${names.kind}Silent`])
  for (const rule of rules) {
    t.strictSame(unknownIn(rule.expr), [], rule.alert)
    t.match(rule, { for: /^\d+m$/, labels: { severity: /^(warning|critical)$/ }, annotations: { summary: /\.$/, description: /\.$|\?$/ } })
  }

  const text = find<ConfigMap>(objects, 'ConfigMap', `${names.packageName}-dashboard`).data![`${names.packageName}.json`] as string
  t.equal(text, await readFile(join(manifests, 'components/monitoring/dashboard.json'), 'utf8'))
  const { panels, title } = JSON.parse(text) as { title: string, panels: Array<{ title: string, targets?: Array<{ expr: string }> }> }
  t.equal(title, `${names.kind} hook`)
  const expressions = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
  for (const expression of expressions) t.strictSame(unknownIn(expression), [], expression)
  const ours = metrics.filter(name => name.startsWith(`${names.metricsPrefix}_`) && !name.endsWith('_received_requests_total'))
  t.strictSame(ours.filter(name => expressions.some(expression => expression.includes(name))), ours, 'and show each of ours')
})

/** The metrics of a receive adapter of any kind. */
async function adapterMetrics (): Promise<string[]> {
  const instruments = makePrometheusInstruments()
  const { logger } = makeLog()
  const delivery = makeDelivery({ send: () => { throw new Error('it has not begun') }, clock: makeClock(), metrics: makeAdapterMetrics(instruments, names.metricsPrefix, names.eventType), logger })
  makeTicker({ ...delivery, interval: 1n, event: () => { throw new Error('it has not begun') }, metricsPrefix: names.metricsPrefix })
  makeReceiver({ ...delivery, port: 0, event: () => { throw new Error('it has not begun') }, metricsPrefix: names.metricsPrefix })
  return (await instruments.registry.getMetricsAsJSON()).map(({ name }) => name)
}

t.test('monitoring: the adapters are found, by their labels and the name of their port', async t => {
  const { spec } = find<PodMonitor>(await buildWith(t, ['monitoring']), 'PodMonitor')
  const { template } = makeReceiveAdapter({ image: 'any', args: [ownAdapter], labels: labels('own'), source: makeRequest().parent, spec: validSpec, eventSource: 'demo/own', additionalEnvs: [] }).spec
  t.match(template.metadata!.labels, spec.selector.matchLabels)
  t.match(template.metadata!.labels, Object.fromEntries(spec.podTargetLabels.map(name => [name, 'own'])))
  t.match(spec.podMetricsEndpoints, [{ port: template.spec!.containers[0]!.ports![0]!.name, path: '/metrics' }])
  t.strictSame(spec.namespaceSelector, { any: true })
})
