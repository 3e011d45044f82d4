import * as names from '../../../src/samplesource/names.js'
import { expectContains, expectEqual, until } from '../expect.js'
import type { KubeObject } from '../kube-object.js'
import { becomeReady } from '../steps/ready.js'
import { expectNoWrite } from '../steps/steady.js'
import type { Trial } from './trials.js'

/** The hook's events become Kubernetes Events of the source, once each, and are not written again. */
export async function eventsAreThere ({ run, source: { metadata: { name, uid } } }: Trial): Promise<string | undefined> {
  const { patience } = run
  const look = async () => (await run.kubectl.list('events', '--namespace', run.namespace, '--field-selector', `involvedObject.uid=${uid}`))
    .filter(event => event['source']?.component === names.controllerAgentName)
  const reasons = ['DeploymentCreated', 'SinkBindingCreated']
  const events = await until(patience, `Events ${reasons.join(' and ')} of the source ${name}`, look, events => reasons.every(reason => events.filter(event => event['reason'] === reason).length === 1))
  for (const event of events) {
    expectContains('an Event', event, { type: 'Normal', involvedObject: { apiVersion: names.apiVersion, kind: names.kind, name }, reportingComponent: names.controllerAgentName })
  }
  await becomeReady(run, name)
  await until(patience, `the Event ${names.kind}Reconciled`, look, events => events.some(event => event['reason'] === `${names.kind}Reconciled`))
  const before = await look()
  await expectNoWrite(run, name)
  const versions = (events: KubeObject[]) => events.map(({ metadata: { name, resourceVersion } }) => `${name} ${resourceVersion}`).sort()
  expectEqual('the Events after forced syncs', versions(await look()), versions(before))
  return `Events ${before.map(event => String(event['reason'])).join(', ')}`
}
