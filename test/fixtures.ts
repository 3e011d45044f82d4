import { readFileSync, readdirSync } from 'node:fs'

/** What Metacontroller sends and gets in one case: `test/fixtures/<name>/{request,response}.json`. */
export interface Fixture {
  name: string
  request: any
  response: any
}

const folder = new URL('fixtures/', import.meta.url)

/** The path of a fixture's request, from the top of the repository. */
export function requestFile (name: string): string {
  return `test/fixtures/${name}/request.json`
}

/** Reads one case. */
export function readFixture (name: string): Fixture {
  const read = (file: string): any => JSON.parse(readFileSync(new URL(`${name}/${file}.json`, folder), 'utf8'))
  return { name, request: read('request'), response: read('response') }
}

/** All cases. */
export function readFixtures (): Fixture[] {
  return readdirSync(folder).map(readFixture)
}

/**
 * A response in which the times that were not in the request, and so are the time of the answer, read `now`.
 */
export function withoutNow (request: any, response: any): any {
  const stored = new Set((request.parent.status?.conditions ?? []).map((condition: any) => condition.lastTransitionTime))
  const conditions = response.status.conditions.map((condition: any) => ({
    ...condition,
    lastTransitionTime: stored.has(condition.lastTransitionTime) ? condition.lastTransitionTime : 'now'
  }))
  return { ...response, status: { ...response.status, conditions } }
}
