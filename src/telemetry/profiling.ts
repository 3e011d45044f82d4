import type { Server, ServerResponse } from 'node:http'
import { Session } from 'node:inspector/promises'
import { setTimeout } from 'node:timers/promises'
import { makePort } from '../ops/port.js'

/** Default and maximum duration of a profile, in seconds. */
const defaultSeconds = 30
const mostSeconds = 300

type Take = (session: Session, seconds: number) => Promise<object>

/** The profiles that Node can take, at the paths that Go uses; Chrome's DevTools and speedscope read them. */
const profiles = new Map<string, { take: Take, extension: string }>([
  ['/debug/pprof/profile', { take: takeCpuProfile, extension: 'cpuprofile' }],
  ['/debug/pprof/heap', { take: takeHeapProfile, extension: 'heapprofile' }]
])

/**
 * Makes the server for profiles: `GET /debug/pprof/profile?seconds=10` for CPU time, and
 * `GET /debug/pprof/heap?seconds=10` for memory allocations. Only one is taken at a time.
 */
export function makeProfilingServer (): Server {
  // Kept open: disconnecting it would also stop the coverage of this process.
  const session = new Session()
  session.connect()
  let isTaking = false
  return makePort(async ({ method, url, socket }, response) => {
    const [path, query] = (url as string).split('?') as [string, string?]
    const profile = profiles.get(path)
    if (method !== 'GET' || profile === undefined) return answer(response, 404, `expected GET ${[...profiles.keys()].join(' or ')}`)
    const seconds = parseSeconds(new URLSearchParams(query).get('seconds') ?? String(defaultSeconds))
    if (seconds === undefined) return answer(response, 400, `seconds: expected a number from 1 to ${mostSeconds}`)
    if (isTaking) return answer(response, 503, 'a profile is being taken')
    isTaking = true
    // The port's timeout would close the connection meanwhile.
    socket.setTimeout(2000 * mostSeconds)
    const taken = await profile.take(session, seconds)
    isTaking = false
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Disposition': `attachment; filename="adapter.${profile.extension}"` }).end(JSON.stringify(taken))
  })
}

function parseSeconds (text: string): number | undefined {
  const seconds = /^\d+$/.test(text) ? Number(text) : NaN
  return seconds >= 1 && seconds <= mostSeconds ? seconds : undefined
}

function answer (response: ServerResponse, code: number, text: string): void {
  response.writeHead(code, { 'Content-Type': 'text/plain' }).end(`${text}\n`)
}

async function takeCpuProfile (session: Session, seconds: number): Promise<object> {
  await session.post('Profiler.enable')
  await session.post('Profiler.start')
  await setTimeout(1000 * seconds)
  return (await session.post('Profiler.stop')).profile
}

async function takeHeapProfile (session: Session, seconds: number): Promise<object> {
  await session.post('HeapProfiler.startSampling')
  await setTimeout(1000 * seconds)
  return (await session.post('HeapProfiler.stopSampling')).profile
}
