import * as names from '../../src/samplesource/names.js'
import { Cluster, readManifests } from '../harness/cluster.js'
import type { KubeObject } from '../harness/api-server.js'
import { changed } from '../samplesource/source.js'
import { startHookProcess } from '../story/hook-process.js'
import { endWithReader, print, say } from '../story/lines.js'
import { WatchTable } from '../story/table.js'
import { EventDisplay } from './event-display.js'
import { Kubelet } from './kubelet.js'

/* `npm run demo`: runs the built hook and the built adapter with a simulated cluster. */

endWithReader('demo')
const hook = await startHookProcess().catch(fail)

const cluster = new Cluster({ hookUrl: hook.url })
cluster.deployments.startupSeconds = 3

// The DNS of this machine does not resolve the Services of the cluster.
const display = await EventDisplay.start()
cluster.sinkBindings.setAddress({ apiVersion: 'v1', kind: 'Service', metadata: { namespace: 'default', name: 'event-display' } }, { url: display.url })

const kubelet = new Kubelet(message => say('adapter: ', message), fail)

const table = new WatchTable()

cluster.onStep(step => {
  if (step.type !== 'write' || !step.write.changed || step.write.object === undefined) return
  if (step.write.kind === names.kind) table.printObject(step.write.object, cluster.clock.now)
})

print('', 'A simulated cluster: an API server, Metacontroller with what manifests/ install, the controllers of Deployments and of ' +
  `Knative's SinkBindings, all in this process. The hook is real, at ${hook.url}, and so is the adapter: a process with the ` +
  'args and the env of the Deployment.')

await Promise.race([story(), hook.failed]).catch(fail)
display.stop()
process.exitCode = await hook.stop()

/** The child processes end with this one. */
function fail (error: Error): never {
  console.error(`demo: ${error.message}`)
  process.exit(1)
}

async function story (): Promise<void> {
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
}

/** Does something, runs the cluster until it is at rest, and prints the steps. */
async function chapter (title: string, happen: () => void | Promise<void>): Promise<void> {
  print('\n$ ', title)
  if (table.isEmpty) table.printHeader()
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
