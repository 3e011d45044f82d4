import t from 'tap'
import { valueAt } from '../../src/kubernetes/object.js'
import { makeHooks } from '../../src/samplesource/hooks.js'
import { component, kind } from '../../src/samplesource/names.js'
import { post, startHook } from '../http/hook.js'
import { deploymentReady, makeRequest, now, settings, sinkBindingReady, withChildren } from './source.js'

const answerOf = (name: string, request: unknown) => makeHooks(settings).find(hook => hook.name === name)!.answer(request, now)

t.test('a sync reports its result', async t => {
  const { response, report } = answerOf('sync', makeRequest())
  t.match(response, { status: { observedGeneration: 1 }, children: [{ kind: 'Deployment' }, { kind: 'SinkBinding' }] })
  t.match(report, { source: 'demo/heartbeat', generation: 1, events: [{ reason: 'DeploymentCreated' }, { reason: 'SinkBindingCreated' }], statusChanged: true, specInvalid: false })
  const status = valueAt(answerOf('sync', withChildren(makeRequest(), deploymentReady, sinkBindingReady)).response, 'status')
  t.match(answerOf('sync', withChildren(makeRequest({ status }), deploymentReady, sinkBindingReady)).report, { events: { length: 0 }, statusChanged: false })
  t.match(answerOf('sync', makeRequest({ spec: {} })).report, { specInvalid: true })
  t.match(answerOf('sync', withChildren(makeRequest(), deploymentReady, sinkBindingReady)).report, { events: [{ reason: `${kind}Reconciled` }] })
})

t.test('the other hooks report nothing', async t => {
  t.match(answerOf('finalize', makeRequest({ metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } })), { response: { finalized: true, children: { length: 0 } }, report: undefined })
  t.match(answerOf('customize', { parent: makeRequest({ metadata: { namespace: settings.system!.namespace } }).parent }), { response: { relatedResources: [{ resource: 'configmaps' }, { resource: 'deployments' }] }, report: undefined })
})

t.test('a key with the name of an inherited property is plain data', async t => {
  const system = { namespace: 'demo', loggingConfigMap: 'logging', observabilityConfigMap: 'observability' }
  const { url } = await startHook(t, { hooks: makeHooks({ ...settings, system }) })
  const metadata = { name: 'logging', namespace: 'demo' }
  const withData = (data: string) => JSON.stringify({ ...makeRequest(), related: { 'ConfigMap.v1': { 'demo/logging': { metadata, data: 'here' } } } }).replace('"here"', data)
  const expected = await post(url, withData(`{"loglevel.${component}": "debug"}`))
  t.match(expected, { status: 200, body: { children: [{ kind: 'Deployment' }, { kind: 'SinkBinding' }] } })
  for (const key of ['__proto__', '\\u005f_proto__', 'constructor', 'hasOwnProperty', 'toString']) {
    const hostile = `{"prototype": {"loglevel.${component}": "error"}}`
    const { status, body } = await post(url, withData(`{"${key}": ${hostile}, "loglevel.${component}": "debug"}`))
    t.same({ status, children: body.children }, { status: 200, children: expected.body.children }, key)
  }
  t.equal(({} as Record<string, unknown>)['prototype'], undefined)
})
