import t from 'tap'
import { valueAt } from '../../src/kubernetes/object.js'
import { reconcile, type SyncRequest } from '../../src/samplesource/reconcile.js'
import { changed, conditionsOf, deploymentReady, makeRequest, now, settings, sinkBindingReady, spec, withChildren, withEnv } from './source.js'

/* No pod before its sink. */

const askedFor = (request: SyncRequest): unknown[] => {
  const [deployment] = reconcile(request, settings, now).response.children
  return ['replicas', 'paused'].map(field => valueAt(deployment, 'spec', field))
}

const [waits, runs] = [[0, true], [1, undefined]]

/** A source with a Deployment that was created, and the content of its template. */
function waiting (sinkBindingStatus: unknown, ...injected: object[]): any {
  const request: any = withChildren(makeRequest(), {}, sinkBindingStatus)
  const desired = reconcile(makeRequest(), settings, now).response.children[0]!
  const annotations = { 'metacontroller.k8s.io/last-applied-configuration': JSON.stringify(desired) }
  const observed = { ...desired, metadata: { ...desired.metadata, generation: 1, annotations }, status: { observedGeneration: 1 } }
  request.children['Deployment.apps/v1']['demo/a'] = withEnv(observed, ...injected)
  return request
}

const sink = { name: 'K_SINK', value: sinkBindingReady.sinkUri }
const unresolved = { conditions: [{ type: 'Ready', status: 'False', reason: 'NoAddressable' }, { type: 'SinkProvided', status: 'False', reason: 'NoAddressable' }] }

t.test('a Deployment that has never run waits until the SinkBinding is ready, and its sink is in the template', async t => {
  t.same(askedFor(makeRequest()), waits, 'a new one')
  const table: Array<[string, SyncRequest, unknown, string]> = [
    ['nothing is known yet', waiting(undefined), waits, 'Unknown WaitingForSink'],
    ['the sink is not resolved', waiting(unresolved), waits, 'Unknown WaitingForSink'],
    ['not of its latest generation', waiting({ ...sinkBindingReady, observedGeneration: 0 }, sink), waits, 'Unknown WaitingForSink'],
    ['it is not in the template', waiting(sinkBindingReady), waits, 'Unknown SinkNotInjected'],
    ['another is', waiting(sinkBindingReady, { name: 'K_SINK', value: 'http://other' }), waits, 'Unknown SinkNotInjected'],
    ['the token is missing', waiting({ ...sinkBindingReady, oidcTokenSecretName: 'token' }, sink), waits, 'Unknown DeploymentUpdating'],
    ['all is there', waiting(sinkBindingReady, sink), runs, 'Unknown DeploymentUpdating']
  ]
  for (const [name, request, expected, deployed] of table) {
    t.same(askedFor(request), expected, name)
    t.equal(conditionsOf(request)['Deployed'], deployed, name)
  }
  t.equal(conditionsOf(waiting(unresolved))['Ready'], 'False NoAddressable')
})

t.test('meanwhile a change of the spec is not a separate stage', async t => {
  const request = waiting(unresolved)
  request.parent.spec = { ...spec, ...changed(20) }
  t.equal(conditionsOf(request)['Deployed'], 'Unknown WaitingForSink')
})

t.test('a Deployment with replicas keeps them', async t => {
  const running = (sinkBindingStatus: unknown, replicas: unknown = 1): any => {
    const request: any = withChildren(makeRequest(), deploymentReady, sinkBindingStatus)
    request.children['Deployment.apps/v1']['demo/a'].spec.replicas = replicas
    return request
  }
  for (const status of [sinkBindingReady, unresolved, undefined]) {
    for (const replicas of [1, 3, undefined, null, '0']) t.same(askedFor(running(status, replicas)), runs, JSON.stringify([status, replicas]))
  }
  t.same(askedFor({ ...running(unresolved), children: { ...running(unresolved).children, 'SinkBinding.sources.knative.dev/v1': {} } }), runs, 'without a SinkBinding')
  t.same(askedFor(running(sinkBindingReady, 0)), runs, 'somebody has scaled it down')
  const invalid = { ...running(unresolved), parent: makeRequest({ spec: {} }).parent }
  t.same(askedFor(invalid), runs, 'an invalid spec')
})

t.test('a waiting Deployment is left alone while the spec is invalid', async t => {
  const invalid = { ...waiting(sinkBindingReady, sink), parent: makeRequest({ spec: {} }).parent }
  t.same(askedFor(invalid), waits)
  t.equal(conditionsOf(invalid)['Deployed'], 'Unknown NoReplicas')
})
