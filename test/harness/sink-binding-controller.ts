import { childName } from '../../src/knative/child-name.js'
import { isRefusal } from './api-error.js'
import type { ApiServer, KubeObject, Reference } from './api-server.js'
import type { Clock } from './clock.js'
import { Queue, type Controller } from './controller.js'
import type { EventRecorder } from './events.js'
import { copy, equal, goJson } from './json.js'
import { groupOf, groupResource, nameOf } from './resource.js'
import { refuseContradictions, sinkBindings, withOwnNamespace } from './sink-binding-kind.js'

const manager = 'eventing-webhook'
const finalizer = 'sinkbindings.sources.knative.dev'

/**
 * How a SinkBinding behaves:
 * - `working`: it is bound
 * - `lagging`: the controller and its webhook do nothing at all
 * - `failing`: the sink resolves, but the subject cannot be changed
 */
export type SinkBindingMode = 'working' | 'lagging' | 'failing'

/** The address of a sink. https://pkg.go.dev/knative.dev/pkg/apis/duck/v1#Addressable */
export interface Address {
  url: string
  CACerts?: string
  audience?: string
}

interface Condition {
  type: string
  status: 'True' | 'False' | 'Unknown'
  reason?: string
  message?: string
  lastTransitionTime: string
}

interface SinkBindingStatus {
  observedGeneration?: number
  conditions?: Condition[]
  sinkUri?: string
  sinkCACerts?: string
  sinkAudience?: string
  oidcTokenSecretName?: string
  [field: string]: unknown
}

const conditionTypes = ['SinkBindingAvailable', 'SinkProvided', 'OIDCIdentityCreated', 'OIDCTokenSecretCreated', 'TrustBundlePropagated']

/**
 * Knative's SinkBinding controller: resolves the sink, injects its address into the subject, and writes the status;
 * with the webhook that injects the address when others write the subject.
 * https://github.com/knative/eventing/tree/main/pkg/reconciler/sinkbinding and
 * https://github.com/knative/pkg/tree/main/webhook/psbinding
 *
 * As in Knative's defaults, OIDC is off and there are no trust bundles. OIDC can be turned on (without ServiceAccounts and
 * Secrets, which nothing reads here). A failure is not retried after a delay, but
 * when something changes that it depends on.
 */
export class SinkBindingController implements Controller {
  /** Whether the webhook runs. Without it, only the controller injects, a moment later. */
  webhook = true
  /** Whether the feature `authentication-oidc` is on: then a sink with an audience gets a token. */
  oidc = false
  /** Whether its cache is slightly behind: the first read of a subject does not find it. */
  cacheLags = false
  /** The address of a sink that does not exist or has none; undefined: it has no address. */
  addressOf: ((sink: Reference) => Address | undefined) | undefined
  readonly #cached = new Set<string>()
  readonly #api: ApiServer
  readonly #clock: Clock
  readonly #events: EventRecorder
  readonly #queue = new Queue()
  readonly #modes = new Map<string, SinkBindingMode>()
  readonly #trackers = new Map<string, Set<string>>()
  readonly #addresses = new Map<string, Address>()
  #mode: SinkBindingMode = 'working'

