import { isDnsLabel, isDnsSubdomain } from '../kubernetes/names.js'

/** The names of a source from which others are derived. */
export interface SourceNames {
  /** In CamelCase. */
  kind: string
  /** The API group. */
  group: string
  /** The plural for `kubectl get`. */
  plural: string
  /** The namespace of the hook. */
  systemNamespace: string
  /** The CloudEvents type and source of its events. */
  eventType: string
  eventSource: string
}

/** The names that the author of a source gives: those that can be derived are optional. */
export type GivenNames = Pick<SourceNames, 'kind' | 'group'> & Partial<SourceNames>

/** The longest kind: names of objects and labels derived from it are at most 63 characters long. */
const maxKindLength = 40

/** Kinds, and their plurals, that people and tools associate with Kubernetes, Knative or Metacontroller. */
const takenKinds = [
  'Binding', 'ComponentStatus', 'ConfigMap', 'ControllerRevision', 'CronJob', 'CustomResourceDefinition', 'DaemonSet', 'Deployment', 'Endpoints',
  'EndpointSlice', 'Event', 'HorizontalPodAutoscaler', 'Ingress', 'Job', 'Lease', 'LimitRange', 'Namespace', 'NetworkPolicy', 'Node', 'PersistentVolume',
  'PersistentVolumeClaim', 'Pod', 'PodDisruptionBudget', 'PodTemplate', 'ReplicaSet', 'ReplicationController', 'ResourceQuota', 'Role', 'RoleBinding',
  'ClusterRole', 'ClusterRoleBinding', 'Secret', 'Service', 'ServiceAccount', 'StatefulSet', 'StorageClass', 'VolumeAttachment',
  'Broker', 'Channel', 'Trigger', 'Subscription', 'SinkBinding', 'ApiServerSource', 'ContainerSource', 'PingSource', 'Revision', 'Route', 'Configuration',
  'CompositeController', 'DecoratorController'
]
const takenPlurals = takenKinds.map(kind => kind.toLowerCase()).flatMap(singular =>
  [singular, `${singular}s`, `${singular}es`, singular.replace(/y$/, 'ies')])

const takenNamespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease', 'knative-eventing', 'knative-serving', 'metacontroller']

/**
 * Completes the names of a source.
 *
 * @param given a kind in CamelCase, a group, and any name that should differ from the derived one
 */
export function completeNames ({ kind, group, ...given }: GivenNames): SourceNames {
  const { flat, kebab } = spellings(kind)
  return {
    kind,
    group,
    plural: `${flat}s`,
    systemNamespace: kebab,
    eventType: [...group.split('.').reverse(), flat.replace(/(?<=.)source$/, '')].join('.'),
    eventSource: `${group}/${kebab}`,
    ...given
  }
}

/**
 * Writes the arguments of `npm run new-source` that give a source its names, quoted for a shell.
 *
 * @param names of the source; derived names are left out
 */
export function writeArguments (names: SourceNames): string {
  const { kind, group, plural, systemNamespace, eventType, eventSource } = names
  const derived = completeNames({ kind, group })
  const options: Array<[option: string, value: string, derived?: string]> = [
    ['group', group], ['plural', plural, derived.plural], ['namespace', systemNamespace, derived.systemNamespace],
    ['event-type', eventType, derived.eventType], ['event-source', eventSource, derived.eventSource]
  ]
  // No name contains a quote: see checkNames.
  const quote = (value: string) => /^[\w./-]+$/.test(value) ? value : `'${value}'`
  return [kind, ...options.filter(([, value, derived]) => value !== derived).map(([option, value]) => `--${option} ${quote(value)}`)].join(' ')
}

/**
 * Validates the names of a new source.
 *
 * @param names of the new source
 * @param old the names of the source it is made from
 * @param code the source code of that source: a word in it cannot be a new name
 * @returns a line for each problem
 */
