import { createHash } from 'node:crypto'
import { isRefusal } from './api-error.js'
import type { ApiServer, KubeObject, Reference } from './api-server.js'
import type { Clock } from './clock.js'
import { Queue, type Controller } from './controller.js'
import { copy, equal, goJson } from './json.js'
import { nameOf } from './resource.js'

const manager = 'kube-controller-manager'
const revisionAnnotation = 'deployment.kubernetes.io/revision'

/**
 * How a Deployment behaves:
 * - `working`: pods start and become ready
 * - `lagging`: the controller does nothing at all
 * - `failing`: pods start but never become ready; after the deadline, the status says so
 * - `refused`: no pods can be created, because of a quota
 * - `unready`: ready pods are no longer ready, and new ones do not become ready
 */
export type DeploymentMode = 'working' | 'lagging' | 'failing' | 'refused' | 'unready'

interface Condition {
  type: string
  status: string
  lastUpdateTime: string
  lastTransitionTime: string
  reason: string
  message: string
}

interface DeploymentStatus {
  observedGeneration?: number
  replicas?: number
  updatedReplicas?: number
  readyReplicas?: number
  availableReplicas?: number
  /** Since Kubernetes 1.35; written even if it is 0. */
  terminatingReplicas?: number
  unavailableReplicas?: number
  conditions?: Condition[]
}

/** The pods of one revision of a template. */
interface ReplicaSet {
  name: string
  template: { metadata: object, spec: any }
  revision: number
  /** The desired number of pods. */
  wanted: number
  /** The replicas of the Deployment at the last scaling. */
  scaledFor: number
  pods: number
  ready: number
  /** How many pods have been ready for `minReadySeconds`. */
  available: number
  /** When the last pod became ready, in milliseconds since 1970. */
  readySince: number
  /** Why no pod can be created. */
  failure: string | undefined
}

/**
 * The Deployment controller, with the ReplicaSet controller and the kubelet behind it: writes the status of Deployments
 * in the same steps as a real one (seen on Kubernetes 1.34), one step at a time.
 * https://github.com/kubernetes/kubernetes/tree/master/pkg/controller/deployment
 *
 * ReplicaSets and pods are internal: nothing else in the cluster reads them.
 */
export class DeploymentController implements Controller {
  /** How long a pod takes to become ready, in seconds. */
  startupSeconds = 0
  /** The templates of all pods that were started. */
  readonly startedPods: Array<{ metadata: object, spec: any }> = []
  readonly #api: ApiServer
  readonly #clock: Clock
  readonly #queue = new Queue()
  readonly #sets = new Map<string, ReplicaSet[]>()
  readonly #modes = new Map<string, DeploymentMode>()
  readonly #starting = new Set<string>()
  #mode: DeploymentMode = 'working'

  constructor (api: ApiServer, clock: Clock) {
    this.#api = api
    this.#clock = clock
    api.watch(({ type, object }) => {
      if (object.kind !== 'Deployment' || object.apiVersion !== 'apps/v1') return
      if (type === 'DELETED') this.#sets.delete(object.metadata.uid)
      else this.#queue.add(nameOf(object))
    })
  }

  /** Sets how a Deployment behaves from now on; without a reference, sets the default. */
  be (mode: DeploymentMode, deployment?: Pick<Reference, 'metadata'>): void {
    if (deployment === undefined) this.#mode = mode
    else this.#modes.set(nameOf({ ...deployment, apiVersion: 'apps/v1', kind: 'Deployment' }), mode)
    for (const one of this.#api.list('apps/v1', 'Deployment')) this.#queue.add(nameOf(one))
  }

  step (): boolean {
    const key = this.#queue.take()
    if (key === undefined) return false
    const deployment = this.#find(key)
    if (deployment === undefined || this.#modeOf(key) === 'lagging') return true
    try {
      if (this.#sync(deployment) || this.#runPods(deployment, key)) this.#queue.add(key)
    } catch (error) {
      if (!isRefusal(error, 'NotFound', 'Conflict')) throw error
      this.#queue.add(key)
    }
    return true
  }

  #find (key: string): KubeObject | undefined {
    const [namespace, name = ''] = key.split('/')
    return this.#api.find({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace } })
  }

  #modeOf (key: string): DeploymentMode {
    return this.#modes.get(key) ?? this.#mode
  }

  #setsOf ({ metadata: { uid } }: KubeObject): ReplicaSet[] {
    let sets = this.#sets.get(uid)
    if (sets === undefined) this.#sets.set(uid, sets = [])
    return sets
  }

