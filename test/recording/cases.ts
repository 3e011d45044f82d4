import { arrayAt, isEqual, isObject, stringAt, valueAt } from '../../src/kubernetes/object.js'

/** A call of the sync hook: the bodies of the request and of the answer. */
export interface Exchange {
  request: unknown
  response: unknown
}

/** The properties of an exchange that decide its case. */
interface Look {
  /** Whether the keys of children are those of the older hook version. */
  isV1: boolean
  hasChildren: boolean
  isBeingDeleted: boolean
  /** Whether the spec is the first one of the source. */
  isFirst: boolean
  /** Whether the spec differs from the one for which the stored status is ready. */
  isChanged: boolean
  /** A condition of the answer: its status, and its reason if it has one. */
  says: (type: string) => string
}

/** The cases of `test/fixtures/`, and how to recognize them: the first match counts. docs/design.md describes them. */
const cases: Array<[name: string, is: (look: Look) => boolean]> = [
  ['v1-keys', ({ isV1, hasChildren }) => isV1 && hasChildren],
  ['being-deleted', ({ isV1, isBeingDeleted }) => !isV1 && isBeingDeleted],
  ['create', ({ isV1, hasChildren }) => !isV1 && !hasChildren],
  ['invalid-spec', ({ isV1, says }) => !isV1 && says('SpecValid') === 'False InvalidSpec'],
  ['sink-unresolved', ({ isV1, says }) => !isV1 && says('SinkProvided') === 'False NoAddressable'],
  ['deployment-failing', ({ isV1, says }) => !isV1 && says('Deployed') === 'False FailedCreate'],
  ['ready', ({ isV1, isFirst, says }) => !isV1 && isFirst && says('Ready') === 'True'],
  ['spec-changed', ({ isV1, isChanged, says }) => !isV1 && isChanged && says('Ready').startsWith('Unknown')],
  ['waiting-for-deployment', ({ isV1, isFirst, says }) => !isV1 && isFirst && says('SinkBindingReady') === 'True']
]

/** All cases, by name. */
export const caseNames = cases.map(([name]) => name)

/** The case of an exchange, by its request and answer; undefined if there is none. */
export function caseOf (exchange: Exchange): string | undefined {
  const look = lookAt(exchange)
  return cases.find(([, is]) => is(look))?.[0]
}

/** Whether the answer keeps the stored status, so that the source stays in this case. */
export function isAtRest ({ request, response }: Exchange): boolean {
  return isEqual(valueAt(request, 'parent', 'status'), valueAt(response, 'status'))
}

function lookAt ({ request, response }: Exchange): Look {
  const parent = valueAt(request, 'parent')
  const generation = valueAt(parent, 'metadata', 'generation')
  const groups = Object.values(valueAt(request, 'children') ?? {})
  return {
    isV1: stringAt(request, 'controller', 'spec', 'hooks', 'sync', 'version') !== 'v2',
    hasChildren: groups.some(group => isObject(group) && Object.keys(group).length > 0),
    isBeingDeleted: valueAt(parent, 'metadata', 'deletionTimestamp') !== undefined,
    isFirst: generation === 1,
    isChanged: generation !== valueAt(parent, 'status', 'observedGeneration') && condition(parent, 'Ready') === 'True',
    says: type => condition(response, type)
  }
}

function condition (object: unknown, type: string): string {
  const found = arrayAt(object, 'status', 'conditions').find(condition => valueAt(condition, 'type') === type)
  return [stringAt(found, 'status'), stringAt(found, 'reason')].filter(Boolean).join(' ')
}
