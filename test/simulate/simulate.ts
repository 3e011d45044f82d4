import { setTimeout } from 'node:timers/promises'
import { nameOf } from '../../src/cli/files.js'
import { ApiError } from '../harness/api-error.js'
import type { KubeObject, Manifest, Write } from '../harness/api-server.js'
import type { Cluster, Step } from '../harness/cluster.js'
import { groupOf } from '../harness/resource.js'
import { readyOf } from '../story/ready.js'
import { childRuleOf } from './composite-controller.js'
import { isDefinition, type Definitions } from './definitions.js'
import { diagnose } from './diagnosis.js'
import type { WrittenObject } from './documents.js'
import { isByMetacontroller, isParent, parentsOf } from './evidence.js'
import { askedForMore, failedSyncs } from './failed-syncs.js'
import { neverFinalized } from './finalization.js'
import { label, labelOf, onOneLine, type Finding } from './finding.js'
import { judge } from './judgement.js'
import { kubectlApply, unknownFieldsOf } from './kubectl-apply.js'
import { makeCluster } from './make-cluster.js'
import { notesOn } from './notes.js'
import type { Options } from './options.js'
import { tally, type Outcome, type ParentOutcome } from './outcome.js'
import { UsageError } from './usage-error.js'

/** Objects that are applied together. */
export interface Stage {
  /** As given on the command line: `-` is standard input. */
  name: string
  objects: WrittenObject[]
}

export interface Simulation extends Definitions, Pick<Options, 'hookVersion' | 'hookTimeoutSeconds' | 'applyStrategy' | 'sinks' | 'maxSyncs' | 'judgesReady' | 'allowed'> {
  hookUrl: string
  stages: Stage[]
  /** Called before each stage, and then at each step in it. */
  onStage?: (stage: string) => void
  onStep?: (step: Step, cluster: Cluster) => void
  /** Pause, in milliseconds, in the middle of the syncs at rest: it reveals times that come from the hook's clock. */
  pauseMs?: number
}

/** How many times a hook may fail to answer in time. */
const mostTimeouts = 3
/** How long a stage may go on while something is written, and the length of one turn, in seconds of simulated time. */
const turnSeconds = 30
const mostTurns = 20
/** How often a parent is synced at rest. */
const syncsAtRest = 10

/**
 * Applies the stages in turn to a simulated cluster, runs each until nothing changes, and reports what is wrong.
 *
 * @throws UsageError if the definitions do not fit together
 */
export async function simulate (simulation: Simulation): Promise<Outcome> {
  return await new Run(simulation).run()
}

class Run {
  readonly #simulation: Simulation
  readonly #cluster: Cluster
  readonly #steps: Step[] = []
  /** Without the syncs that failed. */
  readonly #findings: Finding[] = []
  /** What was applied, as it was stored then. */
  readonly #applied: KubeObject[] = []
  readonly #readyAfter = new Map<string, number>()
  /** The sinks whose address was looked for, as `Kind/namespace/name`. */
  readonly #askedSinks = new Set<string>()
  /** How many calls in a row the hook has not answered in time. */
  #timeouts = 0
  #atRest = true

  constructor (simulation: Simulation) {
    this.#simulation = simulation
    this.#cluster = makeCluster(simulation, sink => this.#askedSinks.add(sink))
    this.#cluster.onStep(step => this.#onStep(step))
  }

