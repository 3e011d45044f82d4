import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import type { JsonObject } from '../../src/kubernetes/object.js'
import { ApiServer, type KubeObject, type Manifest, type Reference, type Write } from './api-server.js'
import type { ApplyStrategy } from './child-manager.js'
import { Clock } from './clock.js'
import type { Controller } from './controller.js'
import { resourceOf } from './crd.js'
import { DeploymentController } from './deployment-controller.js'
import { EventRecorder, type KubeEvent } from './events.js'
import { GarbageCollector } from './garbage-collector.js'
import { Metacontroller, type CompositeController, type Sync } from './metacontroller.js'
import { SinkBindingController } from './sink-binding-controller.js'

/** A CompositeController, with the hook that it calls. */
export interface ControllerOptions {
  /** Where the hook listens: `http://127.0.0.1:8080`. */
  hookUrl: string
  /** Overrides the hook version of the CompositeController. */
  hookVersion?: 'v1' | 'v2'
  applyStrategy?: ApplyStrategy
  /** The CustomResourceDefinition and the CompositeController, or a file or folder with them. Default: `manifests/`. */
  manifests?: string | Manifest[]
  /** Changes the CompositeController before it is used, to add a hook or to change a strategy. */
  controller?: (controller: CompositeController) => void
  /** Overrides the hook timeout of the CompositeController. */
  hookTimeoutMs?: number
}

export interface ClusterOptions extends ControllerOptions {
  /** The time at which the cluster starts. */
  start?: Date
}

/** Something that happened in the cluster: a write, a sync of Metacontroller, or an event. */
export type Step =
  | { type: 'write', time: string, write: Write }
  | { type: 'sync', time: string, sync: Sync }
  | { type: 'event', time: string, event: KubeEvent }

export interface SettleOptions {
  /** The most syncs; an endless loop stops there. Without it, an endless loop is an error. */
  maxSyncs?: number
  /** How long to wait for retries, in seconds of simulated time. */
  patience?: number
  /** Chooses the next controller among those with work to do. Default: each in turn. */
  pick?: (count: number) => number
  /** Ends it early; called before each step of a controller. */
  stop?: () => boolean
}

/** What it took until there was nothing left to do. */
export interface Settlement {
  syncs: number
  /** Writes that reached the API server, and those that changed something. */
  writes: number
  changes: number
  /** False if the most syncs were reached, or if a retry is still pending. */
  settled: boolean
}

/** A loop that ends takes fewer syncs, unless there are many parents. */
const mostSyncs = 1000

const ourManifests = 'manifests/base/'

/**
 * A simulated cluster: an API server, Metacontroller, and the controllers of Deployments and SinkBindings, all in this
 * process, with the real hook behind HTTP. It works only in {@link settle}, {@link advance} and
 * {@link resync}, and in the same order every time.
 */
export class Cluster {
  readonly clock: Clock
  readonly api: ApiServer
  readonly metacontroller: Metacontroller
  readonly deployments: DeploymentController
  readonly sinkBindings: SinkBindingController
  readonly garbageCollector: GarbageCollector
  /** All events of the controllers, including Metacontroller's `SyncError`. */
  readonly events: KubeEvent[]
  /** The parent kind of the CompositeController. */
  readonly parentKind: { apiVersion: string, kind: string }
  readonly #recorder: EventRecorder
  readonly #controllers: Controller[]
  readonly #listeners: Array<(step: Step) => void> = []
  #turn = 0

