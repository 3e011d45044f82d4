import { stringify } from 'yaml'
import type { Unexpected } from './expect.js'
import type { KubeObject } from './kube-object.js'
import type { Kubectl } from './kubectl.js'
import { installedNamespace } from './manifests.js'
import type { Run } from './run.js'
import { compositeControllers, sampleSources, sinkBindings } from './sources.js'

/**
 * Reports something unexpected: what was expected, what was seen, the objects concerned, and
 * their Events.
 *
 * @param kubectl one that is not ended by an interruption
 */
export async function describeFailure ({ expected, seen }: Unexpected, run: Run, kubectl: Kubectl): Promise<string> {
  const namespaces = [run.namespace, run.level === 'full' ? installedNamespace : run.hookNamespace]
  const parts: Array<[string, string | Promise<string>]> = [
    ['Expected', expected],
    ['Seen', seen],
    ['Objects', describeObjects(kubectl, namespaces)],
    ['Events', describeEvents(kubectl, [...namespaces, 'default'])],
    ['The last log lines of the hook', run.hook.lastLogs()]
  ]
  const told: string[] = []
  for (const [heading, part] of parts) {
    const text = await Promise.resolve(part).catch((error: unknown) => `not available: ${(error as Error).message}`)
    told.push(`${heading}:\n${indent(text || 'none')}`)
  }
  return told.join('\n\n')
}

async function describeObjects (kubectl: Kubectl, namespaces: string[]): Promise<string> {
  const objects = await kubectl.list(compositeControllers)
  for (const namespace of namespaces) {
    // A missing object must not hide the others.
    for (const kinds of [sampleSources, sinkBindings, 'deployments.apps', 'pods']) objects.push(...await kubectl.list(kinds, '--namespace', namespace))
  }
  return objects.map(object => stringify(withoutNoise(object))).join('---\n')
}

/** Fields that only add noise to a report. */
function withoutNoise ({ apiVersion, kind, metadata: { managedFields, annotations, ...metadata }, ...object }: KubeObject): object {
  return { apiVersion, kind, metadata, ...object }
}

/** How many of the latest Events of each namespace to print. Those in `default` may come from elsewhere. */
const latestEvents = 20

/** Metacontroller's Events about the CompositeController are in the namespace `default`. */
async function describeEvents (kubectl: Kubectl, namespaces: string[]): Promise<string> {
  const events = await Promise.all(namespaces.map(async namespace => await kubectl.run(['get', 'events', '--namespace', namespace, '--sort-by=.metadata.creationTimestamp'])))
  return events.flatMap(text => {
    const [header = '', ...lines] = text.trimEnd().split('\n')
    return [header, ...lines.slice(-latestEvents)]
  }).filter((line, index, lines) => line !== '' && lines.indexOf(line) === index).join('\n')
}

function indent (text: string): string {
  return text.trimEnd().split('\n').map(line => `  ${line}`).join('\n')
}
