import { isObject } from '../../src/kubernetes/object.js'
import { ApiError } from './api-error.js'
import type { KubeObject, Resource } from './resource.js'
import { resourceOf } from './crd.js'

const text = { type: 'string' }
const texts = { type: 'array', items: text }
const object = (properties: object) => ({ type: 'object', properties })
const free = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }

/**
 * SinkBindings with the fields of their CustomResourceDefinition; all others are pruned.
 * https://github.com/knative/eventing/blob/main/config/core/resources/sinkbindings.yaml
 */
export const sinkBindings: Resource = resourceOf({
  spec: {
    group: 'sources.knative.dev',
    scope: 'Namespaced',
    names: { kind: 'SinkBinding', plural: 'sinkbindings' },
    versions: [{
      name: 'v1',
      storage: true,
      subresources: { status: {} },
      schema: {
        openAPIV3Schema: object({
          spec: object({
            ceOverrides: object({ extensions: free }),
            sink: object({
              ref: object({ apiVersion: text, kind: text, name: text, namespace: text }),
              uri: text,
              CACerts: text,
              audience: text
            }),
            subject: object({
              apiVersion: text,
              kind: text,
              name: text,
              namespace: text,
              selector: object({
                matchExpressions: { type: 'array', items: object({ key: text, operator: text, values: texts }) },
                matchLabels: free
              })
            })
          }),
          status: object({
            annotations: free,
            auth: object({ serviceAccountName: text, serviceAccountNames: texts }),
            ceAttributes: { type: 'array', items: object({ source: text, type: text }) },
            conditions: {
              type: 'array',
              items: {
                ...object({ lastTransitionTime: text, message: text, reason: text, severity: text, status: text, type: text }),
                required: ['type', 'status']
              }
            },
            observedGeneration: { type: 'integer', format: 'int64' },
            sinkUri: text,
            sinkCACerts: text,
            sinkAudience: text,
            oidcTokenSecretName: text
          })
        })
      }
    }]
  }
})

/** Knative's defaulting webhook for SinkBindings: the default namespace is the SinkBinding's own. */
export function withOwnNamespace ({ metadata: { namespace }, spec }: KubeObject): void {
  if (isObject(spec?.subject)) spec.subject.namespace ||= namespace
  if (isObject(spec?.sink?.ref)) spec.sink.ref.namespace ||= namespace
}

/** Knative's validating webhook. https://github.com/knative/pkg/blob/main/tracker/interface.go, `Validate` */
export function refuseContradictions ({ spec }: KubeObject): void {
  const { subject, sink } = spec ?? {}
  const problems: string[] = []
  if (subject?.selector !== undefined && subject.name) problems.push('expected exactly one, got both: spec.subject.name, spec.subject.selector')
  if (subject?.selector === undefined && !subject?.name) problems.push('expected exactly one, got neither: spec.subject.name, spec.subject.selector')
  if (sink?.ref !== undefined && isAbsolute(sink.uri)) problems.push('Absolute URI is not allowed when Ref or [apiVersion, kind, name] is present: spec.sink.[apiVersion, kind, name], spec.sink.ref, spec.sink.uri')
  if (sink?.ref === undefined && sink?.uri === undefined) problems.push('expected at least one, got none: spec.sink.ref, spec.sink.uri')
  else if (sink?.ref === undefined && !isAbsolute(sink.uri)) problems.push('invalid value: Relative URI is not allowed when Ref and [apiVersion, kind, name] is absent: spec.sink.uri')
  if (problems.length > 0) throw new ApiError(400, 'BadRequest', `admission webhook "validation.webhook.eventing.knative.dev" denied the request: validation failed: ${problems.join('\n')}`)
}

const isAbsolute = (uri: unknown) => typeof uri === 'string' && URL.canParse(uri)
