import { TypeCompiler } from '@sinclair/typebox/compiler'
import { checkSchema, describeProblems } from '../kubernetes/field-error.js'
import { arrayAt, isObject, stringAt, valueAt, type JsonObject } from '../kubernetes/object.js'
import type { ObjectMap } from '../metacontroller/protocol.js'
import { receiveAdapterContainer } from '../samplesource/receive-adapter.js'
import { SyncRequest, reconcile } from '../samplesource/reconcile.js'
import { apiVersion, kind } from '../samplesource/names.js'
import type { Settings } from '../samplesource/settings.js'

/** What the hook would answer, for a person to read. */
export interface Rendering {
  /** Each source with its status, then its children. */
  objects: object[]
  /** What was passed over, a line each. */
  notes: string[]
  /** What is wrong with the sources, a line each. */
  problems: string[]
}

const requestSchema = TypeCompiler.Compile(SyncRequest)

/** What the API server would give a source that has not been applied yet. */
const notApplied = { namespace: 'default', uid: '00000000-0000-0000-0000-000000000000', generation: 1 }

/**
 * Renders what the hook would answer for sources that stand in files.
 *
 * @param documents what the files hold; a `List` is taken as its items, what is no source is passed over
 * @param observed children that are there already, as `kubectl get --output yaml` prints them
 * @param settings as the hook has them
 * @param now the time of transitions
 */
export function render (documents: unknown[], observed: unknown[], settings: Settings, now: Date): Rendering {
  const rendering: Rendering = { objects: [], notes: [], problems: [] }
  const children = observed.flatMap(itemsOf).filter(isObject)
  for (const document of documents.flatMap(itemsOf)) {
    if (valueAt(document, 'kind') === kind) renderSource(document as JsonObject, children, settings, now, rendering)
    else rendering.notes.push(`passed over: ${nameOf(document)}`)
  }
  if (rendering.objects.length === 0 && rendering.problems.length === 0) rendering.problems.push(`no ${kind} found`)
  return rendering
}

/**
 * The image that the receive adapters have now: where nothing else is said, the hook is taken to have that one.
 *
 * @param observed as for {@link render}
 * @returns undefined where there is no adapter
 */
export function observedImage (observed: unknown[]): string | undefined {
  return observed.flatMap(itemsOf)
    .flatMap(child => arrayAt(child, 'spec', 'template', 'spec', 'containers'))
    .filter(container => stringAt(container, 'name') === receiveAdapterContainer)
    .map(container => stringAt(container, 'image'))[0]
}

function renderSource (document: JsonObject, observed: JsonObject[], settings: Settings, now: Date, rendering: Rendering): void {
  const given = document['metadata']
  const metadata: JsonObject = { ...notApplied, ...(isObject(given) && given) }
  const children = toObjectMap(observed.filter(child => isOwnedBy(metadata, child)))
  const request = { parent: { ...document, metadata }, children }
  const errors = checkSchema(requestSchema, request, '', Infinity)
  if (errors.length > 0) {
    rendering.problems.push(...errors.map(({ path, message }) => `${nameOf(document)}: ${path.replace(/^parent\./, '')}: ${message}`))
    return
  }
  const { parent } = request as unknown as SyncRequest
  const { response, problems } = reconcile({ parent, children }, settings, now)
  const { namespace, name } = parent.metadata
  rendering.objects.push({ apiVersion, kind, metadata: { name, namespace }, spec: parent.spec, status: response.status }, ...response.children)
  for (const problem of problems) {
    rendering.problems.push(`${nameOf(document)}: ${describeProblems([problem])}`)
  }
}

function itemsOf (document: unknown): unknown[] {
  const items = valueAt(document, 'items')
  return valueAt(document, 'kind') === 'List' && Array.isArray(items) ? items : [document]
}

/** Metacontroller sends a source its own children only. A child that was written by hand may have no owner. */
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

function nameOf (document: unknown): string {
  return `${stringAt(document, 'kind') ?? 'a document without kind'} ${stringAt(document, 'metadata', 'name') ?? ''}`.trim()
}
