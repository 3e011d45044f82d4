import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { Session } from 'node:inspector/promises'
import { setTimeout } from 'node:timers/promises'
import { makePort } from '../ops/port.js'

/** How long a profile is taken where nobody says, and at the most, in seconds. */
const defaultSeconds = 30
const mostSeconds = 300

type Take = (session: Session, seconds: number) => Promise<object>

/** The profiles that Node can take, by their names in Go; Chrome's DevTools and speedscope read them. */
const profiles: Record<string, { take: Take, extension: string } | undefined> = {
  profile: { take: takeCpuProfile, extension: 'cpuprofile' },
  heap: { take: takeHeapProfile, extension: 'heapprofile' }
}

/**
 * Makes the server that profiles are asked of, at the paths of Go's: `GET /debug/pprof/profile?seconds=10`, what the
 * processor did, and `GET /debug/pprof/heap?seconds=10`, what memory was taken. One is taken at a time.
 */
export function makeProfilingServer (): Server {
  let isTaking = false
  return makePort(async (request, response) => {
    const { path, seconds } = readRequest(request)
    const profile = profiles[path]
    if (request.method !== 'GET' || profile === undefined) return answer(response, 404, `expected GET /debug/pprof/${Object.keys(profiles).join(' or /debug/pprof/')}`)
    if (seconds === undefined) return answer(response, 400, `seconds: expected a number from 1 to ${mostSeconds}`)
    if (isTaking) return answer(response, 503, 'a profile is being taken')
    isTaking = true
    // The port would cut off a connection that is still for so long.
    request.socket.setTimeout(2000 * mostSeconds)
    const session = new Session()
    session.connect()
    try {
      const taken = JSON.stringify(await profile.take(session, seconds))
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Disposition': `attachment; filename="adapter.${profile.extension}"` }).end(taken)
    } finally {
      session.disconnect()
      isTaking = false
    }
  })
}

function readRequest ({ url = '' }: IncomingMessage): { path: string, seconds: number | undefined } {
  const [path = '', query] = url.split('?')
  const text = new URLSearchParams(query).get('seconds') ?? String(defaultSeconds)
  const seconds = /^\d+$/.test(text) ? Number(text) : NaN
  return { path: path.replace(/^\/debug\/pprof\//, ''), seconds: seconds >= 1 && seconds <= mostSeconds ? seconds : undefined }
}

function answer (response: ServerResponse, code: number, text: string): void {
  response.writeHead(code, { 'Content-Type': 'text/plain' }).end(`${text}\n`)
}

/* c8 ignore start: the tests take one, but it puts an end to the counting of coverage in its process. */
async function takeCpuProfile (session: Session, seconds: number): Promise<object> {
  await session.post('Profiler.enable')
  await session.post('Profiler.start')
  await setTimeout(1000 * seconds)
  return (await session.post('Profiler.stop')).profile
}
/* c8 ignore stop */

async function takeHeapProfile (session: Session, seconds: number): Promise<object> {
  await session.post('HeapProfiler.startSampling')
  await setTimeout(1000 * seconds)
  return (await session.post('HeapProfiler.stopSampling')).profile
}
