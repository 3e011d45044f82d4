import { randomBytes } from 'node:crypto'
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import * as names from '../../src/samplesource/names.js'
import { fixtureSettings, fixturesFolder } from '../fixtures.js'
import { Recorder } from '../recording/recorder.js'
import { Cleanup } from './cleanup.js'
import { ClusterHook } from './cluster-hook.js'
import { toUnexpected } from './expect.js'
import type { Hook } from './hook.js'
import { Kubectl } from './kubectl.js'
import { stepsOf } from './levels.js'
import { LocalHook } from './local-hook.js'
import { readOptions, type Options } from './options.js'
import { describeFacts, preflight, type Facts } from './preflight.js'
import { removeRun } from './removal.js'
import { describeFailure } from './report.js'
import type { Run } from './run.js'
import { runSteps } from './run-steps.js'

/* `npm run e2e`: installs, tests, and cleans up. */

/** The signal that interrupted the run. A second one changes nothing, because the cleanup must finish. */
const interruption = new AbortController()
let interruptedBy: 'SIGINT' | 'SIGTERM' | 'SIGHUP' | undefined

/** Under npm, one Ctrl-C arrives twice: from the terminal and from npm. Signals within this time, in ms, are one. */
const sameInterruption = 1_000
let interruptedAt = 0
let isLineOpen = false

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    const now = performance.now()
    if (interruptedBy !== undefined && now - interruptedAt > sameInterruption) print(`${isLineOpen ? '\n' : ''}still cleaning up\n`)
    interruptedAt = now
    interruptedBy ??= signal
    interruption.abort()
  })
}
// The reader of the output is gone (`| head`), so the run ends too.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => interruption.abort())

process.exitCode = await main()

async function main (): Promise<number> {
  const { options, help, mistakes } = readOptions(process.argv.slice(2), process.env)
  if (help !== undefined) {
    print(help)
    return 0
  }
  if (options === undefined) return fail(mistakes)
  try {
    return options.clean ? await clean() : await prove(options)
  } catch (error) {
    if (!interruption.signal.aborted) throw error
    return exitCode()
  }
}

async function prove (options: Options): Promise<number> {
  const { facts, level, missing } = await preflight(options, interruption.signal)
  if (facts === undefined) return fail(missing)
  for (const line of describeFacts(facts)) print(`${line}\n`)
  print(`Level           ${level === 'full' ? 'full' : 'control plane'}\n\n`)

  const begun = performance.now()
  const cleanup = new Cleanup()
  // Not ended by an interruption, because the cleanup needs it.
  const kubectl = new Kubectl(facts.context)
  const run = await begin(options, facts, level, kubectl, cleanup)
  let failure: string | undefined
  try {
    await runSteps(await stepsOf(level, facts.readyNodes > 0 && options.image === undefined, options.record), run, print)
  } catch (error) {
    if (!interruption.signal.aborted) failure = await describeFailure(toUnexpected(error), run, kubectl)
  }
  if (failure === undefined && !interruption.signal.aborted) await writeRecording(run)
  if (failure !== undefined) process.stderr.write(`\n${failure}\n\n`)
  print('cleaning up … ')
  const cleaning = performance.now()
  const left = await cleanup.all()
  print(`${seconds(cleaning)}\n`)
  for (const line of left) process.stderr.write(`could not be removed: ${line}\n`)
  if (interruption.signal.aborted) return exitCode()
  if (failure !== undefined || left.length > 0) return 1
  print(`everything is as expected, in ${seconds(begun)}\n`)
  return 0
}

/** Writes the fixtures, with their image instead of the image of the run. */
async function writeRecording ({ recorder, image }: Run): Promise<void> {
  if (recorder === undefined) return
  print(`${await recorder.write(fixturesFolder, [image, fixtureSettings().receiveAdapterImage])} cases written to test/fixtures/\n`)
  for (const name of recorder.missing) print(`not seen, so its fixture is unchanged: ${name}\n`)
}

async function begin (options: Options, facts: Facts, level: Run['level'], kubectl: Kubectl, cleanup: Cleanup): Promise<Run> {
  const id = randomBytes(3).toString('hex')
  const namespace = `${names.singular}-e2e-${id}`
  const hookNamespace = `${namespace}-hook`
  const patience = { timeoutSeconds: options.timeoutSeconds, signal: interruption.signal }
  const folder = await realpath(await mkdtemp(join(tmpdir(), `${names.singular}-e2e-`)))
  cleanup.add(`the folder ${folder}`, async () => await rm(folder, { recursive: true, force: true }))
  const forRun = new Kubectl(facts.context, interruption.signal)
  const image = options.image ?? `${names.packageName}:e2e-${id}`
  const recorder = options.record ? new Recorder('heartbeat') : undefined
  const hook = makeHook()
  cleanup.add(`objects with the label ${names.group}/e2e=${id} (npm run e2e -- --clean tries again)`, async () => await removeRun(kubectl, id, line => print(`\n${line}\n`)))
  return { id, level, facts, kubectl: forRun, hook, hookUrl: options.hookUrl, image, namespace, hookNamespace, folder, patience, recorder, cleanup, hasControllerManager: true }

  function makeHook (): Hook {
    if (options.hookUrl === undefined) return new ClusterHook({ kubectl: forRun, id, timeoutSeconds: options.timeoutSeconds })
    const local = new LocalHook({ kubectl: forRun, hookUrl: options.hookUrl, namespace: hookNamespace, folder, id, patience, recorder })
    cleanup.add('the hook on this machine', async () => await local.stop())
    return local
  }
}

/** Removes what killed runs left behind; other runs leave nothing. */
async function clean (): Promise<number> {
  try {
    await removeRun(new Kubectl(undefined, interruption.signal), undefined, line => print(`${line}\n`))
    print('nothing of earlier runs is left\n')
    return 0
  } catch (error) {
    if (interruption.signal.aborted) throw error
    process.stderr.write(`${(error as Error).message}\n`)
    return 1
  }
}

/** Prints what is wrong before anything was done. */
function fail (lines: string[]): number {
  for (const line of lines) process.stderr.write(`${line}\n`)
  return 2
}

/** The exit code of a process that a signal ended, as in a shell. */
function exitCode (): number {
  return 128 + constants.signals[interruptedBy ?? 'SIGPIPE']
}

function seconds (since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`
}

function print (text: string): void {
  isLineOpen = !text.endsWith('\n')
  process.stdout.write(text)
}
