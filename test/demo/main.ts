import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { styleText } from 'node:util'
import type { Deployment } from 'kubernetes-types/apps/v1.js'
import * as names from '../../src/samplesource/names.js'
import { Cluster, readManifests } from '../harness/cluster.js'
import type { KubeObject } from '../harness/api-server.js'
import { environmentOf } from '../manifests/harness/kustomize.js'
import { endsWithParent } from '../program.js'
import { changed } from '../samplesource/source.js'
import { EventDisplay } from './event-display.js'
import { inTime } from './in-time.js'
import { Kubelet } from './kubelet.js'

/* `npm run demo`: the built hook in the loop, with a simulated cluster in place of a real one, and the built adapter. */

/** What fits on a terminal as most people have it. */
const width = 80

// Who reads it has gone (`| head`): then there is nobody to show anything to. The programs end with this one.
process.stdout.on('error', () => process.exit(0))

const hook = spawn(process.execPath, [endsWithParent, 'dist/main.js'], {
  // An environment of its own: what a shell has set is not meant for it.
  env: {
    ...environmentOf(readManifests('manifests/base').find(({ kind }) => kind === 'Deployment') as Deployment),
    HOST: '127.0.0.1',
    PORT: '0',
    OPS_PORT: '0',
    SHUTDOWN_DELAY_MS: '0'
  },
  stdio: ['pipe', 'pipe', 'inherit']
})

const hookUrl = await inTime('the hook to listen', new Promise<string>((resolve, reject) => {
  hook.once('exit', code => reject(new Error(`the hook has ended with exit code ${code}`)))
  createInterface(hook.stdout).on('line', line => {
    const { msg } = JSON.parse(line) as { msg: string }
    const listening = /^(?:Hook|Ops) listening at (.*)$/.exec(msg)?.[1]
    if (listening !== undefined) resolve(listening)
  })
}))

const cluster = new Cluster({ hookUrl })
cluster.deployments.startupSeconds = 3

// This machine's DNS does not know the Services of the cluster.
const display = await EventDisplay.start()
cluster.sinkBindings.setAddress({ apiVersion: 'v1', kind: 'Service', metadata: { namespace: 'default', name: 'event-display' } }, { url: display.url })

const kubelet = new Kubelet(message => say('adapter: ', message))

/** The line that was printed last, but for the age. */
let last = ''

cluster.onStep(step => {
  if (step.type !== 'write' || !step.write.changed || step.write.object === undefined) return
  if (step.write.kind === names.kind) printSource(step.write.object)
})

print('', 'A simulated cluster: an API server, Metacontroller with what manifests/ install, the controllers of Deployments and of ' +
  `Knative's SinkBindings, all in this process. The hook is a real one, at ${hookUrl}, and so is the adapter: a process with the ` +
  'args and the env that the Deployment has.')

for (const manifest of readManifests('manifests/base')) if (manifest.kind === 'ConfigMap') cluster.apply(manifest)
await chapter('kubectl apply -k manifests/examples', () => {
  for (const manifest of readManifests('manifests/examples')) {
    if (manifest.kind !== 'Kustomization') cluster.apply({ ...manifest, metadata: { namespace: 'default', ...manifest.metadata } })
  }
})
await chapter(`kubectl patch ${names.singular} heartbeat: ${Object.entries(changed(1)).flat().join(' ')}`, () => patch(changed(1)))
await chapter('kubectl logs --follow deployment/event-display', () => display.follow(2, line => console.log(`   ${line}`)))
await chapter(`kubectl patch configmap config-logging: loglevel.${names.component} "debug"`, () => {
  const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: names.systemNamespace, name: 'config-logging' } }
  cluster.person(configMap, { data: { [`loglevel.${names.component}`]: 'debug' } }, { manager: 'kubectl-patch' })
})
await chapter(`kubectl logs --follow deployment/${names.childNamePrefix}heartbeat-…`, async () => { await kubelet.logged(/delivered/) })
await chapter(`kubectl patch ${names.singular} heartbeat: a request above its limit`, () => patch({ resources: { requests: { memory: '1Gi' } } }))
await chapter(`kubectl patch ${names.singular} heartbeat: the request as it was`, () => patch({ resources: { requests: { memory: '64Mi' } } }))
await chapter('100 syncs while nothing happens', async () => {
  const { writes } = cluster.api
  const before = writes.length
  await cluster.resync(source(), 100)
  say('', `${writes.length - before} writes`)
})
await chapter(`kubectl delete ${names.singular} heartbeat`, () => cluster.delete(source()))

const byMetacontroller = cluster.api.writes.filter(({ manager }) => manager === 'metacontroller')
const count = (kind: string, status: boolean) => byMetacontroller.filter(write => write.kind === kind && (write.subresource === 'status') === status).length
print('\n', `Metacontroller called the hook ${cluster.metacontroller.syncs} times, and wrote ${byMetacontroller.length} times: the Deployment ${count('Deployment', false)}, ` +
  `the SinkBinding ${count('SinkBinding', false)}, the status ${count(names.kind, true)}. Writes that changed nothing: ${byMetacontroller.filter(({ changed }) => !changed).length}.`)

display.stop()
hook.removeAllListeners('exit').kill('SIGTERM')
const [code] = await once(hook, 'exit')
process.exitCode = Number(code)

/** Does something, lets the cluster work until all is done, and tells how it goes. */
async function chapter (title: string, happen: () => void | Promise<void>): Promise<void> {
  print('\n$ ', title)
  if (last === '') console.log(columns('NAME', 'READY', 'REASON', 'SINK', 'AGE'))
  await happen()
  await cluster.settle()
  await kubelet.run(cluster.api.list('apps/v1', 'Deployment').find(({ metadata }) => metadata.labels?.['knative-eventing-source'] === names.controllerAgentName))
  await cluster.advance(20)
}

function patch (spec: object): void {
  cluster.person(source(), { spec }, { manager: 'kubectl-patch' })
}

function source (): KubeObject {
  const found = cluster.parent('heartbeat')
  if (found === undefined) throw new Error('the source is gone')
  return found
}

function printSource ({ metadata, status }: KubeObject): void {
  const ready = status?.conditions?.find(({ type }: { type: string }) => type === 'Ready')
  const cells = [metadata.name, ready?.status ?? '', ready?.reason ?? '', status?.sinkUri ?? ''] as const
  if (cells.join() === last) return
  last = cells.join()
  const age = Math.round((cluster.clock.now - Date.parse(metadata.creationTimestamp)) / 1000)
  console.log(columns(...cells, `${age}s`))
}

/** Colours for a terminal, by the status of Ready. */
const colours = { True: 'green', False: 'red', Unknown: 'yellow' } as const

function columns (name: string, ready: string, reason: string, sink: string, age: string): string {
  const readyCell = ready.padEnd(9)
  const colour = process.stdout.isTTY && ready in colours ? colours[ready as keyof typeof colours] : undefined
  return `${name.padEnd(11)}${colour === undefined ? readyCell : styleText(colour, readyCell)}${reason.padEnd(28)}${sink.padEnd(24)}${age}`.trimEnd()
}

/** Prints what somebody in the cluster says. */
function say (who: string, text: string): void {
  print(`   ${who}`, text, '     ')
}

/** Prints a text in lines that fit. */
function print (first: string, text: string, indent = ''): void {
  let line = first
  for (const word of text.split(' ')) {
    const next = line === first ? `${line}${word}` : `${line} ${word}`
    if (next.trimStart().length > width && line !== first) {
      console.log(line)
      line = `${indent}${word}`
    } else {
      line = next
    }
  }
  console.log(line)
}
