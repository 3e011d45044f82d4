import { TypeCompiler } from '@sinclair/typebox/compiler'
import { checkSchema, describe, describeProblems, quote, under, type FieldError } from '../kubernetes/field-error.js'
import { WrittenObjectMeta, validateObjectMeta } from '../kubernetes/object-meta.js'
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

/** The time of the transitions of a source that is not applied yet: what is rendered does not depend on when. */
const beforeAll = new Date(0)

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
  const [parents, children] = partition(observed.flatMap(itemsOf), isSource)
  const [sources, others] = partition(documents.flatMap(itemsOf), isSource)
  const candidates = children.map(({ value }) => value).filter(isObject)
  const renderings = sources.map(document => {
    const { objects, notes, problems } = renderSource(document.value as JsonObject, candidates, settings, now)
    const named = (line: string) => `${locationOf(document)}: ${line}`
    return { objects, notes: notes.map(named), problems: problems.map(named) }
  })
  return {
    objects: renderings.flatMap(({ objects }) => objects),
    notes: [...[...others, ...parents].map(document => `${locationOf(document)}: ignored`), ...renderings.flatMap(({ notes }) => notes)],
    problems: sources.length === 0 ? [noneIn(documents.map(({ file }) => file))] : renderings.flatMap(({ problems }) => problems)
  }
}

/** The problem of files without a source. */
export function noneIn (files: string[]): string {
  return `${[...new Set(files)].join(', ')}: no ${kind} found`
}

const isSource = ({ value }: Located) => isObject(value) && value['kind'] === kind

function partition<Item> (items: Item[], isFirst: (item: Item) => boolean): [first: Item[], second: Item[]] {
  return [items.filter(isFirst), items.filter(item => !isFirst(item))]
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
function renderSource (document: JsonObject, observed: JsonObject[], settings: Settings, now: Date): Rendering {
  const unknown = document['apiVersion'] === apiVersion ? unknownFields(document, writtenSource) : []
  if (unknown.length > 0) return { objects: [], notes: [], problems: unknown }
  const { metadata: written = {}, ...fields } = prunedAndFilled(withEmptyTexts(document), writtenSource) as JsonObject
  if (!isObject(written)) return { objects: [], notes: [], problems: [`metadata: expected object, got ${describe(written)}`] }
  const given = withoutEmpty(written)
  const metadata: JsonObject = { ...notApplied, ...given }
  const children = toObjectMap(observed.filter(child => isOwnedBy(metadata, child)))
  const request = { parent: { ...fields, metadata }, children }
  const errors = checkWritten(request, written)
  const notes = observed.filter(child => !('uid' in given) && isOfNamesake(metadata, child)).slice(0, 1)
    .map(child => `ignored the observed ${nameOf(child)}, whose owner has this name and a uid: render the source that kubectl get prints`)
  if (errors.length > 0) return { objects: [], notes, problems: errors.map(({ path, message }) => `${path}: ${message}`) }
  const { parent } = request as unknown as SyncRequest
  const { response, problems } = reconcile({ parent, children }, settings, 'uid' in given ? now : beforeAll)
  const { name, namespace } = parent.metadata
  // As kubectl prints it, without managed fields.
  const { managedFields, ...shown } = given
  return {
    objects: [{ apiVersion, kind, metadata: { name, namespace, ...shown }, spec: parent.spec, status: response.status }, ...response.children],
    notes,
    problems: problems.map(problem => describeProblems([problem]))
  }
}

/** Metadata without what is empty, which the API server does not store. */
function withoutEmpty (metadata: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== '' && !(value instanceof Object && Object.keys(value).length === 0)))
}

/** A null among the labels or annotations is an empty text: Go decodes it into a string. */
function withEmptyTexts (document: JsonObject): JsonObject {
  const { metadata } = document
  if (!isObject(metadata)) return document
  const filled = ['labels', 'annotations'].flatMap(field => isObject(metadata[field]) ? [[field, mapValues(metadata[field], value => value ?? '')]] : [])
  return { ...document, metadata: { ...metadata, ...Object.fromEntries(filled) as JsonObject } }
}

function mapValues (object: JsonObject, map: (value: unknown) => unknown): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]))
}

/** What the API server refuses of a source, with the metadata as it is written, and what is not a source at all. */
function checkWritten (request: { parent: JsonObject & { metadata: JsonObject }, children: ObjectMap }, written: JsonObject): FieldError[] {
  const errors = new Map([
    ...checkSchema(requestSchema, request, '', Infinity).map(({ path, message }) => ({ path: path.replace(/^parent\./, ''), message })),
    ...checkSchema(metadataSchema, written, 'metadata', Infinity)
  ].map(error => [error.path, error]))
  return errors.size > 0 ? [...errors.values()] : under('metadata', validateObjectMeta(request.parent.metadata))
}

/** Metacontroller sends only a source's own children. A child written by hand may have no owner. */
function isOwnedBy ({ namespace, uid }: JsonObject, child: JsonObject): boolean {
  const owners = arrayAt(child, 'metadata', 'ownerReferences')
  return valueAt(child, 'metadata', 'namespace') === namespace && (owners.length === 0 || owners.some(owner => valueAt(owner, 'uid') === uid))
}

/** Whether a child belongs to a stored source with this source's name. */
function isOfNamesake ({ namespace, name, uid }: JsonObject, child: JsonObject): boolean {
  return valueAt(child, 'metadata', 'namespace') === namespace && arrayAt(child, 'metadata', 'ownerReferences')
    .some(owner => valueAt(owner, 'kind') === kind && valueAt(owner, 'name') === name && valueAt(owner, 'uid') !== uid)
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

function locationOf ({ file, value }: Located): string {
  return `${file}: ${nameOf(value)}`
}

/** The kind and the name of an object, on one line. */
function nameOf (object: unknown): string {
  const names = [stringAt(object, 'kind') ?? 'a document without kind', stringAt(object, 'metadata', 'name')]
  return names.filter(name => name !== undefined).map(name => /^[ -~]{1,253}$/.test(name) ? name : quote(name)).join(' ')
}