export function checkNames (names: SourceNames, old: SourceNames, code: string): string[] {
  const { kind, group, plural, systemNamespace, eventType, eventSource } = names
  if (!/^[A-Z][A-Za-z0-9]*$/.test(kind) || !/[a-z]/.test(kind)) return [`kind: expected CamelCase, as PodMonitor is, got ${JSON.stringify(kind)}`]
  const { flat } = spellings(kind)
  const problems: Array<[wrong: boolean, problem: string]> = [
    [kind.length > maxKindLength, `kind: expected at most ${maxKindLength} characters, got ${kind.length}`],
    [takenKinds.some(taken => taken.toLowerCase() === flat), `kind: ${kind} is a kind of Kubernetes, Knative or Metacontroller`],
    [isSaid(old.kind, kind) || isSaid(kind, old.kind), `kind: ${kind} and ${old.kind} cannot be told apart`],
    [!isDnsSubdomain(group) || !group.includes('.'), `--group: expected a DNS name of two or more labels, got ${JSON.stringify(group)}`],
    [/(^|\.)(k8s|kubernetes)\.io$/.test(group), `--group: ${group} is a group of Kubernetes' own`],
    [!isDnsLabel(plural), `--plural: expected a DNS label such as ${flat}s, got ${JSON.stringify(plural)}`],
    [plural === flat, `--plural: expected another name than the singular ${flat}`],
    [takenPlurals.includes(plural), `--plural: ${plural} is a kind of Kubernetes, Knative or Metacontroller`],
    [!isDnsLabel(systemNamespace), `--namespace: expected a DNS label such as ${spellings(kind).kebab}, got ${JSON.stringify(systemNamespace)}`],
    [takenNamespaces.includes(systemNamespace) || systemNamespace === old.systemNamespace, `--namespace: ${systemNamespace} is already taken`],
    [!/^[\w.~:/-]{1,256}$/.test(eventType), `--event-type: expected letters, digits and any of ._~:/- such as ${completeNames({ kind, group }).eventType}, got ${JSON.stringify(eventType)}`],
    [eventType === old.eventType, `--event-type: ${eventType} is the type of ${old.kind}`],
    [!/^[\w.~:/?#@&=+,;%-]{1,256}$/.test(eventSource), `--event-source: expected a URI reference such as ${completeNames({ kind, group }).eventSource}, got ${JSON.stringify(eventSource)}`]
  ]
  const found = problems.filter(([wrong]) => wrong).map(([, problem]) => problem)
  const [said] = found.length > 0 ? [] : findTraces(code, names, old)
  return said === undefined ? found : [`kind, --group, --namespace, --event-type, --event-source: the code already uses ${said} for something else`]
}

function isSaid (text: string, name: string): boolean {
  return text.toLowerCase().includes(name.toLowerCase())
}

/** The spellings of a kind. */
interface Spellings {
  pascal: string
  camel: string
  flat: string
  kebab: string
  snake: string
  constant: string
  spaced: string
  title: string
  sentence: string
}

function spellings (kind: string): Spellings {
  const words = kind.match(/[A-Z]+[0-9]*(?![a-z])|[A-Z][a-z0-9]*/g) ?? [kind]
  const lower = words.map(word => word.toLowerCase())
  const [first = '', ...rest] = words
  return {
    pascal: kind,
    camel: [first.toLowerCase(), ...rest].join(''),
    flat: lower.join(''),
    kebab: lower.join('-'),
    snake: lower.join('_'),
    constant: lower.join('_').toUpperCase(),
    spaced: lower.join(' '),
    title: words.join(' '),
    sentence: [first, ...rest.map(word => word.toLowerCase())].join(' ')
  }
}

/** The plural of a spelling, formed like the plural of the resource: `Proxies` for `proxies`. */
function pluralOf (spelling: string, { kind, plural }: SourceNames): string {
  const singular = kind.toLowerCase()
  let same = 0
  while (same < plural.length && plural[same] === singular[same]) same++
  return spelling.slice(0, spelling.length - (singular.length - same)) + plural.slice(same)
}

/**
 * Makes a function that replaces the names in a text, in every spelling, with those of another source.
 *
 * @param old the names in the text
 * @param names the new names
 */
export function makeRenaming (old: SourceNames, names: SourceNames): (text: string) => string {
  const renamed = new Map<string, string>()
  const rename = (from: string, to: string) => { if (!renamed.has(from)) renamed.set(from, to) }
  for (const name of ['group', 'systemNamespace', 'eventType', 'eventSource', 'plural'] as const) rename(old[name], names[name])
  const [from, to] = [spellings(old.kind), spellings(names.kind)]
  for (const spelling of Object.keys(from) as Array<keyof Spellings>) {
    rename(pluralOf(from[spelling], old), pluralOf(to[spelling], names))
    rename(from[spelling], to[spelling])
  }
  const longestFirst = [...renamed.keys()].sort((one, other) => other.length - one.length)
  // With the article before it: "a pod" may become "an event".
  const pattern = new RegExp(`(\\b[Aa]n? )?(${longestFirst.map(escapePattern).join('|')})`, 'g')
  return text => text.replace(pattern, (_, article: string | undefined, name: string) => {
    const to = renamed.get(name) as string
    return article === undefined ? to : `${article[0]}${/^[aeiou]/i.test(to) ? 'n' : ''} ${to}`
  })
}

/** Finds the names of a source in a text, in any spelling, except names that the other source has too. */
export function findTraces (text: string, old: SourceNames, names: SourceNames): string[] {
  const own = [old.group, old.systemNamespace, old.eventType, old.eventSource].filter(name => !Object.values(names).includes(name))
  const kind = spellings(old.kind).kebab.replaceAll('-', '[-_ ]?')
  return text.match(new RegExp([kind, ...own.map(escapePattern)].join('|'), 'gi')) ?? []
}

function escapePattern (text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
}
