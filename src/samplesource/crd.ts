import { makeSourceCrd } from '../knative/source-crd.js'
import { eventType, group, kind, plural, singular, version } from './names.js'
import { SampleSourceSpec, SampleSourceStatus } from './schema.js'

/** Makes the CustomResourceDefinition of SampleSource from its schema. */
export function makeCustomResourceDefinition () {
  return makeSourceCrd({
    group,
    version,
    kind,
    singular,
    plural,
    description: 'An event source that sends a CloudEvent to its sink at every interval.',
    spec: SampleSourceSpec,
    status: SampleSourceStatus,
    eventTypes: [eventType]
  })
}