  constructor (api: ApiServer, clock: Clock, events: EventRecorder) {
    this.#api = api
    this.#clock = clock
    this.#events = events
    api.define(sinkBindings)
    api.admit('sources.knative.dev/v1', 'SinkBinding', withOwnNamespace)
    api.admit('sources.knative.dev/v1', 'SinkBinding', refuseContradictions)
    api.admit('sources.knative.dev/v1', 'SinkBinding', noteUser)
    api.admit('apps/v1', 'Deployment', deployment => this.#admit(deployment))
    api.watch(({ type, object }) => {
      if (object.kind === 'SinkBinding' && object.apiVersion === 'sources.knative.dev/v1') {
        this.#track(object.spec?.subject, object)
        if (type !== 'DELETED') this.#queue.add(nameOf(object))
      }
      this.#enqueueTrackers(object)
    })
  }

  /** Sets how a SinkBinding behaves from now on; without a reference, sets the default. */
  be (mode: SinkBindingMode, sinkBinding?: Pick<Reference, 'metadata'>): void {
    if (sinkBinding === undefined) this.#mode = mode
    else this.#modes.set(nameOf({ ...sinkBinding, apiVersion: 'sources.knative.dev/v1', kind: 'SinkBinding' }), mode)
    for (const one of this.#api.list('sources.knative.dev/v1', 'SinkBinding')) this.#queue.add(nameOf(one))
  }

  /**
   * Gives an address to an object that is not a Service, instead of the one in its status.
   *
   * @param address undefined to remove it
   */
  setAddress (sink: Reference, address: Address | undefined): void {
    if (address === undefined) this.#addresses.delete(trackerKey(sink))
    else this.#addresses.set(trackerKey(sink), address)
    this.#enqueueTrackers(sink)
  }

  step (): boolean {
    const key = this.#queue.take()
    if (key === undefined) return false
    const [namespace, name = ''] = key.split('/')
    const sinkBinding = this.#api.find({ apiVersion: 'sources.knative.dev/v1', kind: 'SinkBinding', metadata: { name, namespace } })
    if (sinkBinding === undefined || this.#modeOf(sinkBinding) === 'lagging') return true
    try {
      if (sinkBinding.metadata.deletionTimestamp === undefined) this.#reconcile(sinkBinding)
      else this.#finalize(sinkBinding)
    } catch (error) {
      if (!isRefusal(error, 'Conflict', 'NotFound')) throw error
      if (isRefusal(error, 'Conflict')) this.#queue.add(key)
    }
    return true
  }

  #modeOf (sinkBinding: KubeObject): SinkBindingMode {
    return this.#modes.get(nameOf(sinkBinding)) ?? this.#mode
  }

  #track (reference: { apiVersion: string, kind: string, name: string, namespace?: string } | undefined, sinkBinding: KubeObject): void {
    if (reference === undefined) return
    const { apiVersion, kind, name, namespace } = reference
    const key = trackerKey({ apiVersion, kind, metadata: { name, namespace } })
    const trackers = this.#trackers.get(key)
    if (trackers === undefined) this.#trackers.set(key, new Set([nameOf(sinkBinding)]))
    else trackers.add(nameOf(sinkBinding))
  }

  #enqueueTrackers (object: Reference): void {
    for (const key of this.#trackers.get(trackerKey(object)) ?? []) this.#queue.add(key)
  }

  #reconcile (sinkBinding: KubeObject): void {
    const status: SinkBindingStatus = copy(sinkBinding.status ?? {})
    this.#initialize(status)
    let bound = sinkBinding
    if (!(sinkBinding.metadata.finalizers ?? []).includes(finalizer)) {
      bound = this.#api.patch(sinkBinding, draft => {
        draft.metadata.finalizers = [...draft.metadata.finalizers ?? [], finalizer]
      }, { manager })
    }
    const problem = this.#bind(sinkBinding, status) ?? this.#reconcileSubResources(sinkBinding, status)
    if (problem === undefined) status.observedGeneration = sinkBinding.metadata.generation as number
    if (!equal(status, sinkBinding.status)) this.#api.updateStatus({ ...bound, status }, { manager })
    if (problem !== undefined) this.#events.record(sinkBinding, 'Warning', 'InternalError', problem, 'sinkbinding-controller')
  }

  /** @returns the error, if any */
  #bind (sinkBinding: KubeObject, status: SinkBindingStatus): string | undefined {
    const { apiVersion, kind, name, namespace } = sinkBinding.spec.subject
    this.#track(sinkBinding.spec.subject, sinkBinding)
    const subject = this.#findSubject({ apiVersion, kind, metadata: { name, namespace } }, sinkBinding)
    if (subject === undefined) {
      const problem = this.#notFound(apiVersion, kind, name)
      this.#mark(status, 'SinkBindingAvailable', 'False', 'SubjectMissing', problem)
      return problem
    }
    const mutated = copy(subject)
    const address = this.#do(sinkBinding, mutated)
    if (address !== undefined) this.#markSink(status, address)
    if (!equal(mutated, subject)) {
      try {
        if (this.#modeOf(sinkBinding) === 'failing') throw new Error(`${groupOf(apiVersion)} "${name}" is forbidden`)
        this.#api.patch(subject, draft => {
          draft.spec.template.spec = mutated.spec.template.spec
        }, { manager })
      } catch (error) {
        const problem = `failed binding subject ${name}: ${(error as Error).message}`
        this.#mark(status, 'SinkBindingAvailable', 'False', 'BindingFailed', problem)
        return problem
      }
    }
    this.#mark(status, 'SinkBindingAvailable', 'True')
    return undefined
  }

  #findSubject (reference: Reference, sinkBinding: KubeObject): KubeObject | undefined {
    const subject = this.#api.find(reference)
    if (subject === undefined || !this.cacheLags || this.#cached.has(subject.metadata.uid)) return subject
    this.#cached.add(subject.metadata.uid)
    this.#queue.add(nameOf(sinkBinding))
    return undefined
  }

  #reconcileSubResources (sinkBinding: KubeObject, status: SinkBindingStatus): string | undefined {
    this.#mark(status, 'TrustBundlePropagated', 'True')
    this.#track(sinkBinding.spec.sink?.ref, sinkBinding)
    const address = this.#resolve(sinkBinding)
    if (address instanceof Error) {
      this.#mark(status, 'SinkProvided', 'False', 'NoAddressable', `Addressable could not be extracted from destination: ${address.message}`)
      return address.message
    }
    this.#markSink(status, address)
    this.#reconcileToken(sinkBinding, status)
    return undefined
  }

  /** Creates a token for a sink with an audience. The next sync of the SinkBinding, after the status change, mounts it. */
  #reconcileToken ({ metadata: { name } }: KubeObject, status: SinkBindingStatus): void {
    const isWanted = this.oidc && status.sinkAudience !== undefined
    if (isWanted) {
      status['auth'] = { serviceAccountName: childName(`${name}-oidc-`, 'sources.knative.dev-sinkbinding') }
      status.oidcTokenSecretName = childName(name, '-oidc-token')
    } else {
      if (!this.oidc) delete status['auth']
      delete status.oidcTokenSecretName
    }
    const reason = this.oidc ? 'Sink has no audience defined' : 'authentication-oidc feature disabled'
    for (const type of ['OIDCIdentityCreated', 'OIDCTokenSecretCreated']) this.#mark(status, type, 'True', isWanted ? undefined : reason)
  }

  /** Undoes the binding and removes the finalizer of the SinkBinding. */
  #finalize (sinkBinding: KubeObject): void {
    const [first, ...rest] = sinkBinding.metadata.finalizers ?? []
    if (first !== finalizer) return
    const { apiVersion, kind, name, namespace } = sinkBinding.spec.subject
    const subject = this.#api.find({ apiVersion, kind, metadata: { name, namespace } })
    if (subject !== undefined) {
      const mutated = copy(subject)
      undo(mutated)
      if (!equal(mutated, subject)) {
        this.#api.patch(subject, draft => {
          draft.spec.template.spec = mutated.spec.template.spec
        }, { manager })
      }
    }
    this.#api.patch(sinkBinding, draft => {
      draft.metadata.finalizers = rest
    }, { manager })
  }

  /** The webhook: injects the address into a subject before it is stored. */
  #admit (subject: KubeObject): void {
    if (!this.webhook) return
    for (const key of this.#trackers.get(trackerKey(subject)) ?? []) {
      const [namespace, name = ''] = key.split('/')
      const sinkBinding = this.#api.find({ apiVersion: 'sources.knative.dev/v1', kind: 'SinkBinding', metadata: { name, namespace } })
      if (sinkBinding === undefined || !isSubject(sinkBinding, subject) || this.#modeOf(sinkBinding) !== 'working') continue
      if (sinkBinding.metadata.deletionTimestamp === undefined) this.#do(sinkBinding, subject)
      else undo(subject)
    }
  }

  /**
   * Injects the address into every container. If it cannot be resolved, removes the address that was injected
   * before.
   */
  #do (sinkBinding: KubeObject, subject: KubeObject): Address | undefined {
    undo(subject)
    const address = this.#resolve(sinkBinding)
    if (address instanceof Error) return undefined
    const { ceOverrides } = sinkBinding.spec
    const injected = [
      { name: 'K_SINK', value: address.url },
      ...(address.CACerts === undefined ? [] : [{ name: 'K_CA_CERTS', value: address.CACerts }]),
      { name: 'K_CE_OVERRIDES', ...(ceOverrides !== undefined && { value: goJson(ceOverrides) }) }
    ]
    for (const container of containersOf(subject)) container.env = [...container.env ?? [], ...injected]
    const secret: string | undefined = sinkBinding.status?.oidcTokenSecretName
    if (secret !== undefined) mountToken(subject, secret)
    return address
  }

  /** https://github.com/knative/pkg/blob/main/resolver/addressable_resolver.go */
  #resolve ({ spec: { sink = {} } }: KubeObject): Address | Error {
    const { ref, uri, CACerts, audience } = sink
    const own = { ...(CACerts !== undefined && { CACerts }), ...(audience !== undefined && { audience }) }
    if (ref !== undefined) {
      const address = this.#resolveReference(ref, own)
      if (address instanceof Error || uri === undefined) return address
      if (/^[a-z][a-z0-9+.-]*:/i.test(uri)) return new Error('absolute URI is not allowed when Ref or [apiVersion, kind, name] exists')
      return { ...address, url: new URL(uri, address.url).href }
    }
    if (uri === undefined) return new Error('destination missing Ref and URI, expected at least one')
    if (!/^[a-z][a-z0-9+.-]*:\/\/[^/?#]/i.test(uri)) {
      return new Error(`URI is not absolute (both scheme and host should be non-empty): "${uri}"`)
    }
    return { url: uri, ...own }
  }

  #resolveReference ({ apiVersion, kind, name, namespace }: { apiVersion: string, kind: string, name: string, namespace: string }, own: Omit<Address, 'url'>): Address | Error {
    const reference = { apiVersion, kind, metadata: { name, namespace } }
    const set = this.#addresses.get(trackerKey(reference))
    if (set !== undefined) return { ...set, ...own }
    const found = this.#api.discover(apiVersion, kind) === undefined ? undefined : this.#api.find(reference)
    if (found !== undefined && apiVersion === 'v1' && kind === 'Service') {
      return { url: `${own.CACerts === undefined ? 'http' : 'https'}://${name}.${namespace}.svc.cluster.local`, ...own }
    }
    const address: Address | undefined = found?.status?.addresses?.[0] ?? found?.status?.address ?? this.addressOf?.(reference)
    if (address !== undefined) return { ...address, ...own }
    if (found === undefined) return new Error(`failed to get object ${namespace}/${name}: ${this.#notFound(apiVersion, kind, name)}`)
    return new Error(`address not set for &{${kind} ${namespace} ${name} ${apiVersion}  %!s(*string=<nil>)}`)
  }

  #notFound (apiVersion: string, kind: string, name: string): string {
    const resource = this.#api.discover(apiVersion, kind)
    const plural = resource === undefined
      ? [`${kind.toLowerCase()}s`, groupOf(apiVersion)].filter(part => part !== '').join('.')
      : groupResource(resource)
    return `${plural} "${name}" not found`
  }

  #initialize (status: SinkBindingStatus): void {
    const happy = status.conditions?.find(({ type }) => type === 'Ready') ?? this.#set(status, 'Ready', 'Unknown')
    for (const type of conditionTypes) {
      if (status.conditions?.some(condition => condition.type === type) !== true) this.#set(status, type, happy.status === 'True' ? 'True' : 'Unknown')
    }
  }

  #markSink (status: SinkBindingStatus, { url, CACerts, audience }: Address): void {
    status.sinkUri = url
    for (const [field, value] of [['sinkCACerts', CACerts], ['sinkAudience', audience]] as const) {
      if (value === undefined) delete status[field]
      else status[field] = value
    }
    this.#mark(status, 'SinkProvided', 'True')
  }

  /** Sets a condition, and `Ready` with it. */
  #mark (status: SinkBindingStatus, type: string, value: 'True' | 'False', reason?: string, message?: string): void {
    this.#set(status, type, value, reason, message)
    if (value === 'False') {
      this.#set(status, 'Ready', 'False', reason, message)
      return
    }
    const dependents = (status.conditions ?? [])
      .filter(({ type }) => type !== 'Ready')
      .sort((a, b) => Date.parse(b.lastTransitionTime) - Date.parse(a.lastTransitionTime))
    const unhappy = dependents.find(({ status }) => status === 'False') ?? dependents.find(({ status }) => status === 'Unknown')
    if (unhappy === undefined) this.#set(status, 'Ready', 'True')
    else this.#set(status, 'Ready', unhappy.status, unhappy.reason, unhappy.message)
  }

  /** Its time is the time of the last change of any kind. */
  #set (status: SinkBindingStatus, type: string, value: Condition['status'], reason?: string, message?: string): Condition {
    const current = status.conditions?.find(condition => condition.type === type)
    const condition: Condition = {
      ...(message !== undefined && { message }),
      ...(reason !== undefined && { reason }),
      status: value,
      type,
      lastTransitionTime: current?.lastTransitionTime ?? this.#clock.timestamp()
    }
    if (current !== undefined && equal(condition, current)) return current
    condition.lastTransitionTime = this.#clock.timestamp()
    status.conditions = [...(status.conditions ?? []).filter(other => other !== current), condition].sort((a, b) => a.type < b.type ? -1 : 1)
    return condition
  }
}

