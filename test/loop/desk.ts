import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Test } from 'tap'
import * as names from '../../src/samplesource/names.js'
import { makeHookServer } from '../../src/http/hook-server.js'
import { makeHooks } from '../../src/samplesource/hooks.js'
import type { Settings } from '../../src/samplesource/settings.js'
import type { KubeObject, Write } from '../harness/api-server.js'
import { Cluster, type ClusterOptions } from '../harness/cluster.js'
import { hookOptions } from '../hook-options.js'
import { requiredSpec } from '../samplesource/source.js'
import { isSoak } from '../soak.js'

/* Shared by the tests of the loop: the real hook behind HTTP, and a simulated cluster that calls it. */

export const settings: Settings = { receiveAdapterImage: `registry.example/${names.packageName}:v1`, receiveAdapterArgs: [] }

/** The Deployment of the hook. Most tests run a hook that does not know it. */
export const system = { namespace: names.systemNamespace, loggingConfigMap: 'config-logging', observabilityConfigMap: 'config-observability' }

/** A hook that listens until the test ends. */
export async function startHook (t: Test, changes: Partial<Settings> = {}): Promise<{ url: string, close: () => Promise<void> }> {
  const app = makeHookServer({ ...hookOptions(), hooks: makeHooks({ ...settings, ...changes }) })
  await app.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(async () => await app.close())
  return { url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`, close: async () => await app.close() }
}

/**
 * A server between Metacontroller and the hook, until the test ends.
 *
 * @param route returns the hook for a call, or undefined if it handles the call itself or nothing answers it
 */
export async function startProxy (t: Test, route: (request: IncomingMessage, response: ServerResponse) => string | undefined): Promise<string> {
  const proxy = createServer(async (request, response) => {
    const url = route(request, response)
    if (url === undefined) return
    const answer = await fetch(`${url}${request.url}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: await text(request) })
    response.writeHead(answer.status).end(await answer.text())
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  t.teardown(() => {
    proxy.closeAllConnections()
    proxy.close()
  })
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
}

export type Combination = Required<Pick<ClusterOptions, 'hookVersion' | 'applyStrategy'>>

export const applyStrategies = ['dynamic-apply', 'server-side-apply'] as const

const [first, ...others]: Combination[] = applyStrategies.flatMap(applyStrategy => (['v2', 'v1'] as const).map(hookVersion => ({ hookVersion, applyStrategy })))

/** Hook versions and apply strategies: each of them once, or, in a soak, every combination. */
export const combinations: Combination[] = isSoak ? [first!, ...others] : [first!, others.at(-1)!]

let turn = 0

/**
 * For one of many similar tests: the next of {@link combinations} in turn.
 *
 * @param inSoak those in a soak: by default the two that are never next
 */
export function combinationsInTurn (inSoak = others.slice(0, -1)): Combination[] {
  return isSoak ? inSoak : [combinations[turn++ % combinations.length]!]
}

/** Runs a test in a cluster of {@link combinationsInTurn}. */
export function inCluster (t: Test, name: string, test: (t: Test, cluster: Cluster) => Promise<void>, inSoak?: Combination[]): void {
  for (const combination of combinationsInTurn(inSoak)) {
    t.test(`${name} (${combination.hookVersion}, ${combination.applyStrategy})`, async t => {
      const { url } = await startHook(t)
      await test(t, new Cluster({ hookUrl: url, ...combination }))
    })
  }
}

/** A SampleSource in the namespace `demo`; a field of the spec that is undefined is left out. */
export function sampleSource (spec: object = {}, name = 'heartbeat') {
  return {
    apiVersion: names.apiVersion,
    kind: names.kind,
    metadata: { name, namespace: 'demo' },
    spec: JSON.parse(JSON.stringify({ ...requiredSpec, ...spec }))
  }
}

/** The sink of {@link sampleSource}. */
export const eventDisplay = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'event-display', namespace: 'demo' } }

/** Applies a source and its sink, and waits until nothing is left to do. */
export async function applyAndSettle (cluster: Cluster, source = sampleSource()): Promise<void> {
  cluster.apply(eventDisplay)
  cluster.apply(source)
  await cluster.settle()
}

/** The stored source. */
export function stored (cluster: Cluster, name = 'heartbeat'): KubeObject {
  const source = cluster.parent(name, 'demo')
  if (source === undefined) throw new Error(`no source ${name}`)
  return source
}

/** A child of the source. */
export function child (cluster: Cluster, kind: 'Deployment' | 'SinkBinding'): KubeObject {
  const [found, ...others] = cluster.children(stored(cluster), kind)
  if (found === undefined || others.length > 0) throw new Error(`${others.length + (found === undefined ? 0 : 1)} children of kind ${kind}`)
  return found
}

/** `True`, or the status and the reason of a condition: `Unknown DeploymentUpdating`. */
export function condition (source: KubeObject | undefined, type = 'Ready'): string | undefined {
  const found = source?.status?.conditions?.find((condition: { type: string }) => condition.type === type)
  return found && [found.status, found.reason].filter(Boolean).join(' ')
}

/** The writes in a number of syncs while nothing happens. At rest there are none. */
export async function writesInSyncs (cluster: Cluster, syncs: number): Promise<Write[]> {
  cluster.api.resetWrites()
  await cluster.resync(stored(cluster), syncs)
  return cluster.api.writes
}

/** The writes of Metacontroller that changed something: `create Deployment`, `update SampleSource/status`. */
export function changesOf (cluster: Cluster, manager = 'metacontroller', counts: (write: Write) => boolean = () => true): string[] {
  return cluster.api.writes.filter(write => write.manager === manager && write.changed && counts(write)).map(describe)
}

function describe ({ verb, kind, subresource, old }: Write): string {
  // Server-side apply also creates objects.
  const what = verb === 'apply' ? (old === undefined ? 'create' : 'update') : verb
  return `${what} ${kind}${subresource === undefined ? '' : `/${subresource}`}`
}

/** The values of `Ready` in the status of a source, in order. */
export function watchReady (cluster: Cluster): string[] {
  const values: string[] = []
  cluster.onStep(step => {
    if (step.type !== 'write' || step.write.kind !== names.kind || !step.write.changed) return
    const value = condition(step.write.object)
    if (value !== undefined && value !== values.at(-1)) values.push(value)
  })
  return values
}
