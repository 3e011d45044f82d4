import { quote } from '../../src/kubernetes/field-error.js'
import type { JsonObject } from '../../src/kubernetes/object.js'
import { nearest } from '../../src/kubernetes/structural-schema.js'
import { ApiServer, type Manifest } from '../harness/api-server.js'
import { Clock } from '../harness/clock.js'
import { Cluster } from '../harness/cluster.js'
import { resourceOf } from '../harness/crd.js'
import { groupOf } from '../harness/resource.js'
import type { Sinks } from './options.js'
import type { Simulation } from './simulate.js'
import { UsageError } from './usage-error.js'

/** How long a pod takes to become ready, in seconds. */
const startupSeconds = 3

/**
 * Makes the simulated cluster of a simulation.
 *
 * @param onSink called with each sink whose address is looked for, as `Kind/namespace/name`
 * @throws UsageError if the CompositeController names a resource that is not known
 */
export function makeCluster (simulation: Simulation, onSink: (sink: string) => void): Cluster {
  const cluster = newCluster(simulation)
  cluster.deployments.startupSeconds = startupSeconds
  cluster.sinkBindings.addressOf = ({ kind, metadata: { namespace = 'default', name } }) => {
    const sink = `${kind}/${namespace}/${name}`
    onSink(sink)
    return addressOf(sink, { namespace, name }, simulation.sinks)
  }
  return cluster
}

function newCluster ({ controller, crds, hookUrl, hookVersion, hookTimeoutSeconds, applyStrategy }: Simulation): Cluster {
  try {
    return new Cluster({
      manifests: [...crds, controller],
      hookUrl,
      applyStrategy,
      ...(hookVersion !== undefined && { hookVersion }),
      ...(hookTimeoutSeconds !== undefined && { hookTimeoutMs: Math.ceil(hookTimeoutSeconds * 1000) })
    })
  } catch (error) {
    const { message } = error as Error
    const [, resource, apiVersion] = /^discovery: can't find resource (\S+) in apiVersion (\S+)$/.exec(message) ?? []
    if (resource === undefined || apiVersion === undefined) throw error
    throw new UsageError(`CompositeController ${controller.metadata.name}: ${message.slice('discovery: '.length)}: ${adviceOn(resource, apiVersion, crds)}`)
  }
}

function adviceOn (resource: string, apiVersion: string, crds: Manifest[]): string {
  const api = new ApiServer(new Clock())
  for (const crd of crds) api.define(resourceOf(crd as unknown as JsonObject))
  const meant = nearest(resource, api.pluralsOf(apiVersion))
  if (meant !== undefined) return `did you mean ${quote(meant)}?`
  const isDefined = crds.some(({ spec }) => spec.group === groupOf(apiVersion) && spec.names.plural === resource)
  return isDefined ? 'of a CustomResourceDefinition, only the version that is stored is known here' : 'give its CustomResourceDefinition with --crd'
}

function addressOf (sink: string, { namespace, name }: { namespace: string, name: string }, { byDefault, addresses }: Sinks): { url: string } | undefined {
  const url = addresses.has(sink) ? addresses.get(sink) : byDefault ? `http://${name}.${namespace}.svc.cluster.local` : undefined
  return url === undefined ? undefined : { url }
}
