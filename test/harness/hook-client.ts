import { once } from 'node:events'
import { Agent as HttpAgent, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { pipeline } from 'node:stream'
import { text as readText } from 'node:stream/consumers'
import { createGunzip } from 'node:zlib'
import { Type } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import redirects from 'follow-redirects'
import { checkSchema } from '../../src/kubernetes/field-error.js'
import { isDeeperThan, isObject, type JsonObject } from '../../src/kubernetes/object.js'
import type { Manifest } from './resource.js'
import { strictProblems } from './strict-json.js'

const { http, https } = redirects

/*
 * Calls a hook and reads its answer as Metacontroller does.
 * https://github.com/metacontroller/metacontroller/blob/master/pkg/hooks/webhook.go
 */

/** One of the CompositeController's hooks. */
export interface Hook {
  type: 'sync' | 'finalize' | 'customize'
  version: 'v1' | 'v2'
  url: string
  strict: boolean
  timeoutMs: number
}

/** The answer of a sync or finalize hook. */
export interface HookResponse {
  status: JsonObject
  children: Manifest[]
  resyncAfterSeconds: number
  finalized: boolean
}

/** The longest timeout that a timer can have, in milliseconds. */
export const longestTimeoutMs = 2 ** 31 - 1

/** The hook asks to be called again later. */
export class TooManyRequests extends Error {
  constructor (readonly afterSeconds: number) {
    super(`Too many request, it will be resync after: ${afterSeconds}`)
  }
}

/** The Go type and fields that an answer is decoded into. */
const responseTypes = {
  sync: { name: 'CompositeHookResponse', fields: ['status', 'children', 'resyncAfterSeconds', 'finalized'] },
  finalize: { name: 'CompositeHookResponse', fields: ['status', 'children', 'resyncAfterSeconds', 'finalized'] },
  customize: { name: 'CustomizeHookResponse', fields: ['relatedResources'] }
}

/**
 * Calls a hook.
 *
 * @param now milliseconds since 1970, for a `Retry-After` that is a date
 * @returns the answer's fields
 * @throws TooManyRequests if the hook answers 429; Error for every other invalid answer
 */
export async function callHook (hook: Hook, request: JsonObject, now: number): Promise<JsonObject> {
  const { status, headers, body } = await post(hook, JSON.stringify(request))
  if (status === 429) throw new TooManyRequests(secondsAfter(headers['retry-after'] ?? '', now))
  if (status !== 200) throw new Error(`unsupported status code: ${status} body: ${body}`)
  return decode(hook, body)
}

/** Like Go's client, it keeps connections alive and follows redirects. */
const agents = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) }

async function post ({ url, timeoutMs }: Hook, body: string) {
  const signal = AbortSignal.timeout(timeoutMs)
  const sent = (url.startsWith('https:') ? https : http).request(url, {
    method: 'POST',
    agents,
    headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), 'accept-encoding': 'gzip' },
    maxRedirects: 9,
    maxBodyLength: Infinity,
    signal
  })
  // Once there is a response, the response reports the error too.
  sent.on('error', () => {}).end(body)
  const [response] = await (once(sent, 'response') as Promise<[IncomingMessage]>).catch(error => {
    throw new Error(`http error: Post "${url}": ${signal.aborted ? exceeded('exceeded while awaiting headers') : describe(error, 'EOF')}`)
  })
  try {
    const isZipped = response.headers['content-encoding'] === 'gzip'
    const answer = isZipped ? pipeline(response, createGunzip(), () => {}) : response
    return { status: response.statusCode, headers: response.headers, body: await readText(answer) }
  } catch (error) {
    throw new Error(`can't read response body: ${signal.aborted ? exceeded('or context cancellation while reading body') : describe(error, 'unexpected EOF')}`)
  }
}

const exceeded = (when: string) => `context deadline exceeded (Client.Timeout ${when})`

