import type { Readable } from 'node:stream'
import { parseArgs } from 'node:util'
import { escapeInvisible, quote } from '../kubernetes/field-error.js'
import { writeYaml } from '../kubernetes/write-yaml.js'
import { packageVersion } from '../process/version.js'
import { readSettings } from '../samplesource/settings.js'
import { command, kind, packageName } from '../samplesource/names.js'
import { nameOf, readFiles } from './files.js'
import { noneIn, observedImage, render } from './render.js'
import { withoutAdvice } from './usage.js'

const help = `Usage: ${command} render -f FILE... [--observed FILE]... [--image IMAGE]
       [-o yaml|json]

Prints what the hook would return for the ${kind}s in FILE: each with its
status, then its children. No cluster is needed. A source that has not been
applied yet is in the namespace "default", unless it names another one.

FILE is YAML or JSON with one or more documents, a directory with files that
end in .yaml, .yml or .json, or - for standard input. It is read as kubectl
apply --validate=strict reads it: as YAML 1.1, and an unknown field is a
problem. Defaults of the API server are set. The CEL rules of the
CustomResourceDefinition are not run: the hook's own validation covers the same.

  -f, --filename FILE   may be given several times
      --observed FILE   existing children, as printed by
                        kubectl get deployments,sinkbindings -o yaml;
                        may be given several times
      --image IMAGE     container image of the receive adapter; by default that
                        of the observed Deployment, or ${packageName}
  -o, --output FORMAT   yaml (default) or json
      --version         the version of this command
  -h, --help            this text

The environment variables RECEIVE_ADAPTER_IMAGE, RECEIVE_ADAPTER_ARGS and
RECEIVE_ADAPTER_RESOURCES are read as the hook reads them; their defaults are
those in manifests/base.

Exit status: 0; 1 if a source is invalid, with each problem on standard error,
or there is no source; 2 if the command line is invalid or a file cannot be
read.
`

/** The hook's settings in `manifests/`. */
const asInstalled = {
  RECEIVE_ADAPTER_IMAGE: packageName,
  RECEIVE_ADAPTER_ARGS: '["--max-semi-space-size=1","dist/adapter/main.js"]',
  RECEIVE_ADAPTER_RESOURCES: '{"requests":{"cpu":"10m","memory":"72Mi"}}'
}

/** The inputs of the command, which a process has. */
export interface Surroundings {
  env: NodeJS.ProcessEnv
  stdin: Readable
}

/** The result of the command. */
export interface Outcome {
  stdout: string
  stderr: string
  exitCode: number
}

/**
 * Runs the command.
 *
 * @param args without Node's own
 */
export async function run (args: string[], surroundings: Surroundings): Promise<Outcome> {
  try {
    return await execute(args, surroundings)
  } catch (error) {
    return { stdout: '', stderr: `${command}: ${escapeInvisible(withoutAdvice((error as Error).message).replace(/\s+/g, ' '))}\n`, exitCode: 2 }
  }
}

async function execute (args: string[], { env, stdin }: Surroundings): Promise<Outcome> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      filename: { type: 'string', short: 'f', multiple: true, default: [] },
      observed: { type: 'string', multiple: true, default: [] },
      image: { type: 'string' },
      output: { type: 'string', short: 'o', default: 'yaml' },
      version: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' }
    }
  })
  if (values.help) return { stdout: help, stderr: '', exitCode: 0 }
  if (values.version) return { stdout: `${command} ${packageVersion()}\n`, stderr: '', exitCode: 0 }
  const [name, argument] = positionals
  if (name === 'render' && argument !== undefined) throw new Error(`unexpected argument ${quote(argument)}: files are named with -f FILE, and npm needs -- before it`)
  if (name !== 'render') throw new Error(`${name === undefined ? 'expected the command render' : `unknown command ${quote(name)}`}: see ${command} --help`)
  if (values.filename.length === 0) throw new Error(`expected -f FILE: see ${command} --help`)
  if (values.image === '') throw new Error('expected --image IMAGE, got ""')
  if (values.output !== 'yaml' && values.output !== 'json') throw new Error(`expected -o yaml or -o json, got ${quote(values.output)}`)
  if ([...values.filename, ...values.observed].filter(file => file === '-').length > 1) throw new Error('standard input can be read only once: give - once')

  const observed = await readFiles(values.observed, { stdin })
  // The command reads nothing else from the environment. An empty variable counts as not set.
  const given = Object.fromEntries(Object.entries(env).filter(([variable, value]) => variable.startsWith('RECEIVE_ADAPTER_') && value))
  const images = [values.image, given['RECEIVE_ADAPTER_IMAGE'], observedImage(observed)].filter(image => image !== undefined)
  const { settings, mistakes } = readSettings({ ...asInstalled, ...given, ...(images.length > 0 && { RECEIVE_ADAPTER_IMAGE: images[0] }) })
  if (settings === undefined) throw new Error(mistakes.join('; '))
  const documents = await readFiles(values.filename, { stdin })
  const { objects, notes, problems } = documents.length === 0
    ? { objects: [], notes: [], problems: [noneIn(values.filename.map(nameOf))] }
    : render(documents, observed, settings, new Date())
  return {
    stdout: values.output === 'json' ? toJson(objects) : toYaml(objects),
    stderr: [...notes, ...problems].map(line => `${line}\n`).join(''),
    exitCode: problems.length > 0 ? 1 : 0
  }
}

function toYaml (objects: object[]): string {
  return objects.map(writeYaml).join('---\n')
}

function toJson (objects: object[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }, undefined, 2).split('\n').map(line => `${escapeInvisible(line)}\n`).join('')
}