function trackerKey ({ apiVersion, kind, metadata: { name, namespace } }: Reference): string {
  return `${groupOf(apiVersion)}/${kind}/${namespace ?? ''}/${name}`
}

function isSubject ({ spec: { subject } }: KubeObject, { kind, metadata: { name, namespace } }: KubeObject): boolean {
  return subject.kind === kind && subject.name === name && subject.namespace === namespace
}

interface Container {
  env?: Array<{ name: string, value?: string }>
  volumeMounts?: Array<{ name: string }>
}

function containersOf (subject: KubeObject): Container[] {
  const { containers = [], initContainers = [] } = subject.spec.template.spec
  return [...initContainers, ...containers]
}

const tokenVolume = 'oidc-token'

function mountToken (subject: KubeObject, secret: string): void {
  const pod = subject.spec.template.spec
  pod.volumes = [...pod.volumes ?? [], { name: tokenVolume, projected: { sources: [{ secret: { name: secret } }] } }]
  const mount = { name: tokenVolume, mountPath: '/oidc', readOnly: true }
  for (const container of containersOf(subject)) container.volumeMounts = [...container.volumeMounts ?? [], mount]
}

/** Removes what was injected. */
function undo (subject: KubeObject): void {
  for (const container of containersOf(subject)) {
    remove(container, 'env', ({ name }) => ['K_SINK', 'K_CE_OVERRIDES', 'K_CA_CERTS'].includes(name))
    remove(container, 'volumeMounts', ({ name }) => name === tokenVolume)
  }
  remove(subject.spec.template.spec, 'volumes', ({ name }) => name === tokenVolume)
}

/** Removes items from a list, and the list itself if it is empty then. */
function remove<Field extends string> (object: { [field in Field]?: Array<{ name: string }> }, field: Field, test: (item: { name: string }) => boolean): void {
  const left = object[field]?.filter(item => !test(item))
  if (left === undefined) return
  if (left.length > 0) object[field] = left
  else delete object[field]
}

/**
 * Knative's webhook records who created an object and who changed it last: here, Metacontroller.
 * https://github.com/knative/pkg/blob/main/webhook/resourcesemantics/defaulting/user_info.go
 */
function noteUser (sinkBinding: KubeObject): void {
  const user = 'system:serviceaccount:metacontroller:metacontroller'
  sinkBinding.metadata.annotations = { ...sinkBinding.metadata.annotations, 'sources.knative.dev/creator': user, 'sources.knative.dev/lastModifier': user }
}
