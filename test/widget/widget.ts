import { readFileSync } from 'node:fs'
import { Type, type Static } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import { findCondition } from '../../src/kubernetes/conditions.js'
import { checkSchema, describeProblems, under } from '../../src/kubernetes/field-error.js'
import { ObjectMeta, isEqual, valueAt, type KubernetesObject } from '../../src/kubernetes/object.js'
import { ResourceList, validateResources } from '../../src/kubernetes/resources.js'
import { CloudEventOverrides } from '../../src/knative/ce-overrides.js'
import { Condition, isTrue, makeConditions, summarize, type Finding } from '../../src/knative/conditions.js'
import { Destination } from '../../src/knative/destination.js'
import { makeSourceCrd } from '../../src/knative/source-crd.js'
import { SourceStatus } from '../../src/knative/source-status.js'
import { answerFor, compareChild, findChild, keepAll } from '../../src/metacontroller/children.js'
import type { Hook } from '../../src/metacontroller/hook.js'
import { CustomizeRequest, HookRequest } from '../../src/metacontroller/protocol.js'
import { childEvents } from '../../src/metacontroller/reconciler-events.js'
import { tearDown } from '../../src/metacontroller/teardown.js'
import { propagateDeploymentAvailability } from '../../src/source/deployment-status.js'
import { markSink, propagateSinkBindingStatus, sinkOf } from '../../src/source/sink-binding-status.js'
import { injectionOf } from '../../src/source/sink-injection.js'
import { customize, type SystemObjects } from '../../src/source/system-objects.js'
import type { Manifest } from '../harness/resource.js'

/*
 * A small separate source for the tests of code that serves any source: the server, the simulated cluster, and the
 * libraries below. It does not change with the names or fields of this project's source.
 */

export const group = 'example.com'
export const apiVersion = `${group}/v1`
export const kind = 'Widget'

const Spec = Type.Object({
  sink: Type.Object(Destination.properties),
  interval: Type.Optional(Type.String({ default: '10s', maxLength: 256 })),
  serviceAccountName: Type.Optional(Type.String({ default: 'default' })),
  ceOverrides: Type.Optional(CloudEventOverrides),
  resources: Type.Optional(Type.Object({ requests: ResourceList('Guaranteed.'), limits: ResourceList('At the most.') }))
})

const Status = Type.Object({ observedGeneration: Type.Integer(), conditions: Type.Array(Condition), ...SourceStatus.properties })

const Widget = Type.Object({
  apiVersion: Type.Literal(apiVersion),
  kind: Type.Literal(kind),
  metadata: ObjectMeta,
  spec: Type.Optional(Type.Unknown()),
  status: Type.Optional(Type.Unknown())
})
type Widget = Static<typeof Widget>

const specSchema = TypeCompiler.Compile(Spec)

/** Its CustomResourceDefinition. */
export const crd = makeSourceCrd({
  group, version: 'v1', kind, singular: 'widget', plural: 'widgets', description: 'For tests.', spec: Spec, status: Status, eventTypes: ['com.example.widget']
}) as Manifest

const hookOf = (name: string) => ({
  version: 'v2',
  webhook: { service: { name: 'hook', namespace: 'widgets', port: 80, protocol: 'http' }, path: `/${name}`, timeout: '10s' }
})

/** Its CompositeController. */
export const compositeController = {
  apiVersion: 'metacontroller.k8s.io/v1alpha1',
  kind: 'CompositeController',
  metadata: { name: 'widget-controller' },
  spec: {
    generateSelector: true,
    parentResource: { apiVersion, resource: 'widgets' },
    childResources: [
      { apiVersion: 'apps/v1', resource: 'deployments', updateStrategy: { method: 'InPlace' } },
      { apiVersion: 'sources.knative.dev/v1', resource: 'sinkbindings', updateStrategy: { method: 'InPlace' } }
    ],
    resyncPeriodSeconds: 300,
    hooks: { sync: hookOf('sync'), customize: hookOf('customize') }
  }
}

/** The manifests for a cluster. */
export const manifests = [crd, compositeController] as Manifest[]

/** A request from Metacontroller: `create`, `ready` or `invalid-spec`. */
export function readRequest (name: string): any {
  return JSON.parse(readFileSync(`test/widget/requests/${name}.json`, 'utf8'))
}

