import { readyOf } from '../story/ready.js'
import { settingsNotSimulated } from './composite-controller.js'
import { isByMetacontroller, isParent, parentsOf, type Evidence } from './evidence.js'
import { wasFinalized } from './finalization.js'
import { labelOf } from './finding.js'
import { neverUpdated } from './never-updated.js'
import { repeatedChildren } from './repeated-children.js'

const calledHooks = ['sync', 'finalize', 'customize']

/** What a user should know although it is no fault: a line each. */
export function notesOn (evidence: Evidence): string[] {
  const { steps, cluster, controller, applyStrategy } = evidence
  return [
    ...withoutReady(evidence),
    ...finalized(evidence),
    ...unusedSinks(evidence),
    ...hooksNotCalled(evidence),
    ...notActedOn(evidence),
    ...plainChildren(evidence),
    ...repeatedChildren(steps),
    ...neverUpdated(steps, cluster.api, controller, applyStrategy)
  ]
}

function withoutReady ({ steps, cluster, judgesReady }: Evidence): string[] {
  const synced = new Set(steps.flatMap(step => step.type === 'sync' && step.sync.error === undefined ? [step.sync.parent.metadata.uid] : []))
  const without = parentsOf(cluster).filter(parent => readyOf(parent) === undefined && synced.has(parent.metadata.uid))
  if (without.length === 0 || !judgesReady) return []
  return [`${without.map(labelOf).join(', ')} ${without.length === 1 ? 'has' : 'have'} no condition Ready: only checked that it comes to rest`]
}

function finalized ({ cluster, steps, applied }: Evidence): string[] {
  const parents = new Map(applied.filter(object => isParent(cluster, object)).map(parent => [parent.metadata.uid, parent]))
  return [...parents.values()].filter(parent => wasFinalized(parent, steps)).map(parent => `${labelOf(parent)} was finalized: the hook answered finalized: true`)
}

/** A source that did not get far did not ask for its sink. */
function unusedSinks ({ atRest, sinks: { addresses }, askedSinks }: Evidence): string[] {
  return atRest ? [...addresses.keys()].filter(sink => !askedSinks.has(sink)).map(sink => `--sink ${sink} was not needed: no source names this sink, or it is in a file`) : []
}

function hooksNotCalled ({ controller: { spec: { hooks } } }: Evidence): string[] {
  const others = Object.keys(hooks).filter(type => !calledHooks.includes(type))
  return others.length === 0 ? [] : [`not called here: the ${others.join(' and ')} ${others.length === 1 ? 'hook' : 'hooks'}`]
}

function notActedOn ({ controller }: Evidence): string[] {
  const paths = settingsNotSimulated(controller)
  return paths.length === 0 ? [] : [`not acted on here: ${paths.join(', ')}`]
}

/** The kinds of children of which an endless update can go unseen. */
function plainChildren ({ steps, cluster }: Evidence): string[] {
  const kinds = new Set(steps.filter(isByMetacontroller).map(({ write }) => write)
    .filter(write => write.verb !== 'delete' && !isParent(cluster, write) && cluster.api.discover(write.apiVersion, write.kind)?.isPlain === true)
    .map(({ kind }) => kind))
  return kinds.size === 0 ? [] : [`${[...kinds].join(', ')}: stored as written, without the API server's defaults and validation, which can hide an endless update`]
}
