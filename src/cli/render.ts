import { TypeCompiler } from '@sinclair/typebox/compiler'
import { checkSchema, describeProblems, quote } from '../kubernetes/field-error.js'
import { WrittenObjectMeta } from '../kubernetes/object-meta.js'
import { arrayAt, isObject, stringAt, valueAt, type JsonObject } from '../kubernetes/object.js'
import { prunedAndFilled, unknownFields, withObjectFields } from '../kubernetes/structural-schema.js'
import type { ObjectMap } from '../metacontroller/protocol.js'
import { receiveAdapterContainer } from '../samplesource/receive-adapter.js'
import { makeCustomResourceDefinition } from '../samplesource/crd.js'
import { SyncRequest, reconcile } from '../samplesource/reconcile.js'
import { apiVersion, kind } from '../samplesource/names.js'
import type { Settings } from '../samplesource/settings.js'
import { itemsOf, type Located } from './located.js'

/** What the hook would return, for people to read. */
export interface Rendering {
  /** Each source with its status, then its children. */
  objects: object[]
  /** The documents that were ignored, a line each. */
  notes: string[]
  /** The problems of the sources, a line each. */
  problems: string[]
}

const requestSchema = TypeCompiler.Compile(SyncRequest)
const metadataSchema = TypeCompiler.Compile(WrittenObjectMeta)

/** A source as a person writes it: the schema of the CRD, and the fields of every object. */
const writtenSource = withObjectFields(makeCustomResourceDefinition().spec.versions[0]?.schema.openAPIV3Schema)

/** The values that the API server would set on a source that is not applied yet. */
const notApplied = { namespace: 'default', uid: '00000000-0000-0000-0000-000000000000', generation: 1 }

/**
 * Renders what the hook would return for sources in files. A source with an unknown field, which the API server would
 * reject, is not rendered.
 *
 * @param documents from the files; lists are expanded, and other kinds are ignored
 * @param observed existing children, as `kubectl get --output yaml` prints them
 * @param settings of the hook
 * @param now the time of transitions
 */
export function render (documents: Located[], observed: Located[], settings: Settings, now: Date): Rendering {
  const rendering: Rendering = { objects: [], notes: [], problems: [] }
  const children = observed.flatMap(itemsOf).map(({ value }) => value).filter(isObject)
  for (const document of documents.flatMap(itemsOf)) {
    if (isObject(document.value) && document.value['kind'] === kind) {
      const { objects, problems } = renderSource(document.value, children, settings, now)
      rendering.objects.push(...objects)
      rendering.problems.push(...problems.map(problem => `${nameOf(document)}: ${problem}`))
    } else {
      rendering.notes.push(`${nameOf(document)}: ignored`)
    }
  }
  if (rendering.objects.length === 0 && rendering.problems.length === 0) rendering.problems.push(`no ${kind} found`)
  return rendering
}

/**
 * The current image of the receive adapters: by default, the hook is assumed to use it.
 *
 * @param observed as for {@link render}
 * @returns undefined if there is no adapter
 */
export function observedImage (observed: Located[]): string | undefined {
  return observed.flatMap(itemsOf)
    .flatMap(({ value }) => arrayAt(value, 'spec', 'template', 'spec', 'containers'))
    .filter(container => stringAt(container, 'name') === receiveAdapterContainer)
    .map(container => stringAt(container, 'image'))[0]
}

/** The source as the API server would store it, then the hook's answer to it. */
function renderSource (document: JsonObject, observed: JsonObject[], settings: Settings, now: Date): { objects: object[], problems: string[] } {
  const unknown = document['apiVersion'] === apiVersion ? unknownFields(document, writtenSource) : []
  if (unknown.length > 0) return { objects: [], problems: unknown }
  const { metadata: given, ...fields } = prunedAndFilled(document, writtenSource) as JsonObject
  const metadata: JsonObject = { ...notApplied, ...(isObject(given) && given) }
  const children = toObjectMap(observed.filter(child => isOwnedBy(metadata, child)))
  const request = { parent: { ...fields, metadata }, children }
  const errors = new Map([
    ...checkSchema(requestSchema, request, '', Infinity).map(({ path, message }): [string, string] => [path.replace(/^parent\./, ''), message]),
    ...checkSchema(metadataSchema, metadata, 'metadata', Infinity).map(({ path, message }): [string, string] => [path, message])
  ])
  if (errors.size > 0) return { objects: [], problems: [...errors].map(([path, message]) => `${path}: ${message}`) }
  const { parent } = request as unknown as SyncRequest
  const { response, problems } = reconcile({ parent, children }, settings, now)
  const { namespace, name } = parent.metadata
  return {
    objects: [{ apiVersion, kind, metadata: { name, namespace }, spec: parent.spec, status: response.status }, ...response.children],
    problems: problems.map(problem => describeProblems([problem]))
  }
}

/** Metacontroller sends only a source's own children. A child written by hand may have no owner. */
function isOwnedBy ({ namespace, uid }: JsonObject, child: JsonObject): boolean {
  const owners = arrayAt(child, 'metadata', 'ownerReferences')
  return valueAt(child, 'metadata', 'namespace') === namespace && (owners.length === 0 || owners.some(owner => valueAt(owner, 'uid') === uid))
}

/** Groups children as Metacontroller does. */
function toObjectMap (children: JsonObject[]): ObjectMap {
  const groups: ObjectMap = {}
  for (const child of children) {
    const group = groups[`${stringAt(child, 'kind')}.${stringAt(child, 'apiVersion')}`] ??= {}
    group[`${stringAt(child, 'metadata', 'namespace')}/${stringAt(child, 'metadata', 'name')}`] = child
  }
  return groups
}

function nameOf ({ file, value }: Located): string {
  const names = [stringAt(value, 'kind') ?? 'a document without kind', stringAt(value, 'metadata', 'name')]
  return `${file}: ${names.filter(name => name !== undefined).map(name => /^[ -~]{1,253}$/.test(name) ? name : quote(name)).join(' ')}`
}
