import { parseArgs } from 'node:util'
import { withoutAdvice } from '../../src/cli/usage.js'
import * as names from '../../src/samplesource/names.js'

/** How much is proved: what an API server and Metacontroller can do, or everything, with pods on nodes. */
export type Level = 'control-plane' | 'full'

/** The options of the script. */
export interface Options {
  /** Undefined: the most that the cluster can do. */
  level: Level | undefined
  /** URL at which Metacontroller reaches the hook on this machine; undefined: the hook runs in the cluster. */
  hookUrl: URL | undefined
  /** Image of the hook and adapter that the nodes can pull; undefined: it is built and loaded into kind. */
  image: string | undefined
  /** Timeout of each wait, in seconds. */
  timeoutSeconds: number
  /** Writes the requests and answers of the hook as fixtures. */
  record: boolean
  /** Only removes what earlier runs left behind. */
  clean: boolean
}

/** The options, the help, or the usage errors. */
export type ParsedOptions =
  | { options: Options, help?: never, mistakes?: never }
  | { help: string, options?: never, mistakes?: never }
  | { mistakes: string[], options?: never, help?: never }

const help = `Usage: npm run e2e [-- OPTIONS]

Installs the ${names.kind} on the cluster of the current kube context (or of
KUBECONFIG), proves that it works, and removes it again.

      --level LEVEL      control-plane or full (default: the most that the cluster
                         can do)
      --image IMAGE      image of the hook and adapter that the nodes can pull
                         (default: it is built and loaded into a kind cluster)
      --timeout SECONDS  timeout of each wait (default: 120)
      --record           write what Metacontroller sends and the hook on this
                         machine answers to test/fixtures/; needs HOOK_URL. They
                         differ from \`npm run fixtures\` in names and times
      --clean            only remove what a killed run left behind
  -h, --help             this text

HOOK_URL, such as http://192.168.1.2:8471: where Metacontroller reaches this
machine. The hook is started here, on that port, instead of in the cluster.

Exit status: 0; 1 if something is not as expected, or could not be removed; 2 if
an option is wrong or something is missing; 130 or 143 after Ctrl-C or SIGTERM.
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
  if (parsed.record && !env['HOOK_URL']) mistakes.push('--record needs HOOK_URL: it records the hook on this machine')
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
    return new Error(withoutAdvice((error as Error).message))
  }
}

function readLevel (text: string, mistakes: string[]): Level | undefined {
  if (text === 'control-plane' || text === 'full') return text
  mistakes.push(`--level must be control-plane or full, got "${text}"`)
  return undefined
}

/** An origin: the CompositeController has the paths, and the component `tls` decides whether it is https. */
function readHookUrl (text: string, mistakes: string[]): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'http:' && url.href === `${url.origin}/`) return url
  mistakes.push(`HOOK_URL must be an http URL without a path, such as http://192.168.1.2:8471, got "${text}"`)
  return undefined
}