  /** @returns whether there is more to do */
  #sync (deployment: KubeObject): boolean {
    if (this.#reportPause(deployment)) return true
    const sets = this.#setsOf(deployment)
    const replicas: number = deployment.spec.replicas
    const newest = sets.find(({ template }) => equal(template, deployment.spec.template))
    if (deployment.metadata.deletionTimestamp !== undefined) {
      return this.#writeStatus(deployment, this.#status(deployment, sets, newest))
    }
    if (deployment.spec.paused !== true && sets.some(set => set.wanted > 0 && set.scaledFor !== replicas)) {
      const status = this.#status(deployment, sets, newest)
      scale(sets, newest, replicas, maxSurge(deployment))
      this.#writeStatus(deployment, status)
      return true
    }
    if (newest === undefined) {
      return deployment.spec.paused === true ? this.#writeStatus(deployment, this.#status(deployment, sets, newest)) : this.#startRevision(deployment, sets)
    }
    if (this.#adoptRevision(deployment, sets, newest)) return true
    const status = this.#status(deployment, sets, newest)
    // The progress of a paused Deployment is not reported.
    if (deployment.spec.paused === true) return this.#writeStatus(deployment, status)
    this.#reportProgress(deployment, status, newest)
    const isScaled = rollOut(deployment, sets, newest)
    return this.#writeStatus(deployment, status) || isScaled
  }

  /** Reports that a Deployment was paused or resumed. @returns whether that was new */
  #reportPause (deployment: KubeObject): boolean {
    const status = copy(deployment.status) as DeploymentStatus
    const reason = status.conditions?.find(({ type }) => type === 'Progressing')?.reason
    if (deployment.metadata.deletionTimestamp !== undefined || reason === 'ProgressDeadlineExceeded') return false
    if ((deployment.spec.paused === true) === (reason === 'DeploymentPaused')) return false
    if (deployment.spec.paused === true) this.#setCondition(status, 'Progressing', 'Unknown', 'DeploymentPaused', 'Deployment is paused')
    else this.#setCondition(status, 'Progressing', 'Unknown', 'DeploymentResumed', 'Deployment is resumed')
    return this.#writeStatus(deployment, status)
  }

