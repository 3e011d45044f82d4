import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { newSource, type Outcome } from '../../src/cli/new-source.js'
import { makeFolder } from '../folder.js'
import { cloneUs } from './repository.js'

/* A clone of this repository, and a source made from it. Making one takes long, so the tests share them. */

/** The names of the source: of other lengths than ours, with nothing in common. In a made source, they must differ from its own. */
export const names = {
  kind: 'BarometricPressureReading',
  group: 'b.example',
  plural: 'readings',
  systemNamespace: 'barometer',
  eventType: 'org.barometer.pressure',
  eventSource: '/barometer?of=all'
}

/** The arguments of `npm run new-source`. */
export const args = [
  names.kind, '--group', names.group, '--to', 'made', '--plural', names.plural, '--namespace', names.systemNamespace,
  '--event-type', names.eventType, '--event-source', names.eventSource
]

/** The clone. */
export const from = cloneUs(t)

/** The working directory of the user. */
export const folder = makeFolder(t, 'new-source')

// What an update makes for a while is removed with it, even if this process is killed.
process.env['TMPDIR'] = folder

/** The folder of the source. */
export const made = join(folder, 'made')

let result: Outcome | undefined

/** The settings of somebody whose git cannot sign, as without a terminal. */
const cannotSign = { GIT_CONFIG_COUNT: '2', GIT_CONFIG_KEY_0: 'commit.gpgsign', GIT_CONFIG_VALUE_0: 'true', GIT_CONFIG_KEY_1: 'gpg.program', GIT_CONFIG_VALUE_1: 'false' }

/** Makes the source if it is not made yet, with a git that cannot sign. @returns what the command printed */
export function makeOnce (): Outcome {
  if (result === undefined) {
    mkdirSync(made)
    Object.assign(process.env, cannotSign)
    result = newSource(args, folder, from)
    for (const name of Object.keys(cannotSign)) delete process.env[name]
  }
  return result
}