/** The error of a failed call in Go's words. */
function describe (error: unknown, closed: string): string {
  const { message, code, address, port } = error as Error & { code?: string, address?: string, port?: number }
  if (code === 'ECONNREFUSED') return `dial tcp ${address}:${port}: connect: connection refused`
  if (code === 'ERR_FR_TOO_MANY_REDIRECTS') return 'stopped after 10 redirects'
  if (code?.startsWith('HPE_') === true) return 'malformed HTTP response'
  return code === 'ECONNRESET' ? closed : message
}

function secondsAfter (retryAfter: string, now: number): number {
  // RFC 1123 is the only supported format of a date.
  if (/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} [A-Z]+$/.test(retryAfter)) {
    return Math.ceil((Date.parse(retryAfter) - now) / 1000)
  }
  return /^[+-]?\d+$/.test(retryAfter) ? Number(retryAfter) : 0
}

function decode (hook: Hook, body: string): JsonObject {
  const { name, fields } = responseTypes[hook.type]
  const fail = (problem: string): never => {
    throw new Error(`can't unmarshal webhookResponse (version: ${hook.version}, type: ${hook.type}): ${problem}`)
  }
  let answer: unknown
  try {
    answer = JSON.parse(body)
  } catch (error) {
    return fail((error as Error).message)
  }
  // Go stops at a depth of 10000. The limit here is lower, but far above any object of Kubernetes.
  if (isDeeperThan(1000, answer)) return fail('exceeded max depth')
  if (answer !== null && !isObject(answer)) return fail(`json: cannot unmarshal ${typeName(answer)} into Go value of type ${name}`)
  for (const field of fields) {
    const problem = fieldProblem(field, answer?.[field])
    if (problem !== undefined) return fail(problem.replace('STRUCT', name))
  }
  const problems = hook.strict ? strictProblems(body, fields, ['status']) : []
  if (problems.length > 0) {
    const list = problems.length === 1 ? problems[0] : `[${problems.join(', ')}]`
    throw new Error(`strict validation failed for ${hook.version} webhookResponse (type: ${hook.type}, mode: strict): ${list}`)
  }
  return answer ?? {}
}

function typeName (value: unknown): string {
  return Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
}

function fieldProblem (field: string, value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined
  const mismatch = (type: string) => `json: cannot unmarshal ${typeName(value)} into Go struct field STRUCT.${field} of type ${type}`
  switch (field) {
    case 'status': return isObject(value) ? undefined : mismatch('map[string]interface {}')
    case 'resyncAfterSeconds': return typeof value === 'number' ? undefined : mismatch('float64')
    case 'finalized': return typeof value === 'boolean' ? undefined : mismatch('bool')
    case 'children': {
      if (!Array.isArray(value)) return mismatch('[]*unstructured.Unstructured')
      const nameless = value.find(child => !isObject(child) || typeof child['kind'] !== 'string' || child['kind'] === '')
      return nameless === undefined ? undefined : `Object 'Kind' is missing in '${JSON.stringify(nameless)}'`
    }
    default: {
      if (!Array.isArray(value)) return mismatch('[]*v1alpha1.RelatedResourceRule')
      const [error] = checkSchema(relatedRules, withoutNull(value), 'relatedResources', 1)
      return error === undefined ? undefined : `${error.path}: ${error.message}`
    }
  }
}

/** Go treats a field that is null as absent. */
const withoutNull = (value: unknown): unknown => JSON.parse(JSON.stringify(value), (_key, inner: unknown) => inner ?? undefined)

const text = Type.Optional(Type.String())
const texts = Type.Optional(Type.Array(Type.String()))
const labelSelector = Type.Optional(Type.Object({
  matchLabels: Type.Optional(Type.Record(Type.String(), Type.String())),
  matchExpressions: Type.Optional(Type.Array(Type.Object({ key: Type.String(), operator: Type.String(), values: texts })))
}))

/** https://metacontroller.github.io/metacontroller/api/customize.html#customize-hook-response */
const relatedRules = TypeCompiler.Compile(Type.Array(Type.Object({
  apiVersion: Type.String(), resource: Type.String(), namespace: text, names: texts, labelSelector, namespaceSelector: labelSelector
})))