  /** Creates a ReplicaSet for a template without one. */
  #startRevision (deployment: KubeObject, sets: ReplicaSet[]): boolean {
    const replicas: number = deployment.spec.replicas
    const isRecreated = deployment.spec.strategy.type === 'Recreate'
    const others = sets.reduce((sum, { wanted }) => sum + wanted, 0)
    if (isRecreated && others > 0) {
      for (const set of sets) set.wanted = 0
      this.#writeStatus(deployment, this.#status(deployment, sets, undefined))
      return true
    }
    if (isRecreated && sets.some(({ pods }) => pods > 0)) return false
    const set = {
      name: `${deployment.metadata.name}-${hashOf(deployment.spec.template)}`,
      template: deployment.spec.template,
      revision: Math.max(0, ...sets.map(({ revision }) => revision)) + 1,
      wanted: Math.min(replicas, replicas + maxSurge(deployment) - others),
      scaledFor: replicas,
      pods: 0,
      ready: 0,
      available: 0,
      readySince: 0,
      failure: undefined
    }
    sets.push(set)
    // This comes first for a new generation.
    const status = copy(deployment.status) as DeploymentStatus
    this.#setCondition(status, 'Progressing', 'True', 'NewReplicaSetCreated', `Created new replica set "${set.name}"`)
    this.#writeStatus(deployment, status, set.revision)
    return true
  }

  /** Uses the existing ReplicaSet of the template: the latest, or one to roll back to. */
  #adoptRevision (deployment: KubeObject, sets: ReplicaSet[], newest: ReplicaSet): boolean {
    const latest = Math.max(...sets.map(({ revision }) => revision))
    if (newest.revision < latest) newest.revision = latest + 1
    if (deployment.metadata.annotations?.[revisionAnnotation] === String(newest.revision)) return false
    return this.#writeStatus(deployment, copy(deployment.status) as DeploymentStatus, newest.revision)
  }

  /** Starts and stops pods, and makes them ready. @returns whether anything changed */
  #runPods (deployment: KubeObject, key: string): boolean {
    const sets = this.#setsOf(deployment)
    const mode = this.#modeOf(key)
    let isChanged = false
    for (const set of sets) {
      const failure = set.pods < set.wanted && mode === 'refused'
        ? `pods "${set.name}-xxxxx" is forbidden: exceeded quota: none, requested: pods=1, used: pods=${set.pods}, limited: pods=${set.pods}`
        : undefined
      const pods = failure === undefined ? set.wanted : Math.min(set.pods, set.wanted)
      if (pods === set.pods && failure === set.failure) continue
      for (let count = set.pods; count < pods; count++) this.startedPods.push(set.template)
      set.pods = pods
      set.ready = Math.min(set.ready, pods)
      set.available = Math.min(set.available, pods)
      set.failure = failure
      isChanged = true
    }
    return isChanged || this.#readyPods(deployment, key, sets, mode) || this.#awaitPods(deployment, key, sets)
  }

  #readyPods (deployment: KubeObject, key: string, sets: ReplicaSet[], mode: DeploymentMode): boolean {
    if (mode === 'unready') {
      const wereReady = sets.filter(({ ready }) => ready > 0)
      for (const set of wereReady) set.ready = set.available = 0
      return wereReady.length > 0
    }
    const waiting = sets.filter(({ ready, pods }) => ready < pods)
    if (mode !== 'working' && mode !== 'refused') return false
    if (waiting.length === 0) return false
    if (this.startupSeconds > 0 && !this.#starting.delete(`${key} up`)) {
      if (this.#starting.has(key)) return false
      this.#starting.add(key)
      this.#clock.after(this.startupSeconds, () => {
        this.#starting.delete(key)
        this.#starting.add(`${key} up`)
        this.#queue.add(key)
      }, true)
      return false
    }
    for (const set of waiting) {
      set.ready = set.pods
      set.readySince = this.#clock.now
      if (minReadySeconds(deployment) === 0) set.available = set.ready
    }
    return true
  }

  /** Pods become available once they have been ready for a while. */
  #awaitPods (deployment: KubeObject, key: string, sets: ReplicaSet[]): boolean {
    const waiting = sets.filter(({ available, ready }) => available < ready)
    const left = (set: ReplicaSet) => minReadySeconds(deployment) - (this.#clock.now - set.readySince) / 1000
    for (const set of waiting) {
      if (left(set) <= 0) set.available = set.ready
      else this.#clock.after(left(set), () => this.#queue.add(key), true)
    }
    return waiting.some(({ available, ready }) => available === ready)
  }

  /** Sets the counters, and whether there are enough pods. */
  #status (deployment: KubeObject, sets: ReplicaSet[], newest: ReplicaSet | undefined): DeploymentStatus {
    const sum = (count: (set: ReplicaSet) => number) => sets.reduce((total, set) => total + count(set), 0)
    const available = sum(({ available }) => available)
    const replicas: number = deployment.spec.replicas
    const status: DeploymentStatus = {
      observedGeneration: deployment.metadata.generation as number,
      replicas: sum(({ pods }) => pods),
      updatedReplicas: newest?.pods ?? 0,
      readyReplicas: sum(({ ready }) => ready),
      availableReplicas: available,
      terminatingReplicas: 0,
      unavailableReplicas: Math.max(0, sum(({ wanted }) => wanted) - available),
      conditions: copy(deployment.status.conditions ?? [])
    }
    if (available >= replicas - maxUnavailable(deployment)) {
      this.#setCondition(status, 'Available', 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.')
    } else {
      this.#setCondition(status, 'Available', 'False', 'MinimumReplicasUnavailable', 'Deployment does not have minimum availability.')
    }
    const failure = newest?.failure ?? sets.find(({ failure }) => failure !== undefined)?.failure
    if (failure === undefined) removeCondition(status, 'ReplicaFailure')
    else this.#setCondition(status, 'ReplicaFailure', 'True', 'FailedCreate', failure)
    return status
  }

  #reportProgress (deployment: KubeObject, status: DeploymentStatus, { name }: ReplicaSet): void {
    const before = deployment.status as DeploymentStatus
    const current = before.conditions?.find(({ type }) => type === 'Progressing')
    if (status.replicas === status.updatedReplicas && current?.reason === 'NewReplicaSetAvailable') return
    const { replicas = 0, updatedReplicas = 0, readyReplicas = 0, availableReplicas = 0 } = status
    const isComplete = [replicas, updatedReplicas, availableReplicas].every(count => count === deployment.spec.replicas)
    const isProgressing = updatedReplicas > (before.updatedReplicas ?? 0) ||
      replicas - updatedReplicas < (before.replicas ?? 0) - (before.updatedReplicas ?? 0) ||
      readyReplicas > (before.readyReplicas ?? 0) || availableReplicas > (before.availableReplicas ?? 0)
    if (isComplete) {
      this.#setCondition(status, 'Progressing', 'True', 'NewReplicaSetAvailable', `ReplicaSet "${name}" has successfully progressed.`)
    } else if (isProgressing) {
      // Written at every progress, which restarts the deadline.
      removeCondition(status, 'Progressing')
      this.#setCondition(status, 'Progressing', 'True', 'ReplicaSetUpdated', `ReplicaSet "${name}" is progressing.`)
      const condition = status.conditions?.find(({ type }) => type === 'Progressing')
      if (current?.status === 'True' && condition !== undefined) condition.lastTransitionTime = current.lastTransitionTime
    } else if (current !== undefined && current.reason !== 'ProgressDeadlineExceeded' && current.reason !== 'NewReplicaSetAvailable') {
      const left = Date.parse(current.lastUpdateTime) / 1000 + deployment.spec.progressDeadlineSeconds - this.#clock.now / 1000
      if (left < 0) {
        this.#setCondition(status, 'Progressing', 'False', 'ProgressDeadlineExceeded', `ReplicaSet "${name}" has timed out progressing.`)
      } else {
        this.#clock.after(left + 1, () => this.#queue.add(nameOf(deployment)))
      }
    }
  }

  /** A condition with the same status and reason stays unchanged. With the same status, it keeps its transition time. */
  #setCondition (status: DeploymentStatus, type: string, value: string, reason: string, message: string): void {
    const current = status.conditions?.find(condition => condition.type === type)
    if (current?.status === value && current.reason === reason) return
    const now = this.#clock.timestamp()
    const lastTransitionTime = current?.status === value ? current.lastTransitionTime : now
    removeCondition(status, type)
    status.conditions = [...status.conditions ?? [], { type, status: value, lastUpdateTime: now, lastTransitionTime, reason, message }]
  }

  /** @returns whether it changed */
  #writeStatus (deployment: KubeObject, status: DeploymentStatus, revision?: number): boolean {
    const counted = Object.fromEntries(Object.entries(status).filter(([, value]) => value !== 0))
    if (revision === undefined && equal(counted, deployment.status)) return false
    const { annotations } = deployment.metadata
    this.#api.updateStatus({
      ...deployment,
      metadata: { ...deployment.metadata, ...(revision !== undefined && { annotations: { ...annotations, [revisionAnnotation]: String(revision) } }) },
      status: counted
    }, { manager })
    return true
  }
}

