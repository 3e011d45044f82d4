import { readFile } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { parseAllDocuments, stringify } from 'yaml'
import { readSettings } from '../samplesource/settings.js'
import { command, kind, packageName } from '../samplesource/names.js'
import { observedImage, render } from './render.js'

const help = `Usage: ${command} render -f FILE [--observed FILE] [--image IMAGE] [-o yaml|json]

Prints what the hook would answer for the ${kind}s in FILE: each with its
status, then its children. Needs no cluster. A source that has not been applied
yet is taken to be in the namespace "default", or that which it names.

  -f, --filename FILE   YAML or JSON with one or more documents; - for standard input
      --observed FILE   children that are there already, as of
                        kubectl get deployments,sinkbindings -o yaml
      --image IMAGE     container image of the receive adapter; without, that of
                        the observed Deployment, or ${packageName}
  -o, --output FORMAT   yaml (default) or json
  -h, --help            this text

RECEIVE_ADAPTER_IMAGE, RECEIVE_ADAPTER_ARGS and RECEIVE_ADAPTER_RESOURCES are read
from the environment, as the hook reads them; without, they are as in
manifests/base.

Exit status: 0; 1 if a source is invalid, with each problem on standard error, or
there is none; 2 if the command could not be understood, or a file not be read.
`

/** The settings that `manifests/` give to the hook. */
const asInstalled = {
  RECEIVE_ADAPTER_IMAGE: packageName,
  RECEIVE_ADAPTER_ARGS: '["--max-semi-space-size=1","dist/adapter/main.js"]',
  RECEIVE_ADAPTER_RESOURCES: '{"requests":{"cpu":"10m","memory":"72Mi"}}'
}

/** What the command runs with: a process has all of it. */
export interface Surroundings {
  env: NodeJS.ProcessEnv
  stdin: Readable
}

/** What the command leaves behind. */
export interface Outcome {
  stdout: string
  stderr: string
  exitCode: number
}

/**
 * Runs the command.
 *
 * @param args without those of Node
 */
export async function run (args: string[], surroundings: Surroundings): Promise<Outcome> {
  try {
    return await execute(args, surroundings)
  } catch (error) {
    return { stdout: '', stderr: `${command}: ${(error as Error).message}\n`, exitCode: 2 }
  }
}

async function execute (args: string[], { env, stdin }: Surroundings): Promise<Outcome> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      filename: { type: 'string', short: 'f' },
      observed: { type: 'string' },
      image: { type: 'string' },
      output: { type: 'string', short: 'o', default: 'yaml' },
      help: { type: 'boolean', short: 'h' }
    }
  })
  if (values.help) return { stdout: help, stderr: '', exitCode: 0 }
  if (positionals.join(' ') !== 'render') throw new Error(`expected the command render: see ${command} --help`)
  if (values.filename === undefined) throw new Error(`expected -f FILE: see ${command} --help`)
  if (values.output !== 'yaml' && values.output !== 'json') throw new Error(`expected -o yaml or -o json, got ${values.output}`)

  const observed = values.observed === undefined ? [] : await readDocuments(values.observed, stdin)
  // One that is empty counts as one that is not set.
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value))
  const images = [values.image, given['RECEIVE_ADAPTER_IMAGE'], observedImage(observed)].filter(image => image !== undefined)
  const { settings, mistakes } = readSettings({ ...asInstalled, ...given, ...(images.length > 0 && { RECEIVE_ADAPTER_IMAGE: images[0] }) })
  if (settings === undefined) throw new Error(mistakes.join('; '))
  const { objects, notes, problems } = render(await readDocuments(values.filename, stdin), observed, settings, new Date())
  return {
    stdout: values.output === 'json' ? toJson(objects) : toYaml(objects),
    stderr: [...notes, ...problems].map(line => `${line}\n`).join(''),
    exitCode: problems.length > 0 ? 1 : 0
  }
}

async function readDocuments (filename: string, stdin: Readable): Promise<unknown[]> {
  const content = filename === '-' ? await text(stdin) : await readFile(filename, 'utf8')
  return parseAllDocuments(content).flatMap(document => {
    const [error] = document.errors
    if (error !== undefined) throw new Error(`${filename}: ${error.message}`)
    const value: unknown = document.toJS()
    return value === null ? [] : [value]
  })
}

function toYaml (objects: object[]): string {
  return objects.map(object => stringify(object, { aliasDuplicateObjects: false })).join('---\n')
}

function toJson (objects: object[]): string {
  return `${JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }, undefined, 2)}\n`
}