  async run (): Promise<Outcome> {
    const { stages } = this.#simulation
    const { kind } = this.#cluster.parentKind
    if (!stages.some(({ objects }) => objects.some(({ object }) => isParent(this.#cluster, object)))) {
      throw new UsageError(`${stages.map(({ name }) => nameOf(name)).join(', ')}: no ${kind} (${this.#cluster.parentKind.apiVersion}) in it, so there is nothing to simulate`)
    }
    let played = 0
    for (let goesOn = true; goesOn && played < stages.length; played++) goesOn = await this.#play(stages[played]!)
    if (this.#atRest) await this.#probe()
    const evidence = { ...this.#simulation, cluster: this.#cluster, steps: this.#steps, applied: this.#applied, askedSinks: this.#askedSinks, atRest: this.#atRest }
    this.#findings.push(...judge(evidence))
    const findings = [...this.#failedSyncs(), ...distinct(this.#findings)].map(finding => ({ ...finding, message: onOneLine(finding.message) }))
    return {
      atRest: this.#atRest,
      syncs: this.#cluster.metacontroller.syncs,
      customizeCalls: this.#cluster.metacontroller.customize.calls,
      writes: tally(this.#steps),
      parents: this.#parents.map(parent => this.#outcomeOf(parent)),
      findings,
      notes: [...stages.slice(played).map(({ name }) => `${nameOf(name)} was not applied, because of the fault before`), ...notesOn(evidence)],
      exitCode: this.#hasFault() ? 1 : 0
    }
  }

  get #parents (): KubeObject[] {
    return parentsOf(this.#cluster)
  }

  #onStep (step: Step): void {
    this.#steps.push(step)
    if (step.type === 'event' && step.event.reason === 'SyncError') this.#timeouts = /\(Client\.Timeout /.test(step.event.message) ? this.#timeouts + 1 : 0
    if (step.type === 'sync' && step.sync.error === undefined) this.#timeouts = 0
    if (step.type === 'write') this.#noteReady(step.write)
    this.#simulation.onStep?.(step, this.#cluster)
  }

  #noteReady ({ object, ...write }: Write): void {
    if (object === undefined || !isParent(this.#cluster, write) || readyOf(object)?.status !== 'True' || this.#readyAfter.has(object.metadata.uid)) return
    this.#readyAfter.set(object.metadata.uid, (this.#cluster.clock.now - Date.parse(object.metadata.creationTimestamp)) / 1000)
  }

  /** Applies a stage and runs the cluster until it is at rest. @returns whether the next stage is worth it */
  async #play (stage: Stage): Promise<boolean> {
    this.#simulation.onStage?.(stage.name)
    const isAccepted = this.#apply(stage)
    const isSettled = (isAccepted || !this.#hasFault()) && await this.#settle()
    this.#atRest &&= isAccepted && isSettled
    return this.#atRest || !this.#hasFault()
  }

  /** Whether a fault has been found that is not allowed. */
  #hasFault (): boolean {
    return [...this.#findings, ...this.#failedSyncs()].some(({ fault }) => !this.#simulation.allowed.includes(fault))
  }

  #failedSyncs (steps = this.#steps): Finding[] {
    return failedSyncs(steps, this.#cluster.metacontroller.customize.failures)
  }

  /** Applies all objects, also after one that is refused, as kubectl does. @returns whether all were accepted */
  #apply ({ objects }: Stage): boolean {
    let isAccepted = true
    for (const { file, object } of objects) {
      if (isDefinition(object)) continue
      const problem = this.#refusal(object)
      if (problem === undefined) continue
      const { apiVersion, kind, metadata: { name, namespace } } = object
      const isNamespaced = this.#cluster.api.discover(apiVersion, kind)?.namespaced === true
      this.#findings.push({ fault: 'refused', object: label({ kind, name, namespace: namespace ?? (isNamespaced ? 'default' : undefined) }), message: `in ${file} is refused by the API server: ${problem}`, moves: [] })
      isAccepted = false
    }
    return isAccepted
  }

  /** Applies an object as kubectl does, with strict validation. @returns why it is refused, if it is */
  #refusal (object: Manifest): string | undefined {
    const { apiVersion, kind } = object
    const resource = this.#cluster.api.discover(apiVersion, kind)
    const versions = this.#cluster.api.versionsOf(groupOf(apiVersion), kind)
    if (resource === undefined && versions.length > 0) return `no matches for kind "${kind}" in version "${apiVersion}": known here is ${versions.join(', ')}`
    const unknown = unknownFieldsOf(this.#cluster.api, object)
    if (unknown.length > 0) return unknown.join(', ')
    try {
      this.#applied.push(kubectlApply(this.#cluster.api, object))
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      return error.message
    }
  }

  /** Runs the cluster until nothing changes. @returns whether it came to rest */
  async #settle (): Promise<boolean> {
    const { metacontroller: { syncs }, metacontroller: { customize: { calls } } } = this.#cluster
    const from = this.#steps.length
    const most = this.#mostSyncs
    const stop = () => this.#timeouts >= mostTimeouts || this.#cluster.metacontroller.customize.calls - calls > most
    const left = () => most - (this.#cluster.metacontroller.syncs - syncs)
    let { settled } = await this.#cluster.settle({ maxSyncs: most, stop })
    for (let turn = 0, before = -1; settled && before < this.#changes; turn++) {
      if (turn === mostTurns) settled = false
      before = this.#changes
      await this.#cluster.advance(turnSeconds, { maxSyncs: left(), stop })
      settled &&= (await this.#cluster.settle({ maxSyncs: left(), stop })).settled && left() > 0
    }
    if (!settled) this.#findLoops(this.#steps.slice(from), left() > 0 ? '' : ', as many as --max-syncs permits')
    return settled
  }

  /** For all parents together. */
  get #mostSyncs (): number {
    return this.#simulation.maxSyncs * Math.max(1, this.#parents.length)
  }

  get #changes (): number {
    return this.#cluster.api.count({ changed: true })
  }

  /** Finds what goes on without end, in the later half of the steps. */
  #findLoops (steps: Step[], why: string): void {
    const findings = this.#diagnose(steps.slice(Math.floor(steps.length / 2)), 2)
    this.#findings.push(...findings)
    if (findings.length === 0 && this.#failedSyncs().length === 0) this.#findRestless(why)
  }

  #diagnose (steps: Step[], atLeast: number): Finding[] {
    const { api, parentKind: { apiVersion, kind: parentKind } } = this.#cluster
    const { namespaced: isParentNamespaced, hasStatus } = api.discover(apiVersion, parentKind)!
    return diagnose(steps, { atLeast, parentKind, isParentNamespaced, hasStatus, isChild: object => childRuleOf(this.#simulation.controller, api, object) !== undefined })
  }

  /** Syncs all parents at rest: nothing may be written, no sync may fail, and nothing may be left to do. */
  async #probe (): Promise<void> {
    const { pauseMs = 1100 } = this.#simulation
    const from = this.#steps.length
    let settled = true
    for (let round = 0, moved = 0; settled && round < syncsAtRest && moved < 3 && this.#timeouts < mostTimeouts; round++) {
      if (round === syncsAtRest / 2) await setTimeout(pauseMs)
      const before = this.#steps.length
      for (const parent of this.#parents) await this.#cluster.resync(parent)
      settled = (await this.#cluster.settle({ maxSyncs: this.#mostSyncs, stop: () => this.#timeouts >= mostTimeouts })).settled
      if (this.#steps.slice(before).some(isByMetacontroller)) moved++
      this.#cluster.clock.advanceTo(this.#cluster.clock.now + 1000)
    }
    const steps = this.#steps.slice(from)
    const findings = [...this.#diagnose(steps, 1), ...neverFinalized(this.#parents, this.#steps, this.#cluster.metacontroller)]
    this.#findings.push(...findings)
    const write = steps.find(isByMetacontroller)
    const hasFindings = findings.length > 0 || this.#failedSyncs(steps).length > 0
    this.#atRest = settled && !hasFindings && write === undefined
    if (this.#atRest || hasFindings) return
    if (write === undefined) this.#findRestless()
    else this.#findings.push({ fault: 'not-at-rest', object: label(write.write), message: 'is written when nothing was left to do', moves: [] })
  }

  /** @param why the reason, if the hook does not give one */
  #findRestless (why = ''): void {
    const reason = `${askedForMore(this.#steps)}${this.#customizeAskedForMore()}` || why
    this.#findings.push({ fault: 'not-at-rest', object: labelOf(this.#simulation.controller), message: `does not come to rest: ${count(this.#cluster.metacontroller.syncs, 'sync')} so far${reason}`, moves: [] })
  }

  #customizeAskedForMore (): string {
    const { putOff } = this.#cluster.metacontroller.customize
    return putOff > 0 ? `; the customize hook has answered 429 ${putOff === 1 ? 'once' : `${putOff} times`}` : ''
  }

  #outcomeOf (parent: KubeObject): ParentOutcome {
    const { kind, metadata: { namespace, name, uid } } = parent
    return { kind, namespace, name, ready: readyOf(parent)?.status, readyAfterSeconds: this.#readyAfter.get(uid) }
  }
}

const count = (number: number, what: string) => `${number} ${what}${number === 1 ? '' : 's'}`

/** Keeps only the last finding for each fault and object. */
function distinct (findings: Finding[]): Finding[] {
  const keyOf = ({ fault, object }: Finding) => `${fault} ${object}`
  return findings.filter((finding, index) => !findings.slice(index + 1).some(later => keyOf(later) === keyOf(finding)))
}
