import { Type, type Static } from '@sinclair/typebox'
import { ObjectMeta } from '../kubernetes/object.js'
import { maxQuantityLength, quantityPattern } from '../kubernetes/quantity.js'
import { Condition } from '../knative/conditions.js'
import { Destination } from '../knative/destination.js'
import { durationPattern, maxDurationLength } from '../knative/duration.js'

/*
 * The SampleSource API. The one definition: the TypeScript types, the hook's validation and the CRD (see crd.ts) all
 * come from here. To add a field, add it here and run `npm run generate`.
 */

export const group = 'samples.knative.dev'
export const version = 'v1alpha1'
export const kind = 'SampleSource'
export const apiVersion = `${group}/${version}`

/** A CloudEvents attribute name; extension names keep to it. https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#naming-conventions */
export const extensionNamePattern = '^[a-z0-9]+$'

/** A bound that lets the API server work out what checking a name costs. */
export const maxExtensionNameLength = 256

/** The resources that an adapter's container can be given. */
export const resourceNames = ['cpu', 'memory', 'ephemeral-storage'] as const

/** The most extensions that a source may give its events. */
export const maxExtensions = 64

/** The longest name of a ServiceAccount. */
export const maxServiceAccountNameLength = 253

/** The pattern and the length are the API server's to check; the hook reads the quantity itself. */
const quantity = (description: string) => Type.Optional(Type.Union([Type.Integer(), Type.String()], {
  'x-kubernetes-int-or-string': true,
  maxLength: maxQuantityLength,
  pattern: quantityPattern,
  description
}))

const resourceList = (description: string) => Type.Optional(Type.Object({
  cpu: quantity('CPU, as a Kubernetes quantity such as 100m.'),
  memory: quantity('Memory, as a Kubernetes quantity such as 64Mi.'),
  'ephemeral-storage': quantity('Local ephemeral storage, as a Kubernetes quantity such as 1Gi.')
}, { description }))

export const SampleSourceSpec = Type.Object({
  sink: Type.Object(Destination.properties, {
    'x-kubernetes-validations': Destination['x-kubernetes-validations'],
    description: 'Where the events go.'
  }),
  ceOverrides: Type.Optional(Type.Object({
    extensions: Type.Optional(Type.Record(Type.String(), Type.String({ maxLength: 8192 }), {
      maxProperties: maxExtensions,
      description: 'CloudEvents extension attributes that every event gets; names are lower-case letters and digits.',
      'x-kubernetes-validations': [{
        rule: `self.all(name, size(name) <= ${maxExtensionNameLength} && name.matches('${extensionNamePattern}'))`,
        message: `an extension name must consist of lower-case letters and digits (${maxExtensionNameLength} at most)`
      }]
    }))
  }, { description: 'What is overridden in the events that the source sends.' })),
  serviceAccountName: Type.Optional(Type.String({
    default: 'default',
    maxLength: maxServiceAccountNameLength,
    description: 'ServiceAccount that the receive adapter runs as.'
  })),
  interval: Type.Optional(Type.String({
    default: '10s',
    maxLength: maxDurationLength,
    description: 'Time between two events: a positive Go duration such as 500ms, 10s or 1h30m.',
    'x-kubernetes-validations': [
      { rule: `self.matches('${durationPattern}')`, message: 'must be a Go duration such as 500ms, 10s or 1h30m' },
      {
        rule: `!self.matches('${durationPattern}') || duration(self) > duration('0s')`,
        message: 'must be a positive duration of at most 2562047h'
      }
    ]
  })),
  resources: Type.Optional(Type.Object({
    requests: resourceList('What the receive adapter is guaranteed.'),
    limits: resourceList('What the receive adapter may use at the most.')
  }, { description: 'Compute resources of the receive adapter.' }))
}, { description: 'Where the events go, and how often.' })

export const SampleSourceStatus = Type.Object({
  observedGeneration: Type.Integer({ format: 'int64', description: 'The generation of the spec that this status speaks of.' }),
  conditions: Type.Array(Condition, { description: 'What is known about the source, by type of condition: SpecValid, SinkProvided, SinkBindingReady, Deployed, and Ready, which sums them up; ConfigValid, where the hook reads ConfigMaps.' }),
  sinkUri: Type.Optional(Type.String({ description: 'The URL that the sink resolved to.' })),
  sinkCACerts: Type.Optional(Type.String({ description: 'Certification Authority certificates of the sink in PEM format.' })),
  sinkAudience: Type.Optional(Type.String({ description: 'OIDC audience of the sink.' })),
  auth: Type.Optional(Type.Object({
    serviceAccountName: Type.Optional(Type.String({ description: 'ServiceAccount that was made for the OIDC authentication of this source.' })),
    serviceAccountNames: Type.Optional(Type.Array(Type.String(), { description: 'ServiceAccounts, where it is more than one.' }))
  }, { description: 'The identity that the source shows to its sink.' })),
  ceAttributes: Type.Array(Type.Object({
    type: Type.String({ description: 'CloudEvents type attribute.' }),
    source: Type.String({ description: 'CloudEvents source attribute.' })
  }), { description: 'The attributes of the events that the source sends.' })
}, { description: 'What was observed of the source.' })

/**
 * A SampleSource as Metacontroller sends it. Its spec is looked at by validation.ts, which reports what is wrong in the
 * status; its stored status can have any form.
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
