import t from 'tap'
import { finalize } from '../../src/samplesource/finalize.js'
import { reconcile, type SyncRequest } from '../../src/samplesource/reconcile.js'
import { configured, deploymentReady, makeRequest, now, settings, sinkBindingReady, withChildren } from './source.js'

const request = withChildren(makeRequest(), deploymentReady, sinkBindingReady)
const deletionTimestamp = '2026-01-01T00:00:00Z'
const goingAway: SyncRequest = { ...request, parent: makeRequest({ metadata: { deletionTimestamp } }).parent, finalizing: true }
const { 'Deployment.apps/v1': deployments = {}, 'SinkBinding.sources.knative.dev/v1': sinkBindings = {} } = goingAway.children
const event = { apiVersion: 'v1', kind: 'Event', metadata: { name: 'a' } }

const answer = (children: any, parent = goingAway.parent) => {
  const { children: answered, finalized } = finalize({ ...goingAway, parent, children }, settings, now)
  return { kinds: answered.map(({ kind }) => kind), finalized }
}

const terminating = (group: any) => Object.fromEntries(Object.entries<any>(group).map(([key, child]) => [key, { ...child, metadata: { ...child.metadata, deletionTimestamp } }]))

t.test('first the Deployment, then the SinkBinding, then the source', async t => {
  const group = (Deployment: object, SinkBinding: object) => ({ 'Deployment.apps/v1': Deployment, 'SinkBinding.sources.knative.dev/v1': SinkBinding })
  t.same(answer(group(deployments, sinkBindings)), { kinds: ['SinkBinding'], finalized: false })
  t.same(answer(group(terminating(deployments), sinkBindings)), { kinds: ['SinkBinding'], finalized: false }, 'one that is being deleted still exists')
  t.same(answer(group({}, sinkBindings)), { kinds: [], finalized: false })
  t.same(answer(group({}, terminating(sinkBindings))), { kinds: [], finalized: false })
  t.same(answer(group(deployments, {})), { kinds: [], finalized: false })
  t.same(answer(group({}, {})), { kinds: [], finalized: true })
  t.same(answer({}), { kinds: [], finalized: true })
})

t.test('kept children stay unchanged', async t => {
  const [, sinkBinding] = reconcile(request, settings, now).response.children
  t.same(finalize(goingAway, settings, now).children, [sinkBinding])
})

t.test('Events are left until they expire', async t => {
  t.same(answer({ 'Event.v1': { 'demo/a': event } }), { kinds: ['Event'], finalized: true })
  t.same(answer({ 'Deployment.apps/v1': deployments, 'Event.v1': { 'demo/a': event } }), { kinds: ['Event'], finalized: false })
})

t.test('neither an invalid spec nor a malformed ConfigMap blocks it', async t => {
  t.same(answer(goingAway.children, makeRequest({ spec: null, metadata: { deletionTimestamp } }).parent), { kinds: ['SinkBinding'], finalized: false })
  const { status } = finalize(configured(goingAway, { 'config-logging': { 'klog-verbosity': 'x' } }), settings, now)
  t.match(status.conditions.find(({ type }) => type === 'ConfigValid'), { status: 'False', severity: 'Info' })
  t.match(status.conditions.find(({ type }) => type === 'Deployed'), { status: 'True' })
})

t.test('it does not wait for children without a name', async t => {
  const odd: any = { 'Deployment.apps/v1': { a: {}, 'b\nc': null }, 'SinkBinding.sources.knative.dev/v1': { 'd\ne': 7 }, 'f\ng': null }
  t.same(answer(odd), { kinds: [], finalized: true })
})
