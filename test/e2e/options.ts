import { parseArgs } from 'node:util'
import * as names from '../../src/samplesource/names.js'

/** How much is proved: with what an API server and Metacontroller can do, or with all that runs on nodes. */
export type Level = 'control-plane' | 'full'

/** What the person who runs the script has decided. */
export interface Options {
  /** Undefined: what the cluster can do decides. */
  level: Level | undefined
  /** Where Metacontroller finds the hook that the script starts on this machine; undefined: the hook runs in the cluster. */
  hookUrl: URL | undefined
  /** Image of hook and adapter that the nodes can pull; undefined: it is built, and loaded into kind. */
  image: string | undefined
  /** The most seconds that any one thing is waited for. */
  timeoutSeconds: number
  /** Writes the fixtures of what the hook is sent and answers. */
  record: boolean
  /** Only removes what runs before this one have left. */
  clean: boolean
}

/** Either the options, or the help, or what is wrong. */
export type ParsedOptions =
  | { options: Options, help?: never, mistakes?: never }
  | { help: string, options?: never, mistakes?: never }
  | { mistakes: string[], options?: never, help?: never }

const help = `Usage: npm run e2e [-- OPTIONS]

Installs the ${names.kind} on the cluster of the current kube context (or of
KUBECONFIG), proves that it works, and removes it again.

      --level LEVEL      control-plane or full (default: what the cluster can do)
      --image IMAGE      image of hook and adapter that the nodes can pull
                         (default: it is built, and loaded into a kind cluster)
      --timeout SECONDS  the most that any one thing is waited for (default: 120)
      --record           write test/fixtures/ of what Metacontroller sends and the
                         hook on this machine answers: needs HOOK_URL. They differ
                         from those of \`npm run fixtures\` in names and times
      --clean            only remove what a run that was killed has left
  -h, --help             this text

HOOK_URL, such as http://192.168.1.2:8471: where Metacontroller reaches this
machine. The hook is started here, on that port, instead of in the cluster.

Exit status: 0; 1 if something is not as expected, or could not be removed; 2 if
something is missing; 130 or 143 after Ctrl-C or SIGTERM.
`

/**
 * Reads the command line and the environment.
 *
 * @param args without node and the script
 * @param env of which `HOOK_URL` is read
 */
export function readOptions (args: string[], env: NodeJS.ProcessEnv): ParsedOptions {
  const parsed = parse(args)
  if (parsed instanceof Error) return { mistakes: [parsed.message] }
  if (parsed.help) return { help }
  const mistakes: string[] = []
  const hookUrl = env['HOOK_URL'] ? readHookUrl(env['HOOK_URL'], mistakes) : undefined
  const level = parsed.level === undefined ? undefined : readLevel(parsed.level, mistakes)
  const timeoutSeconds = Number(parsed.timeout)
  if (!(timeoutSeconds > 0 && Number.isFinite(timeoutSeconds))) mistakes.push(`--timeout must be a positive number of seconds, got "${parsed.timeout}"`)
  if (parsed.image !== undefined && !/^[^\s@]+(@sha256:[0-9a-f]{64})?$/.test(parsed.image)) mistakes.push(`--image must be an image such as registry.example/${names.packageName}:0.1.0, got "${parsed.image}"`)
  if (level === 'full' && env['HOOK_URL']) mistakes.push('--level full runs the hook in the cluster: leave HOOK_URL out')
  if (parsed.record && !env['HOOK_URL']) mistakes.push('--record needs HOOK_URL: what is recorded is the hook on this machine')
  if (mistakes.length > 0) return { mistakes }
  return { options: { level, hookUrl, image: parsed.image, timeoutSeconds, record: parsed.record, clean: parsed.clean } }
}

function parse (args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        level: { type: 'string' },
        image: { type: 'string' },
        timeout: { type: 'string', default: '120' },
        record: { type: 'boolean', default: false },
        clean: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false }
      }
    }).values
  } catch (error) {
    return error as Error
  }
}

function readLevel (text: string, mistakes: string[]): Level | undefined {
  if (text === 'control-plane' || text === 'full') return text
  mistakes.push(`--level must be control-plane or full, got "${text}"`)
  return undefined
}

/** An origin: the paths are the CompositeController's, and whether it is https is up to the component `tls`. */
function readHookUrl (text: string, mistakes: string[]): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'http:' && url.href === `${url.origin}/`) return url
  mistakes.push(`HOOK_URL must be an http URL without a path, such as http://192.168.1.2:8471, got "${text}"`)
  return undefined
}
