import { startHookProcess, type HookProcess } from '../story/hook-process.js'
import { endWithReader } from '../story/lines.js'
import { isOurs, readDefinitions } from './definitions.js'
import { readObjects } from './documents.js'
import { lineOfOutcome, lineOfStage, lineOfStep } from './json-lines.js'
import { onOneLine } from './finding.js'
import { readOptions, type Options } from './options.js'
import { simulate, type Simulation, type Stage } from './simulate.js'
import { Story } from './story.js'
import { UsageError } from './usage-error.js'

/* `npm run simulate -- -f source.yaml`: runs your own source in the simulated cluster. */

endWithReader('simulate')
process.exitCode = await main()

async function main (): Promise<number> {
  try {
    const options = readOptions(process.argv.slice(2))
    if (typeof options === 'string') {
      process.stdout.write(options)
      return 0
    }
    return await run(options)
  } catch (error) {
    console.error(`simulate: ${onOneLine(error instanceof UsageError ? error.message : `bug in simulate: ${placeOf(error as Error)}`)}`)
    return 2
  }
}

/** The message of an error with the first line of its stack. */
function placeOf ({ message, stack = '' }: Error): string {
  return `${message} ${/^ {4}at .*$/m.exec(stack)?.[0] ?? ''}`
}

async function startHook (): Promise<HookProcess> {
  try {
    return await startHookProcess()
  } catch (error) {
    throw new UsageError(`the hook of this project did not start: ${(error as Error).message}`)
  }
}

async function run (options: Options): Promise<number> {
  // npm starts it in the root of the repository, not in the user's working directory.
  const surroundings = { cwd: process.env['INIT_CWD'] ?? process.cwd(), stdin: process.stdin }
  const stages: Stage[] = []
  for (const name of options.files) stages.push({ name, objects: await readObjects(name, surroundings) })
  const definitions = await readDefinitions(options, stages, surroundings)
  if (options.hookUrl === undefined && !isOurs(definitions.controller)) {
    throw new UsageError(`--hook URL is required: the hook of this project does not serve CompositeController ${definitions.controller.metadata.name}`)
  }
  const hook = options.hookUrl === undefined ? await startHook() : undefined
  try {
    const told = tell({ ...options, ...definitions, stages, hookUrl: options.hookUrl ?? hook!.url }, options.output)
    return await (hook === undefined ? told : Promise.race([told, hook.failed.catch(endWith)]))
  } finally {
    await hook?.stop()
  }
}

/** The hook of this project has ended, so the rest of the story would be wrong. */
function endWith ({ message }: Error): never {
  console.error(`simulate: ${message}`)
  process.exit(2)
}

async function tell (simulation: Simulation, output: Options['output']): Promise<number> {
  if (output === 'json') {
    const outcome = await simulate({ ...simulation, onStage: stage => console.log(lineOfStage(stage)), onStep: step => console.log(lineOfStep(step)) })
    console.log(lineOfOutcome(outcome))
    return outcome.exitCode
  }
  const story = new Story()
  const outcome = await simulate({ ...simulation, onStage: story.onStage, onStep: story.onStep })
  story.onOutcome(outcome, simulation.allowed)
  return outcome.exitCode
}
