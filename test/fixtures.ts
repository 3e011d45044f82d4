import { readFileSync, readdirSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { readSettings, type Settings } from '../src/samplesource/settings.js'

/** The request and response of one case: `test/fixtures/<name>/{request,response}.json`. */
export interface Fixture {
  name: string
  request: any
  response: any
}

/** The folder of the fixtures, with a folder for each case. The working directory is the root of the repository. */
export const fixturesFolder = 'test/fixtures'

/** The environment of a hook that answers as in the fixtures: the adapter settings of `npm run dev`. */
export function fixtureEnvironment (): Record<string, string> {
  const variables = Object.entries(parseEnv(readFileSync('.env.dev', 'utf8')))
  return Object.fromEntries(variables.filter(([name]) => name.startsWith('RECEIVE_ADAPTER_'))) as Record<string, string>
}

/** The settings of such a hook. */
export function fixtureSettings (): Settings {
  const { settings, mistakes } = readSettings(fixtureEnvironment())
  if (settings === undefined) throw new Error(mistakes.join('; '))
  return settings
}

/** The path of a fixture's request from the root of the repository. */
export function requestFile (name: string): string {
  return `${fixturesFolder}/${name}/request.json`
}

/** Reads one case. */
export function readFixture (name: string): Fixture {
  const read = (file: string): any => JSON.parse(readFileSync(`${fixturesFolder}/${name}/${file}.json`, 'utf8'))
  return { name, request: read('request'), response: read('response') }
}

/** All cases. */
export function readFixtures (): Fixture[] {
  return readdirSync(fixturesFolder).map(readFixture)
}

/**
 * A response in which `now` replaces the times that are not in the request, which are the time of the answer.
 */
export function withoutNow (request: any, response: any): any {
  const stored = new Set((request.parent.status?.conditions ?? []).map((condition: any) => condition.lastTransitionTime))
  const conditions = response.status.conditions.map((condition: any) => ({
    ...condition,
    lastTransitionTime: stored.has(condition.lastTransitionTime) ? condition.lastTransitionTime : 'now'
  }))
  return { ...response, status: { ...response.status, conditions } }
}
