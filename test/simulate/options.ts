import { parseArgs } from 'node:util'
import type { ApplyStrategy } from '../harness/child-manager.js'
import { withoutAdvice } from '../../src/cli/usage.js'
import * as names from '../../src/samplesource/names.js'
import { longestTimeoutMs } from '../harness/hook-client.js'
import { faults, type Fault } from './finding.js'
import { UsageError } from './usage-error.js'

/** The addresses of sinks that sources refer to but that are not applied. */
export interface Sinks {
  /** Whether all other sinks have an address: `http://<name>.<namespace>.svc.cluster.local`. */
  byDefault: boolean
  /** By `Kind/namespace/name`; undefined: the sink has no address. */
  addresses: Map<string, string | undefined>
}

/** The options of the command. */
export interface Options {
  /** Files, folders or `-`, which are applied in this order. */
  files: string[]
  /** File or folder with the CompositeController; undefined: this project's. */
  controller: string | undefined
  /** Files or folders with CustomResourceDefinitions. */
  crds: string[]
  /** Scheme, host and port of the hooks; undefined: this project's hook is started. */
  hookUrl: string | undefined
  hookVersion: 'v1' | 'v2' | undefined
  hookTimeoutSeconds: number | undefined
  applyStrategy: ApplyStrategy
  sinks: Sinks
  maxSyncs: number
  /** Whether the parents must become Ready. */
  judgesReady: boolean
  /** Faults that are reported but do not count. */
  allowed: Fault[]
  output: 'text' | 'json'
}

const help = `Usage: npm run simulate -- -f FILE [-f FILE …] [OPTIONS]

Applies each FILE in turn to a simulated cluster, runs it until nothing
changes, and prints what happens. Then it syncs every ${names.kind} some more
times, which must not write anything.

  -f, --filename FILE    YAML or JSON, a folder with such files, or - for
                         standard input. Each is a stage: apply, then run
      --sink SINK=URL    address of a sink that is in no FILE, as KIND/NAME or
                         KIND/NAMESPACE/NAME; URL none: it has no address.
                         Default: http://NAME.NAMESPACE.svc.cluster.local
      --sink none        sinks without a --sink SINK=URL have no address
      --controller FILE  another CompositeController
      --crd FILE         CustomResourceDefinitions of its parents and children;
                         may be given several times
      --hook URL         where its hooks listen, as http://127.0.0.1:8080; their
                         paths are those of the CompositeController
      --hook-version V   v1 or v2, in place of what the CompositeController says
      --hook-timeout S   seconds, in place of what the CompositeController says
      --apply-strategy STRATEGY
                         dynamic-apply (default) or server-side-apply
      --max-syncs N      maximum syncs of a parent in a stage (default: 200)
      --no-ready         parents do not have to become Ready
      --allow FAULT      a fault that does not count; may be given several times
  -o, --output FORMAT    text (default) or json: one object a line for each step
  -h, --help             this text

Faults: ${faults.slice(0, 4).join(', ')},
${faults.slice(4).join(', ')}

Exit status: 0 if all came to rest and became Ready; 1 if a fault was found;
2 if the command line is invalid, a file cannot be read or the output cannot be
written.
`

/**
 * Reads the command line.
 *
 * @param args without node and the script
 * @returns the options, or the help
 * @throws UsageError
 */
export function readOptions (args: string[]): Options | string {
  const { values, positionals: [argument] } = parse(args)
  if (values.help) return help
  if (argument !== undefined) throw new UsageError(`unexpected argument "${argument}": files are named with -f FILE, and npm needs -- before it: npm run simulate -- -f FILE`)
  const { filename: files, crd: crds, controller } = values
  if (files.length === 0) throw new UsageError('expected -f FILE: see --help')
  const stdins = [...files, ...crds, controller].filter(name => name === '-').length
  if (stdins > 1) throw new UsageError('standard input (-) can be read only once')
  return {
    files,
    controller,
    crds,
    hookUrl: values.hook === undefined ? undefined : readOrigin('--hook', values.hook),
    hookVersion: values['hook-version'] === undefined ? undefined : oneOf('--hook-version', values['hook-version'], ['v1', 'v2'] as const),
    hookTimeoutSeconds: values['hook-timeout'] === undefined ? undefined : readPositive('--hook-timeout', values['hook-timeout'], Math.floor(longestTimeoutMs / 1000)),
    applyStrategy: oneOf('--apply-strategy', values['apply-strategy'], ['dynamic-apply', 'server-side-apply'] as const),
    sinks: readSinks(values.sink),
    maxSyncs: Math.ceil(readPositive('--max-syncs', values['max-syncs'])),
    judgesReady: !values['no-ready'],
    allowed: values.allow.map(fault => oneOf('--allow', fault, faults)),
    output: oneOf('-o', values.output, ['text', 'json'] as const)
  }
}

function parse (args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        filename: { type: 'string', short: 'f', multiple: true, default: [] },
        sink: { type: 'string', multiple: true, default: [] },
        controller: { type: 'string' },
        crd: { type: 'string', multiple: true, default: [] },
        hook: { type: 'string' },
        'hook-version': { type: 'string' },
        'hook-timeout': { type: 'string' },
        'apply-strategy': { type: 'string', default: 'dynamic-apply' },
        'max-syncs': { type: 'string', default: '200' },
        'no-ready': { type: 'boolean', default: false },
        allow: { type: 'string', multiple: true, default: [] },
        output: { type: 'string', short: 'o', default: 'text' },
        help: { type: 'boolean', short: 'h', default: false }
      }
    })
  } catch (error) {
    throw new UsageError(withoutAdvice((error as Error).message))
  }
}

function oneOf<Choice extends string> (option: string, text: string, choices: readonly Choice[]): Choice {
  const choice = choices.find(choice => choice === text)
  if (choice === undefined) throw new UsageError(`${option} must be one of ${choices.join(', ')}, got "${text}"`)
  return choice
}

function readPositive (option: string, text: string, most = Number.MAX_SAFE_INTEGER): number {
  const number = Number(text)
  if (!(number > 0 && number <= most)) throw new UsageError(`${option} must be a positive number of at most ${most}, got "${text}"`)
  return number
}

function readOrigin (option: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`) return url.origin
  throw new UsageError(`${option} must be a URL without a path, such as http://127.0.0.1:8080, got "${text}": the paths are the CompositeController's`)
}

function readSinks (texts: string[]): Sinks {
  const given = texts.filter(text => text !== 'none')
  return { byDefault: given.length === texts.length, addresses: new Map(given.map(readSink)) }
}

function readSink (text: string): [sink: string, address: string | undefined] {
  const [, kind, namespace = 'default', name, address = ''] = /^([A-Za-z]+)\/(?:([a-z0-9.-]+)\/)?([a-z0-9.-]+)=(.*)$/.exec(text) ?? []
  if (kind === undefined || !(address === 'none' || URL.canParse(address))) {
    throw new UsageError(`--sink must be none, or a sink and its address, such as Broker/default=http://broker.example, got "${text}"`)
  }
  return [`${kind}/${namespace}/${name}`, address === 'none' ? undefined : address]
}
