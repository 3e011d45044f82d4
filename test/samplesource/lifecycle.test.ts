import t from 'tap'
import { eventSource, eventType } from '../../src/samplesource/names.js'
import { reconcile } from '../../src/samplesource/reconcile.js'
import { changed, conditionsOf, deploymentReady, makeRequest, now, settings, sinkBindingReady, withChildren, withEnv } from './source.js'

const request = makeRequest()
const available = deploymentReady.conditions[0]

/** A Deployment's status with some of its fields changed, and its conditions added to. */
function deployment (changes: object, ...conditions: object[]) {
  return { ...deploymentReady, ...changes, ...(conditions.length > 0 && { conditions }) }
}

t.test('Deployed', async t => {
  const notAvailable = { type: 'Available', status: 'False', reason: 'MinimumReplicasUnavailable' }
  const table: Array<[string, unknown, string]> = [
    ['available', deploymentReady, 'True'],
    ['no status', undefined, 'Unknown DeploymentUpdating'],
    ['an empty status', {}, 'Unknown DeploymentUpdating'],
    ['its controller has not seen it', deployment({ observedGeneration: 0 }), 'Unknown DeploymentUpdating'],
    ['two that say whether it is available', deployment({}, available!, notAvailable), 'False MinimumReplicasUnavailable'],
    ['two that say whether pods were refused', deployment({}, notAvailable, { type: 'ReplicaFailure', status: 'False' }, { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate' }), 'False FailedCreate'],
    ['two that say whether it goes on', deployment({}, notAvailable, { type: 'Progressing', status: 'True' }, { type: 'Progressing', status: 'False', reason: 'X' }), 'False X'],
    ['replicas that are no numbers', deployment({ replicas: '1', updatedReplicas: '1' }), 'Unknown DeploymentUpdating'],
    ['no conditions yet', { observedGeneration: 1 }, 'Unknown DeploymentUnavailable'],
    ['a condition of an odd status', deployment({}, { type: 'Available', status: 'true' }), 'Unknown DeploymentUnavailable'],
    ['availability unknown', deployment({}, { type: 'Available', status: 'Unknown', reason: 'Why' }), 'Unknown Why'],
    ['not available', deployment({}, notAvailable), 'False MinimumReplicasUnavailable'],
    ['not available, no reason', deployment({}, { type: 'Available', status: 'False' }), 'False DeploymentUnavailable'],
    ['not available yet', deployment({ availableReplicas: undefined }, notAvailable, { type: 'Progressing', status: 'True', reason: 'ReplicaSetUpdated' }), 'Unknown DeploymentUpdating'],
    ['the old pods are gone, the new are not there', deployment({ replicas: undefined, updatedReplicas: undefined, availableReplicas: undefined }, notAvailable, { type: 'Progressing', status: 'True', reason: 'NewReplicaSetCreated' }), 'Unknown DeploymentUpdating'],
    ['no longer available', deployment({ availableReplicas: undefined }, notAvailable, { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' }), 'False MinimumReplicasUnavailable'],
    ['the old pods are available, the new are not there', deployment({ updatedReplicas: undefined }), 'Unknown DeploymentUpdating'],
    ['the old pods are available, the new are coming', deployment({ replicas: 2 }), 'Unknown DeploymentUpdating'],
    ['the new pods do not come up', deployment({ replicas: 2 }, available!, { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }), 'False ProgressDeadlineExceeded'],
    ['not available and given up', deployment({}, notAvailable, { type: 'Progressing', status: 'False' }), 'False DeploymentNotProgressing'],
    ['pods refused', deployment({}, notAvailable, { type: 'Progressing', status: 'False', reason: 'X' }, { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate' }), 'False FailedCreate'],
    ['pods refused while old ones are available', deployment({ replicas: 2 }, available!, { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate' }), 'False FailedCreate'],
    ['all pods may be unavailable, and are', deployment({ readyReplicas: undefined, availableReplicas: undefined, unavailableReplicas: 1 }, available!, { type: 'Progressing', status: 'True', reason: 'ReplicaSetUpdated' }), 'Unknown DeploymentUpdating'],
    ['the same, and they were available before', deployment({ availableReplicas: undefined, unavailableReplicas: 1 }), 'False MinimumReplicasUnavailable'],
    ['no pod, which is allowed', deployment({ replicas: undefined, updatedReplicas: undefined, availableReplicas: undefined, unavailableReplicas: 1 }), 'Unknown DeploymentUpdating'],
    ['available, and pods are refused', deployment({}, available!, { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate' }), 'False FailedCreate'],
    ['available, and given up', deployment({}, available!, { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }), 'False ProgressDeadlineExceeded'],
    ['more available than asked for', deployment({ replicas: 2, updatedReplicas: 2, availableReplicas: 2 }), 'Unknown DeploymentUpdating'],
    ['pods were refused once', deployment({}, available!, { type: 'ReplicaFailure', status: 'False', reason: 'FailedCreate' }), 'True']
  ]
  for (const [name, status, expected] of table) {
    t.equal(conditionsOf(withChildren(request, status, sinkBindingReady))['Deployed'], expected, name)
  }
})

t.test('a paused Deployment', async t => {
  const deployed = (status: object) => {
    const request: any = structuredClone(withChildren(makeRequest(), status, sinkBindingReady))
    request.children['Deployment.apps/v1']['demo/a'].spec.paused = true
    return conditionsOf(request)['Deployed']
  }
  t.equal(deployed(deploymentReady), 'True', 'nothing has changed since')
  const notRolledOut = deployment({ updatedReplicas: undefined }, available!, { type: 'Progressing', status: 'Unknown', reason: 'DeploymentPaused' })
  t.equal(deployed(notRolledOut), 'Unknown DeploymentPaused')
  t.equal(deployed({ ...notRolledOut, observedGeneration: 0 }), 'Unknown DeploymentUpdating')
  t.equal(deployed(deployment({ availableReplicas: undefined }, { type: 'Available', status: 'False', reason: 'MinimumReplicasUnavailable' })), 'False MinimumReplicasUnavailable')
})

t.test('a Deployment that does not have the sink', async t => {
  const uri = sinkBindingReady.sinkUri
  const sink = { name: 'K_SINK', value: uri }
  const pem = { name: 'K_CA_CERTS', value: 'PEM' }
  const withCerts = { ...sinkBindingReady, sinkCACerts: 'PEM' }
  const refused = deployment({}, available!, { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate' })
  const table: Array<[string, object[], unknown, unknown, string]> = [
    ['it has it', [sink], deploymentReady, sinkBindingReady, 'True'],
    ['none', [], deploymentReady, sinkBindingReady, 'Unknown SinkNotInjected'],
    ['an empty one', [{ name: 'K_SINK' }], deploymentReady, sinkBindingReady, 'Unknown SinkNotInjected'],
    ['another', [{ name: 'K_SINK', value: 'http://other' }], deploymentReady, sinkBindingReady, 'Unknown SinkNotInjected'],
    ['what the kubelet would make of it', [{ name: 'K_SINK', value: `${uri}/$` }], deploymentReady, { ...sinkBindingReady, sinkUri: `${uri}/$$` }, 'Unknown SinkNotInjected'],
    ['as it is stored', [{ name: 'K_SINK', value: `${uri}/$$` }], deploymentReady, { ...sinkBindingReady, sinkUri: `${uri}/$$` }, 'True'],
    ['certificates', [sink, pem], deploymentReady, withCerts, 'True'],
    ['no certificates', [sink], deploymentReady, withCerts, 'Unknown SinkNotInjected'],
    ['other certificates', [sink, { ...pem, value: 'other' }], deploymentReady, withCerts, 'Unknown SinkNotInjected'],
    ['certificates that the SinkBinding does not tell of', [sink, pem], deploymentReady, sinkBindingReady, 'True'],
    ['a failure comes first', [], refused, sinkBindingReady, 'False FailedCreate'],
    ['its latest generation is not seen', [], deployment({ observedGeneration: 0 }), sinkBindingReady, 'Unknown DeploymentUpdating']
  ]
  for (const [name, injected, deploymentStatus, sinkBindingStatus, expected] of table) {
    const request: any = withChildren(makeRequest(), deploymentStatus, sinkBindingStatus)
    const [container] = request.children['Deployment.apps/v1']['demo/a'].spec.template.spec.containers
    container.env = [...container.env.filter(({ name }: any) => name !== 'K_SINK'), ...injected]
    t.equal(conditionsOf(request)['Deployed'], expected, name)
    container.name = 'other'
    if (expected === 'True') t.match(conditionsOf(request)['Deployed'], /^Unknown/, `${name}, in another container`)
  }
})

t.test('a token that SinkBinding has created but not injected yet', async t => {
  const withToken = { ...sinkBindingReady, oidcTokenSecretName: 'token' }
  const request: any = withChildren(makeRequest(), deploymentReady, withToken)
  const pod = request.children['Deployment.apps/v1']['demo/a'].spec.template.spec
  const volume = (name: string, secret: string) => [{ name: 'theirs' }, { name, projected: { sources: [{ secret: { name: secret } }] } }]
  t.equal(conditionsOf(request)['Deployed'], 'Unknown DeploymentUpdating')
  for (const volumes of [volume('other', 'token'), volume('oidc-token', 'other'), [{ name: 'oidc-token' }]]) {
    pod.volumes = volumes
    t.equal(conditionsOf(request)['Deployed'], 'Unknown DeploymentUpdating', JSON.stringify(volumes))
  }
  pod.volumes = volume('oidc-token', 'token')
  t.equal(conditionsOf(request)['Deployed'], 'True')
})

t.test('SinkProvided and SinkBindingReady', async t => {
  const failed = { type: 'Ready', status: 'False', reason: 'NotFound', message: 'services "x" not found' }
  const table: Array<[string, unknown, string, string]> = [
    ['ready', sinkBindingReady, 'True', 'True'],
    ['no status', undefined, 'Unknown SinkBindingUpdating', 'Unknown SinkBindingUpdating'],
    ['its controller has not seen it', { ...sinkBindingReady, observedGeneration: 0 }, 'Unknown SinkBindingUpdating', 'Unknown SinkBindingUpdating'],
    ['sink not found, as Knative says it: no generation', { conditions: [failed, { ...failed, type: 'SinkProvided' }] }, 'False NotFound', 'False NotFound'],
    ['just begun, as Knative says it', { conditions: [{ type: 'Ready', status: 'Unknown' }, { type: 'SinkProvided', status: 'Unknown' }] }, 'Unknown SinkBindingUpdating', 'Unknown SinkBindingUpdating'],
    ['undecided, for a reason', { conditions: [{ type: 'Ready', status: 'Unknown', reason: 'Why' }, { type: 'SinkProvided', status: 'Unknown', reason: 'Why' }] }, 'Unknown Why', 'Unknown Why'],
    ['seen, and undecided', { observedGeneration: 1, conditions: [{ type: 'Ready', status: 'Unknown' }, { type: 'SinkProvided', status: 'Unknown' }] }, 'Unknown SinkBindingSinkProvided', 'Unknown SinkBindingReady'],
    ['it has not seen its subject', { conditions: [{ ...failed, reason: 'SubjectMissing' }, { type: 'SinkProvided', status: 'Unknown' }] }, 'Unknown SinkBindingUpdating', 'Unknown SinkBindingUpdating'],
    ['no conditions', { observedGeneration: 1 }, 'Unknown SinkBindingUnknown', 'Unknown SinkBindingUnknown'],
    ['no address', { ...sinkBindingReady, sinkUri: undefined }, 'Unknown SinkEmpty', 'True'],
    ['sink not found', { ...sinkBindingReady, conditions: [failed, { ...failed, type: 'SinkProvided' }] }, 'False NotFound', 'False NotFound'],
    ['no reason', { ...sinkBindingReady, conditions: [{ type: 'Ready', status: 'Unknown' }, { type: 'SinkProvided', status: 'False' }] }, 'False SinkBindingSinkProvided', 'Unknown SinkBindingReady'],
    ['subject not there', { ...sinkBindingReady, conditions: [{ ...failed, reason: 'SubjectUnavailable' }, { type: 'SinkProvided', status: 'True' }] }, 'True', 'False SubjectUnavailable']
  ]
  for (const [name, status, sinkProvided, sinkBindingStatus] of table) {
    const conditions = conditionsOf(withChildren(request, deploymentReady, status))
    t.equal(conditions['SinkProvided'], sinkProvided, name)
    t.equal(conditions['SinkBindingReady'], sinkBindingStatus, name)
  }
})

t.test('children that are missing, being deleted, or not as desired', async t => {
  t.same(conditionsOf(request), {
    Deployed: 'Unknown DeploymentMissing',
    Ready: 'Unknown SinkBindingMissing',
    SinkBindingReady: 'Unknown SinkBindingMissing',
    SinkProvided: 'Unknown SinkBindingMissing',
    SpecValid: 'True'
  })
  const ready: any = withChildren(request, deploymentReady, sinkBindingReady)
  t.equal(conditionsOf(ready)['Ready'], 'True')

  const terminating = structuredClone(ready)
  terminating.children['Deployment.apps/v1']['demo/a'].metadata.deletionTimestamp = '2026-01-01T00:00:00Z'
  t.equal(conditionsOf(terminating)['Ready'], 'Unknown DeploymentTerminating')

  const updated = structuredClone(ready)
  Object.assign(updated.parent.spec, changed(20))
  t.equal(conditionsOf(updated)['Ready'], 'Unknown DeploymentUpdating', 'never ready for a spec whose children are not there')

  const otherSink = structuredClone(ready)
  otherSink.parent.spec.sink.ref.name = 'other'
  t.match(conditionsOf(otherSink), { Ready: 'Unknown SinkBindingUpdating', Deployed: 'Unknown WaitingForSink' })

  const withoutDeployment = structuredClone(ready)
  withoutDeployment.children['Deployment.apps/v1'] = {}
  withoutDeployment.children['SinkBinding.sources.knative.dev/v1']['demo/b'].status.conditions[0] = { type: 'Ready', status: 'False', reason: 'SubjectMissing' }
  t.match(conditionsOf(withoutDeployment), { Ready: 'False SubjectMissing', Deployed: 'Unknown DeploymentMissing' }, 'it tells what it cannot find')
})

t.test('a generation that is not an integer counts as not observed', async t => {
  const seen = (...generations: [unknown, unknown]) => {
    const request: any = structuredClone(withChildren(makeRequest(), deploymentReady, sinkBindingReady))
    const objects = ['Deployment.apps/v1', 'SinkBinding.sources.knative.dev/v1'].flatMap(group => Object.values<any>(request.children[group]))
    for (const object of objects) [object.metadata.generation, object.status.observedGeneration] = generations
    return ['Deployed', 'SinkProvided', 'SinkBindingReady'].map(type => conditionsOf(request)[type]?.split(' ')[0])
  }
  t.strictSame(seen(3, 3), ['True', 'True', 'True'])
  for (const odd of [null, '3', true, 1.5, '', undefined]) t.strictSame(seen(odd, odd), ['Unknown', 'Unknown', 'Unknown'], JSON.stringify(odd))
  t.strictSame(seen(3, 4), ['Unknown', 'Unknown', 'Unknown'])
})

t.test('Ready has the reason of the first condition that decides, in the order of cause', async t => {
  const unavailable = { observedGeneration: 1, conditions: [{ type: 'ReplicaFailure', status: 'True', reason: 'Pods' }] }
  const noSink = { observedGeneration: 1, conditions: [{ type: 'SinkProvided', status: 'False', reason: 'Sink' }, { type: 'Ready', status: 'False', reason: 'Binding' }] }
  t.equal(conditionsOf(withChildren(request, unavailable, noSink))['Ready'], 'False Sink')
  t.equal(conditionsOf(withChildren(request, unavailable, undefined))['Ready'], 'False Pods', 'False before Unknown')
  const invalid = { ...withChildren(request, unavailable, noSink), parent: makeRequest({ spec: {} }).parent }
  t.equal(conditionsOf(invalid)['Ready'], 'False InvalidSpec')
})

t.test('the SinkBinding\'s details of the sink are copied', async t => {
  const observed: any = withChildren(request, deploymentReady, {
    ...sinkBindingReady,
    sinkCACerts: 'PEM',
    sinkAudience: 'audience',
    auth: { serviceAccountName: 'oidc', serviceAccountNames: ['a', 1, 'b'], other: 'pruned' },
    oidcTokenSecretName: 'not copied'
  })
  const { 'Deployment.apps/v1': deployments } = observed.children
  deployments['demo/a'] = withEnv(deployments['demo/a'], { name: 'K_CA_CERTS', value: 'PEM' })
  deployments['demo/a'].spec.template.spec.volumes = [{ name: 'oidc-token', projected: { sources: [{ secret: { name: 'not copied' } }] } }]
  t.same(reconcile(observed, settings, now).response.status, {
    observedGeneration: 1,
    conditions: ['Deployed', 'Ready', 'SinkBindingReady', 'SinkProvided', 'SpecValid']
      .map(type => ({ type, status: 'True', lastTransitionTime: '2026-01-02T03:04:05Z' })),
    sinkUri: 'http://event-display.demo.svc.cluster.local',
    sinkCACerts: 'PEM',
    sinkAudience: 'audience',
    auth: { serviceAccountName: 'oidc', serviceAccountNames: ['a', 'b'] },
    ceAttributes: [{ type: eventType, source: eventSource }]
  })
  t.same(reconcile(withChildren(request, deploymentReady, { auth: {} }), settings, now).response.status.auth, {})
})
