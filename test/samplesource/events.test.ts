import t from 'tap'
import { apiVersion, controllerAgentName, kind } from '../../src/samplesource/names.js'
import { reconcile, type SyncRequest } from '../../src/samplesource/reconcile.js'
import { adapterName, deploymentReady, invalid, makeRequest, now, settings, sinkBindingReady, spec, withChildren } from './source.js'

/** A request of a controller that manages Events, with some observed ones. */
const withEvents = (request: SyncRequest, ...events: any[]): SyncRequest =>
  ({ ...request, children: { ...request.children, 'Event.v1': Object.fromEntries(events.map(event => [`demo/${event.metadata.name}`, event])) } })

const eventsOf = (request: SyncRequest, time = now): any[] => reconcile(request, settings, time).response.children.filter(({ kind }) => kind === 'Event')

t.test('an Event that the API server accepts', async t => {
  const [created] = eventsOf(withEvents(makeRequest()))
  t.match(created.metadata.name, /^heartbeat\.[0-9a-f]{16}$/)
  t.same(created, {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: created.metadata.name, namespace: 'demo' },
    involvedObject: { apiVersion, kind, namespace: 'demo', name: 'heartbeat', uid: '5f0c' },
    type: 'Normal',
    reason: 'DeploymentCreated',
    message: `created deployment: "demo/${adapterName}"`,
    source: { component: controllerAgentName },
    reportingComponent: controllerAgentName,
    firstTimestamp: '2026-01-02T03:04:05Z',
    lastTimestamp: '2026-01-02T03:04:05Z',
    count: 1
  })
})

t.test('names and messages are not too long', async t => {
  const name = `${'a'.repeat(234)}-.${'b'.repeat(17)}`
  const problems = { sink: { ref: { apiVersion: 'v1', kind: 'Service', name: 'x' }, uri: 7 }, ceOverrides: { extensions: Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`A${index}`, 'x'])) } }
  const [event] = eventsOf(withEvents(makeRequest({ spec: problems, metadata: { name } })))
  t.match(event.metadata.name, /^a{234}\.[0-9a-f]{16}$/)
  t.equal(event.message.length, 1024)
  t.ok(event.message.endsWith('…'))
})

t.test('there are none if the controller does not manage Events', async t => {
  t.same(eventsOf(makeRequest()), [])
})

t.test('a repeated sync gives the same names, and another occurrence gives others', async t => {
  const names = (request: SyncRequest, time = now) => eventsOf(withEvents(request), time).map(({ metadata }) => metadata.name)
  const request = makeRequest()
  t.same(names(request, new Date(0)), names(request))
  const others = [
    makeRequest({ metadata: { uid: 'other' } }),
    makeRequest({ metadata: { generation: 2 } }),
    makeRequest({ status: { conditions: [{ type: 'Deployed', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }, { type: 'SinkBindingReady', status: 'True' }] } }),
    makeRequest({ status: { conditions: [{ type: 'Deployed', status: 'True', lastTransitionTime: '2026-01-01T00:00:01Z' }, { type: 'SinkBindingReady', status: 'False' }] } })
  ]
  const all = [request, ...others].flatMap(request => names(request))
  t.equal(all.length, 10)
  t.equal(new Set(all).size, all.length)
})

t.test('a fixed point: observed ones are kept, and once the status is stored none is created', async t => {
  const request = withEvents(makeRequest())
  const { status } = reconcile(request, settings, now).response
  const observed = eventsOf(request).map(event => ({
    ...event,
    metadata: { ...event.metadata, annotations: { 'metacontroller.k8s.io/last-applied-configuration': JSON.stringify(event) }, resourceVersion: '7' },
    eventTime: null
  }))
  const later = new Date(now.getTime() + 60_000)
  t.same(eventsOf(withEvents(makeRequest(), ...observed), later), eventsOf(request), 'observed, the status is not stored yet: the same, with its first time')
  t.same(eventsOf(withEvents(makeRequest({ status }), ...observed), later), eventsOf(request), 'observed, the status is stored: the same')
  t.same(eventsOf(withEvents(makeRequest({ status })), later), [], 'not observed yet, or no longer: none')
  const refused = makeRequest({ spec: { ...spec, ...invalid }, status })
  t.same(eventsOf(withEvents(refused, ...observed), later).map(({ reason }) => reason), ['DeploymentCreated', 'SinkBindingCreated', 'InvalidSpec'])
})

t.test('failing children', async t => {
  const reasons = (request: SyncRequest) => reconcile(request, settings, now).events.map(({ reason }) => reason)
  const failing = (type: string, reason: string) => ({ ...deploymentReady, conditions: [{ type: 'Available', status: 'False', reason: 'MinimumReplicasUnavailable' }, { type, status: 'False', reason, message: 'why' }] })
  const unavailable = failing('Other', '')
  const ready = { conditions: [{ type: 'Deployed', status: 'True' }] }
  const stored = (reason: string) => ({ conditions: [{ type: 'Deployed', status: 'False', reason }] })

  t.same(reasons(withChildren(makeRequest(), unavailable, sinkBindingReady)), [], 'one that starts has not failed')
  t.same(reasons(withChildren(makeRequest({ status: ready }), unavailable, sinkBindingReady)), ['DeploymentFailed'])
  t.same(reasons(withChildren(makeRequest({ status: stored('MinimumReplicasUnavailable') }), unavailable, sinkBindingReady)), [], 'told once')

  const exceeded = failing('Progressing', 'ProgressDeadlineExceeded')
  t.match(reconcile(withChildren(makeRequest({ status: stored('MinimumReplicasUnavailable') }), exceeded, sinkBindingReady), settings, now).events, [
    { type: 'Warning', reason: 'DeploymentFailed', message: `deployment failed: "demo/${adapterName}": ProgressDeadlineExceeded: why` }
  ])
  t.same(reasons(withChildren(makeRequest({ status: stored('ProgressDeadlineExceeded') }), exceeded, sinkBindingReady)), [])
  const { parent } = makeRequest({ metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } })
  t.same(reasons({ ...withChildren(makeRequest(), exceeded, sinkBindingReady), parent }), [], 'one that goes need not work')

  const noSink = { conditions: [{ type: 'Ready', status: 'False', reason: 'NoAddressable' }, { type: 'SinkProvided', status: 'False' }] }
  t.match(reconcile(withChildren(makeRequest(), deploymentReady, noSink), settings, now).events, [
    { type: 'Warning', reason: 'SinkBindingFailed', message: `SinkBinding failed: "demo/${adapterName}": NoAddressable` }
  ])
})
