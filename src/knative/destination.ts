import { Type, type Static } from '@sinclair/typebox'
import { quote, type FieldError } from '../kubernetes/field-error.js'
import { isObject, stringAt, valueAt } from '../kubernetes/object.js'
import { beginsWithCertificate, hasCertificate } from './certificates.js'

/** An absolute URI: it has a scheme. (In RE2 syntax, also for the CRD's CEL rules.) */
export const absoluteUriPattern = '^[a-zA-Z][a-zA-Z0-9+.-]*:'

/** An absolute URI with a host. */
export const uriWithHostPattern = '^[a-zA-Z][a-zA-Z0-9+.-]*://([^/?#@]*@)?[^/?#@:]'

const maxUriLength = 2048

/** In characters for the schema, otherwise in bytes: it becomes one environment variable, and part of an annotation. */
const maxCACertsLength = 64 * 1024

/** https://pkg.go.dev/knative.dev/pkg/apis/duck/v1#KReference */
export const KReference = Type.Object({
  apiVersion: Type.String({ maxLength: 317, description: 'API version of the referent.' }),
  kind: Type.String({ maxLength: 63, description: 'Kind of the referent.' }),
  name: Type.String({ maxLength: 253, description: 'Name of the referent.' }),
  namespace: Type.Optional(Type.String({ maxLength: 63, description: 'Namespace of the referent; by default that of the referring object.' }))
})

/** https://pkg.go.dev/knative.dev/pkg/apis/duck/v1#Destination */
export const Destination = Type.Object({
  ref: Type.Optional(Type.Object(KReference.properties, { description: 'An Addressable: a Broker, a Channel, a Service or anything else with an address.' })),
  uri: Type.Optional(Type.String({ maxLength: maxUriLength, description: 'Without a ref, an absolute URL with a host; with a ref, a relative URI that is resolved against the address of the referent.' })),
  CACerts: Type.Optional(Type.String({
    maxLength: maxCACertsLength,
    description: 'Certification Authority certificates in PEM format, trusted in addition to those of the target itself: 64 KiB at most, which is less than the bundle of a whole system.',
    'x-kubernetes-validations': [
      { rule: `size(bytes(self)) <= ${maxCACertsLength}`, message: `must have at most ${maxCACertsLength} bytes` },
      { rule: "!self.matches('\\\\x00')", message: 'must not have a NUL character' }
    ]
  })),
  audience: Type.Optional(Type.String({ maxLength: 2048, description: 'OIDC audience, needed only if the target does not name one itself.' }))
}, {
  'x-kubernetes-validations': [
    { rule: "has(self.ref) || (has(self.uri) && self.uri != '')", message: 'expected at least one of ref and uri' },
    {
      rule: `!has(self.ref) || !has(self.uri) || !self.uri.matches('${absoluteUriPattern}')`,
      message: 'uri must be relative if ref is given',
      fieldPath: '.uri'
    },
    {
      rule: `has(self.ref) || !has(self.uri) || self.uri == '' || self.uri.matches('${uriWithHostPattern}')`,
      message: 'uri must be absolute, with a host, if ref is not given',
      fieldPath: '.uri'
    }
  ]
})

export type Destination = Static<typeof Destination>

/** A scheme, or what Go considers an invalid one: a colon in the first segment of a path. */
const schemeOrColon = /^[^/?#]*:/
const uriWithHost = new RegExp(uriWithHostPattern)

/**
 * Validates a Destination by the rules of Knative's own webhook
 * (https://github.com/knative/pkg/blob/main/apis/duck/v1/destination.go).
 *
 * @param destination in any form; values that are too long or of the wrong type are left to the schema
 * @returns every problem, with its path in the Destination, which is empty for the Destination as a whole
 */
export function validateDestination (destination: unknown): FieldError[] {
  if (!isObject(destination)) return []
  const hasRef = valueAt(destination, 'ref') !== undefined
  const uri = stringAt(destination, 'uri')
  return [
    ...validateReference(valueAt(destination, 'ref')),
    ...validateUri(uri, hasRef),
    ...validateCACerts(stringAt(destination, 'CACerts')),
    ...(hasRef || valueAt(destination, 'uri') ? [] : [{ path: '', message: 'expected at least one of ref and uri, got neither' }])
  ]
}

function validateReference (ref: unknown): FieldError[] {
  return ['apiVersion', 'kind', 'name']
    .filter(field => valueAt(ref, field) === '')
    .map(field => ({ path: `ref.${field}`, message: 'expected a string that is not empty' }))
}

function validateUri (uri: string | undefined, hasRef: boolean): FieldError[] {
  if (uri === undefined || uri.length > maxUriLength) return []
  const isWellFormed = !isRefusedByGo(uri) && URL.canParse(uri, 'http://ref')
  if (hasRef) {
    return isWellFormed && !schemeOrColon.test(uri) ? [] : [{ path: 'uri', message: `expected a relative URI with a ref, got ${quote(uri)}` }]
  }
  return isWellFormed && uriWithHost.test(uri)
    ? []
    : [{ path: 'uri', message: `expected an absolute URL with a host, got ${quote(uri)}` }]
}

/**
 * Whether Go's `url.Parse`, and with it Knative's webhook, rejects a URI: control characters, a `%` without two
 * hexadecimal digits, or a user or host with invalid characters. https://pkg.go.dev/net/url#Parse
 */
function isRefusedByGo (uri: string): boolean {
  const [, user = '', host = ''] = /^(?:[^/?#]*:)?\/\/(?:([^/?#]*)@)?([^/?#]*)/.exec(uri) ?? []
  return /\p{Cc}|%(?![0-9a-fA-F]{2})/u.test(uri) || /[^\w.:~!$&'()*+,;=%@-]/.test(user) || /[%{}|\\^`]/.test(host)
}

function validateCACerts (pem: string | undefined): FieldError[] {
  if (pem === undefined || pem.length > maxCACertsLength) return []
  const bytes = Buffer.byteLength(pem)
  if (bytes > maxCACertsLength) return [{ path: 'CACerts', message: `expected at most ${maxCACertsLength} bytes, got ${bytes}` }]
  if (pem.includes('\0')) return [{ path: 'CACerts', message: 'expected no NUL character: no environment variable can have one' }]
  // Knative's webhook checks only the first block; the adapter uses any certificate that it can read.
  if (beginsWithCertificate(pem) && hasCertificate(pem)) return []
  return [{ path: 'CACerts', message: 'expected certificates in PEM format' }]
}

/**
 * Sets what Knative's defaulting would set, and omits empty and unknown fields, so that the API server stores the result
 * unchanged.
 *
 * @param destination a valid one
 * @param namespace of the object that contains the Destination
 */
export function withDefaults ({ ref, uri, CACerts, audience }: Destination, namespace: string): Destination {
  return {
    ...(ref !== undefined && {
      ref: { apiVersion: ref.apiVersion, kind: ref.kind, name: ref.name, namespace: ref.namespace || namespace }
    }),
    ...(uri && { uri }),
    ...(CACerts && { CACerts }),
    ...(audience && { audience })
  }
}