  constructor ({ start, ...options }: ClusterOptions) {
    this.clock = new Clock(start)
    this.api = new ApiServer(this.clock)
    this.#recorder = new EventRecorder(this.clock)
    this.events = this.#recorder.events
    this.garbageCollector = new GarbageCollector(this.api)
    this.sinkBindings = new SinkBindingController(this.api, this.clock, this.#recorder)
    this.deployments = new DeploymentController(this.api, this.clock)
    this.#controllers = [this.sinkBindings, this.deployments, this.garbageCollector]
    const { metacontroller, parentKind } = this.install(options)
    this.metacontroller = metacontroller
    this.parentKind = parentKind
    this.api.watchWrites(write => this.#tell({ type: 'write', time: this.clock.timestamp(), write }))
    this.#recorder.watch(event => this.#tell({ type: 'event', time: this.clock.timestamp(), event }))
    this.api.resetWrites()
  }

  /** Installs one more CompositeController, with its CustomResourceDefinition. */
  install ({ hookUrl, hookVersion, applyStrategy = 'dynamic-apply', manifests = ourManifests, controller: change, hookTimeoutMs }: ControllerOptions) {
    const documents = typeof manifests === 'string' ? readManifests(manifests) : structuredClone(manifests)
    for (const crd of documents.filter(({ kind }) => kind === 'CustomResourceDefinition')) {
      this.api.define(resourceOf(crd as unknown as JsonObject))
    }
    const controller = documents.find(({ kind }) => kind === 'CompositeController') as CompositeController | undefined
    if (controller === undefined) throw new Error(`no CompositeController in ${typeof manifests === 'string' ? manifests : 'the manifests'}`)
    if (hookVersion !== undefined) {
      for (const hook of Object.values(controller.spec.hooks)) if (hook != null) hook.version = hookVersion
    }
    change?.(controller)
    if (this.api.discover(controller.apiVersion, 'CompositeController') === undefined) this.api.definePlain(controller.apiVersion, 'CompositeController', { namespaced: false })
    const stored = this.api.create(controller, { manager: 'kubectl' }) as unknown as CompositeController
    const metacontroller = new Metacontroller({ api: this.api, clock: this.clock, events: this.#recorder, controller: stored, hookUrl, applyStrategy, hookTimeoutMs })
    metacontroller.watchSyncs(sync => this.#tell({ type: 'sync', time: this.clock.timestamp(), sync }))
    this.#controllers.unshift(metacontroller)
    const parents = controller.spec.parentResource
    const { apiVersion, kind } = this.api.discover(parents.apiVersion, parents.resource) as { apiVersion: string, kind: string }
    return { metacontroller, parentKind: { apiVersion, kind } }
  }

  /** Calls back at every step. */
  onStep (listener: (step: Step) => void): void {
    this.#listeners.push(listener)
  }

  #tell (step: Step): void {
    for (const listener of this.#listeners) listener(step)
  }

  /**
   * Applies objects as `kubectl apply --server-side` does.
   *
   * @param input YAML of one or more documents, or an object; objects of unknown kinds are stored unchanged
   * @returns the stored objects
   */
  apply (input: string | Manifest): KubeObject[] {
    const documents = typeof input === 'string' ? parseYaml(input) : [input]
    return documents.map(document => {
      if (this.api.discover(document.apiVersion, document.kind) === undefined) this.api.definePlain(document.apiVersion, document.kind)
      return this.api.apply(document, { manager: 'kubectl', force: true })
    })
  }

  /**
   * Edits an object as a person does with `kubectl edit`.
   *
   * @param change a function that changes the object, or a JSON merge patch
   */
  person (reference: Reference, change: JsonObject | ((draft: any) => void), { manager = 'kubectl-edit', subresource }: { manager?: string, subresource?: 'status' } = {}): KubeObject {
    return this.api.patch(reference, change, { manager, ...(subresource !== undefined && { subresource }) })
  }

  /** Deletes an object as a person does with `kubectl delete`. */
  delete (reference: Reference, propagation: 'Background' | 'Foreground' | 'Orphan' = 'Background'): void {
    this.api.delete(reference, { manager: 'kubectl', propagation })
  }

  /** The parent with a name, such as a source; undefined if there is none. */
  parent (name: string, namespace = 'default'): KubeObject | undefined {
    return this.api.find({ ...this.parentKind, metadata: { name, namespace } })
  }

  /** The children of one kind, such as `Deployment`, that a parent controls. */
  children (parent: KubeObject, kind?: string): KubeObject[] {
    return this.api.ownedBy(parent.metadata.uid)
      .filter(child => (kind === undefined || child.kind === kind) && child.metadata.ownerReferences?.some(({ uid, controller }) => controller === true && uid === parent.metadata.uid))
  }

  /**
   * Runs the controllers until there is nothing left to do, except for later timers.
   *
   * @throws Error if it does not end, unless the options set the most syncs
   */
  async settle ({ maxSyncs, patience = 60, pick, stop }: SettleOptions = {}): Promise<Settlement> {
    const [syncs, writes] = [this.metacontroller.syncs, this.api.writes.length]
    const until = this.clock.now + patience * 1000
    const isOver = () => this.metacontroller.syncs - syncs >= (maxSyncs ?? mostSyncs) || stop?.() === true
    let isIdle = await this.#work(isOver, pick)
    let next = this.clock.next(true)
    while (isIdle && next !== undefined && next <= until) {
      this.clock.advanceTo(next)
      isIdle = await this.#work(isOver, pick)
      next = this.clock.next(true)
    }
    if (maxSyncs === undefined && isOver() && stop === undefined) throw new Error(`there is something left to do after ${mostSyncs} syncs`)
    const done = this.api.writes.slice(writes)
    return {
      syncs: this.metacontroller.syncs - syncs,
      writes: done.length,
      changes: done.filter(({ changed }) => changed).length,
      settled: isIdle && next === undefined
    }
  }

  /** Lets time pass, and runs the controllers when something is due. */
  async advance (seconds: number, { maxSyncs = mostSyncs, stop }: Pick<SettleOptions, 'maxSyncs' | 'stop'> = {}): Promise<void> {
    const until = this.clock.now + seconds * 1000
    const most = this.metacontroller.syncs + maxSyncs
    const isOver = () => this.metacontroller.syncs >= most || stop?.() === true
    await this.#work(isOver)
    for (let next = this.clock.next(); next !== undefined && next <= until && !isOver(); next = this.clock.next()) {
      this.clock.advanceTo(next)
      await this.#work(isOver)
    }
    this.clock.advanceTo(until)
  }

  /** Makes Metacontroller sync a parent now, some times in a row, without any other controller. */
  async resync (parent: Reference, times = 1): Promise<void> {
    for (let count = 0; count < times; count++) await this.metacontroller.resync(parent)
  }

  /** Runs one step of each controller. @returns whether there is nothing left to do */
  async #work (isOver: () => boolean, pick?: (count: number) => number): Promise<boolean> {
    const idle = new Set<Controller>()
    while (idle.size < this.#controllers.length) {
      if (isOver()) return false
      const ready = this.#controllers.filter(controller => !idle.has(controller))
      const index = pick === undefined ? this.#turn++ : pick(ready.length)
      const controller = ready[index % ready.length] as Controller
      // A step of one controller can be work for the others.
      if (await controller.step()) idle.clear()
      else idle.add(controller)
    }
    return true
  }
}

/** Reads all documents of a YAML file, or of all YAML files in a folder. */
export function readManifests (path: string): Manifest[] {
  if (!statSync(path).isDirectory()) return parseYaml(readFileSync(path, 'utf8'))
  return readdirSync(path).filter(name => /\.ya?ml$/.test(name)).sort().flatMap(name => readManifests(join(path, name)))
}

/** A cache of parsed documents by their text: every test reads the same manifests. */
const parsed = new Map<string, Manifest[]>()

function parseYaml (yaml: string): Manifest[] {
  const manifests = parsed.get(yaml) ?? parseDocuments(yaml)
  parsed.set(yaml, manifests)
  return structuredClone(manifests)
}

function parseDocuments (yaml: string): Manifest[] {
  const documents = parseAllDocuments(yaml)
  if (!Array.isArray(documents)) return []
  return documents.map(document => {
    const [error] = document.errors
    if (error !== undefined) throw error
    return document.toJS() as Manifest | null
  }).filter(document => document !== null)
}
