import { expectContains, until } from '../expect.js'
import type { Trial } from './trials.js'

/** The hook's events are Kubernetes Events of the source, once each. */
export async function eventsAreThere ({ run, source: { metadata: { name, uid } } }: Trial): Promise<string | undefined> {
  const look = async () => (await run.kubectl.list('events', '--namespace', run.namespace, '--field-selector', `involvedObject.uid=${uid}`))
    .filter(event => event['source']?.component === 'sample-source-controller')
  const reasons = ['DeploymentCreated', 'SinkBindingCreated']
  const events = await until(run.patience, `Events ${reasons.join(' and ')} of the source ${name}`, look, events => reasons.every(reason => events.filter(event => event['reason'] === reason).length === 1))
  for (const event of events) {
    expectContains('an Event', event, { type: 'Normal', involvedObject: { apiVersion: 'samples.knative.dev/v1alpha1', kind: 'SampleSource', name }, reportingComponent: 'sample-source-controller' })
  }
  return `Events ${events.map(event => String(event['reason'])).join(', ')}`
}
