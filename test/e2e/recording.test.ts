import t, { type Test } from 'tap'
import * as names from '../../src/samplesource/names.js'
import { readFixture } from '../fixtures.js'
import { makeFolder } from '../folder.js'
import { freePort } from '../free-port.js'
import { build as kustomize, manifests } from '../manifests/harness/kustomize.js'
import { Recorder } from '../recording/recorder.js'
import { Cleanup } from './cleanup.js'
import type { KubeObject } from './kube-object.js'
import { Kubectl } from './kubectl.js'
import { stepsOf } from './levels.js'
import { LocalHook } from './local-hook.js'
import type { Run } from './run.js'
import { recordingSteps } from './steps/recording.js'
import { list, stubCommands, type Answer } from './stub.js'

/* `npm run e2e -- --record`, with a stub for kubectl on the PATH. */

const patience = { timeoutSeconds: 60, signal: new AbortController().signal }
const { request: ready } = readFixture('ready')

/** The hook on this machine, with components. */
async function install (t: Test, recorder: Recorder | undefined) {
  stubCommands(t, { kubectl: [{ args: 'create *' }, { args: 'apply *' }] })
  // Not the PATH of the test, which has the stubs.
  const folder = makeFolder(t, 'recording')
  const hookUrl = new URL(`http://127.0.0.1:${await freePort()}`)
  const hook = new LocalHook({ kubectl: new Kubectl(), hookUrl, namespace: 'own', folder, id: 'abc', patience, recorder })
  t.teardown(async () => await hook.stop())
  await hook.install(await kustomize(`${manifests}/base`) as KubeObject[])
  const post = async (body: object) => await fetch(new URL('/sync', hookUrl), { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  return { hook, post }
}

t.test('the requests and answers of the hook on this machine are recorded', async t => {
  const recorder = new Recorder(ready.parent.metadata.name)
  const { hook, post } = await install(t, recorder)
  const answer = await (await post(readFixture('create').request)).json() as { children: object[], status: { conditions: Array<{ type: string }> } }
  t.equal(answer.children.length, 2)
  t.notOk(answer.status.conditions.some(({ type }) => type === 'ConfigValid'), 'it reads no ConfigMaps')
  t.ok(recorder.has('create'))
  t.equal(await hook.syncs(200), 1, 'the hook has counted it')
  await hook.stop()
  await t.rejects(post({}), { message: 'fetch failed' })
})

t.test('without a recorder there is no proxy in between', async t => {
  const { hook, post } = await install(t, undefined)
  t.equal((await post(readFixture('create').request)).status, 200)
  await hook.stop()
})

t.test('the recording steps run only with --record', async t => {
  const titles = async (records: boolean) => (await stepsOf('control-plane', false, records)).map(({ title }) => title)
  const recorded = recordingSteps.map(({ title }) => title)
  t.same((await titles(true)).filter(title => recorded.includes(title)), recorded)
  t.notOk((await titles(false)).some(title => recorded.includes(title)))
})

const [deployment] = Object.values<KubeObject>(ready.children['Deployment.apps/v1'])
const [sinkBinding] = Object.values<KubeObject>(ready.children['SinkBinding.sources.knative.dev/v1'])

/** A cluster in which the source is always ready. */
const cluster: Answer[] = [
  { args: `get ${names.plural}*`, stdout: ready.parent },
  { args: 'get deployments*', stdout: list(deployment!, sinkBinding!) },
  ...['create *', 'patch *', 'delete *'].map(args => ({ args }))
]

for (const hasControllerManager of [true, false]) {
  t.test(`the steps create the missing cases, and undo them (${hasControllerManager ? 'with' : 'without'} a controller manager)`, async t => {
    const { calls } = stubCommands(t, { kubectl: cluster })
    const recorder = new Recorder(ready.parent.metadata.name)
    for (const name of ['deployment-failing', 'v1-keys', 'being-deleted']) recorder.take(readFixture(name))
    const run: Run = {
      id: 'abc',
      level: 'control-plane',
      facts: { kubernetes: 'v1.34.1', context: undefined, readyNodes: 1, kindCluster: undefined, metacontroller: undefined, hasSinkBindingController: true, hasSameCrd: false },
      kubectl: new Kubectl(),
      hook: { install: async () => {}, syncs: async () => 0, lastLogs: async () => '' },
      hookUrl: undefined,
      image: 'any',
      namespace: 'demo',
      hookNamespace: 'own',
      folder: '',
      patience,
      recorder,
      cleanup: new Cleanup(),
      hasControllerManager
    }
    for (const { prove } of recordingSteps) await prove(run)
    const called = calls().join('\n')
    if (hasControllerManager) t.ok(called.indexOf('"interval":"20s"') < called.indexOf('delete resourcequotas none'))
    else t.match(called, /patch deployments\.apps .*--subresource status .*"ReplicaFailure"[^]*"observedGeneration":0/)
    t.match(called, /"version":"v1"[^]*"version":"v2"[^]*"finalizers":\["[^"]*\/recording"\][^]*delete [^\n]* --wait=false\n[^]*"finalizers":null/)
    t.match(called, new RegExp(`"finalizers":null[^]*kubectl delete ${names.plural}[^]*kubectl delete deployments\\.apps`), 'everything is removed')
  })
}