/** The children of a Widget. */
export function makeChildren ({ metadata: { name, namespace, uid }, spec }: Widget) {
  const { sink, interval, serviceAccountName = 'default', ceOverrides, resources } = spec as Static<typeof Spec>
  const labels = { 'knative-eventing-source': 'widget-controller', 'knative-eventing-source-name': name }
  const metadata = { name: `widget-${name}-${uid}`, namespace }
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { ...metadata, labels: { ...labels } },
    spec: {
      replicas: 1,
      selector: { matchLabels: { ...labels } },
      template: {
        metadata: { labels: { ...labels } },
        spec: {
          serviceAccountName,
          securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [{
            name: 'receive-adapter',
            image: 'registry.example/widget-hook:v1',
            env: [
              { name: 'EVENT_SOURCE', value: `${namespace}/${name}` },
              { name: 'INTERVAL', value: interval ?? '10s' },
              { name: 'NAMESPACE', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } } },
              { name: 'NAME', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } },
              { name: 'METRICS_DOMAIN', value: 'knative.dev/eventing' }
            ],
            ...(resources !== undefined && { resources }),
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } }
          }]
        }
      }
    }
  }
  const sinkBinding = {
    apiVersion: 'sources.knative.dev/v1',
    kind: 'SinkBinding',
    metadata: { ...metadata, labels: { ...labels } },
    spec: {
      sink: { ...sink, ...(sink.ref !== undefined && { ref: { ...sink.ref, namespace: sink.ref.namespace ?? namespace } }) },
      ...(ceOverrides !== undefined && { ceOverrides }),
      subject: { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name: metadata.name }
    }
  }
  return { deployment, sinkBinding }
}

const SyncRequest = HookRequest(Widget)
type SyncRequest = Static<typeof SyncRequest>

function reconcile ({ parent, children }: SyncRequest, now: Date) {
  const { metadata: { name, namespace, uid, generation }, spec, status } = parent
  const problems = [...checkSchema(specSchema, spec, 'spec', Infinity), ...under('spec.resources', validateResources(valueAt(spec, 'resources')))]
  const desired = problems.length === 0 ? makeChildren(parent) : undefined
  const compare = (apiVersion: string, kind: string, child: KubernetesObject | undefined) => compareChild(findChild(children, apiVersion, kind, `widget-${name}-${uid}`), child)
  const deployment = compare('apps/v1', 'Deployment', desired?.deployment)
  const sinkBinding = compare('sources.knative.dev/v1', 'SinkBinding', desired?.sinkBinding)
  const findings: Record<string, Finding> = {
    SpecValid: problems.length === 0 ? isTrue : { status: 'False', reason: 'InvalidSpec', message: describeProblems(problems) },
    SinkProvided: markSink(sinkBinding),
    SinkBindingReady: propagateSinkBindingStatus(sinkBinding, 'Ready'),
    Deployed: propagateDeploymentAvailability(deployment, injectionOf(deployment.observed, sinkBinding, 'receive-adapter'))
  }
  const response = {
    status: {
      observedGeneration: generation,
      conditions: makeConditions({ ...findings, Ready: summarize(Object.values(findings)) }, status, now),
      ceAttributes: [{ type: 'com.example.widget', source: 'example.com/widget' }],
      ...sinkOf(sinkBinding.observed)
    },
    children: desired === undefined ? keepAll(children) : [answerFor(deployment, desired.deployment), answerFor(sinkBinding, desired.sinkBinding)]
  }
  const events = [
    ...childEvents({ kind: 'Deployment', label: 'deployment', condition: 'Deployed' }, deployment),
    ...childEvents({ kind: 'SinkBinding', label: 'SinkBinding', condition: 'SinkBindingReady' }, sinkBinding)
  ]
  const specInvalid = findCondition(response.status, 'SpecValid')?.status === 'False'
  return { response, report: { source: `${namespace}/${name}`, generation, events, statusChanged: !isEqual(response.status, status), specInvalid } }
}

/** Its hooks for a server. */
export function makeHooks (system?: SystemObjects): Hook[] {
  const sync: Hook<typeof SyncRequest> = { name: 'sync', request: SyncRequest, answer: reconcile }
  const finalize: Hook<typeof SyncRequest> = {
    name: 'finalize',
    request: SyncRequest,
    answer: (request, now) => ({
      response: { status: reconcile(request, now).response.status, ...tearDown(request.children, ['Deployment.apps/v1', 'SinkBinding.sources.knative.dev/v1']) }
    })
  }
  const request = CustomizeRequest(Widget)
  const customizing: Hook<typeof request> = { name: 'customize', request, answer: request => ({ response: customize(request, system) }) }
  return [sync, finalize, customizing]
}
