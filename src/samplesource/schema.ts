import { Type, type Static } from '@sinclair/typebox'
import { maxNameLength } from '../kubernetes/names.js'
import { ObjectMeta } from '../kubernetes/object.js'
import { ResourceList } from '../kubernetes/resources.js'
import { CloudEventOverrides } from '../knative/ce-overrides.js'
import { Condition } from '../knative/conditions.js'
import { Destination } from '../knative/destination.js'
import { durationPattern, maxDurationLength } from '../knative/duration.js'
import { SourceStatus } from '../knative/source-status.js'
import { apiVersion, kind } from './names.js'

/*
 * The SampleSource API, defined only here: the TypeScript types, the hook's validation and the CRD (see crd.ts) all come
 * from this. To add a field, add it here and run `npm run generate`.
 */

export const SampleSourceSpec = Type.Object({
  sink: Type.Object(Destination.properties, {
    'x-kubernetes-validations': Destination['x-kubernetes-validations'],
    description: 'Where the events go.'
  }),
  ceOverrides: Type.Optional(CloudEventOverrides),
  serviceAccountName: Type.Optional(Type.String({
    default: 'default',
    maxLength: maxNameLength,
    description: 'ServiceAccount that the receive adapter runs as.'
  })),
  interval: Type.Optional(Type.String({
    default: '10s',
    maxLength: maxDurationLength,
    description: 'Time between two events: a positive Go duration such as 500ms, 10s or 1h30m.',
    'x-kubernetes-validations': [
      // As in Go, where an empty text is a field that is not set.
      { rule: `self == '' || self.matches('${durationPattern}')`, message: 'must be a Go duration such as 500ms, 10s or 1h30m' },
      {
        rule: `!self.matches('${durationPattern}') || duration(self) > duration('0s')`,
        message: 'must be a positive duration of at most 2562047h'
      }
    ]
  })),
  resources: Type.Optional(Type.Object({
    requests: ResourceList('Resources guaranteed to the receive adapter.'),
    limits: ResourceList('Most resources that the receive adapter may use.')
  }, { description: 'Compute resources of the receive adapter.' }))
}, { description: 'Where the events go, and how often.' })

export const SampleSourceStatus = Type.Object({
  observedGeneration: Type.Integer({ format: 'int64', description: 'Generation of the spec that this status describes.' }),
  conditions: Type.Array(Condition, { description: 'What is known about the source, by type of condition: SpecValid, SinkProvided, SinkBindingReady, Deployed, and Ready, which sums them up; ConfigValid, if the hook reads ConfigMaps.' }),
  ...SourceStatus.properties
}, { description: 'Observed state of the source.' })

/**
 * A SampleSource as Metacontroller sends it. validation.ts checks its spec and reports problems in the status; the stored
 * status can have any form.
 */
export const SampleSource = Type.Object({
  apiVersion: Type.Literal(apiVersion),
  kind: Type.Literal(kind),
  metadata: ObjectMeta,
  spec: Type.Optional(Type.Unknown()),
  status: Type.Optional(Type.Unknown())
})

export type SampleSourceSpec = Static<typeof SampleSourceSpec>
export type SampleSourceStatus = Static<typeof SampleSourceStatus>
export type SampleSource = Static<typeof SampleSource>