function removeCondition (status: DeploymentStatus, type: string): void {
  if (status.conditions !== undefined) status.conditions = status.conditions.filter(condition => condition.type !== type)
}

/** Scales to a new number of replicas: the active ReplicaSet, or each of several in proportion. */
function scale (sets: ReplicaSet[], newest: ReplicaSet | undefined, replicas: number, surge: number): void {
  const active = sets.filter(({ wanted }) => wanted > 0)
  const total = active.reduce((sum, { wanted }) => sum + wanted, 0)
  const target = active.length > 1 && replicas > 0 ? replicas + surge : replicas
  let left = target
  for (const set of active) {
    const isLast = set === (active.includes(newest as ReplicaSet) ? newest : active.at(-1))
    set.wanted = isLast ? set.wanted : Math.min(left, Math.round(set.wanted / total * target))
    if (!isLast) left -= set.wanted
    set.scaledFor = replicas
  }
  const last = active.includes(newest as ReplicaSet) ? newest : active.at(-1)
  if (last !== undefined) last.wanted = left
}

/** Scales the newest ReplicaSet up and the others down, as far as that is safe. */
function rollOut (deployment: KubeObject, sets: ReplicaSet[], newest: ReplicaSet): boolean {
  const replicas: number = deployment.spec.replicas
  const others = sets.filter(set => set !== newest)
  const wantedOf = (some: ReplicaSet[]) => some.reduce((sum, { wanted }) => sum + wanted, 0)
  if (newest.wanted !== replicas) {
    const room = deployment.spec.strategy.type === 'Recreate' ? replicas : replicas + maxSurge(deployment) - wantedOf(others)
    const wanted = newest.wanted > replicas ? replicas : Math.max(newest.wanted, Math.min(replicas, room))
    newest.scaledFor = replicas
    if (wanted !== newest.wanted) {
      newest.wanted = wanted
      return true
    }
  }
  if (deployment.spec.strategy.type === 'Recreate') return false
  const least = replicas - maxUnavailable(deployment)
  let most = wantedOf(sets) - least - (newest.wanted - newest.available)
  if (most <= 0 || wantedOf(others) === 0) return false
  let isScaled = false
  // Pods that are not ready go first, the oldest ones before the others.
  for (const set of others) {
    const count = Math.min(most, Math.max(0, set.wanted - set.available))
    set.wanted -= count
    most -= count
    isScaled ||= count > 0
  }
  let spare = sets.reduce((sum, { available }) => sum + available, 0) - least
  for (const set of others) {
    const count = Math.min(set.wanted, Math.max(0, spare))
    set.wanted -= count
    spare -= count
    isScaled ||= count > 0
  }
  return isScaled
}

/** https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#min-ready-seconds */
function minReadySeconds ({ spec }: KubeObject): number {
  return spec.minReadySeconds ?? 0
}

/** https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment */
function maxSurge ({ spec }: KubeObject): number {
  return share(spec.strategy.rollingUpdate?.maxSurge ?? 0, spec.replicas, Math.ceil)
}

function maxUnavailable (deployment: KubeObject): number {
  const { spec } = deployment
  if (spec.strategy.type !== 'RollingUpdate') return 0
  const count = share(spec.strategy.rollingUpdate.maxUnavailable, spec.replicas, Math.floor)
  const either = count === 0 && maxSurge(deployment) === 0 ? 1 : count
  return Math.min(either, spec.replicas)
}

function share (value: number | string, replicas: number, round: (number: number) => number): number {
  return typeof value === 'number' ? value : round(parseInt(value) * replicas / 100)
}

/** The alphabet of real hashes: no vowels, and no characters that look alike. */
function hashOf (template: unknown): string {
  const alphabet = 'bcdfghjklmnpqrstvwxz2456789'
  return [...createHash('sha256').update(goJson(template)).digest().subarray(0, 10)].map(byte => alphabet[byte % alphabet.length]).join('')
}
