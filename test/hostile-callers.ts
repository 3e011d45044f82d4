import { once, setMaxListeners } from 'node:events'
import { Agent, request, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'

/* Callers that hold resources of the hook, and ordinary callers at the same time. All end with their signal. */

const json = 'Content-Type: application/json\r\n'
const mebibyte = 1024 * 1024

/** The head of a request that announces a body of that many bytes. */
export function headOf (length: number, more = ''): string {
  return `POST /sync HTTP/1.1\r\nHost: hook\r\n${json}Content-Length: ${length}\r\n${more}\r\n`
}

/** Opens a connection that reports no errors and is destroyed with the signal. */
export async function openConnection (port: number, signal: AbortSignal, localAddress?: string): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, ...(localAddress !== undefined && { localAddress }) }).on('error', () => {})
  const end = () => { socket.destroy() }
  signal.addEventListener('abort', end)
  socket.once('close', () => signal.removeEventListener('abort', end))
  if (signal.aborted) end()
  await new Promise(resolve => socket.once('connect', resolve).once('close', resolve))
  return socket
}

/** Keeps that many connections busy: when one ends or gets an answer, it opens the next one. */
async function renew (connections: number, signal: AbortSignal, attack: () => Promise<void>): Promise<void> {
  setMaxListeners(0, signal)
  await Promise.all(Array.from({ length: connections }, async () => {
    while (!signal.aborted) await attack()
  }))
}

/** Sends some bytes, then more at an interval, until there is an answer, the connection ends, or time is up. */
async function send (port: number, signal: AbortSignal, first: string, { more = '', every = 0, within = 30_000 } = {}): Promise<void> {
  const socket = await openConnection(port, signal)
  socket.write(first)
  const timer = every > 0 ? setInterval(() => socket.write(more), every) : undefined
  const timeout = setTimeout(() => socket.destroy(), within)
  if (!socket.destroyed) await new Promise(resolve => socket.once('data', resolve).once('close', resolve))
  clearInterval(timer)
  clearTimeout(timeout)
  socket.destroy()
}

/** An attack that goes on until its signal is aborted. */
export type HostileCaller = (port: number, signal: AbortSignal) => Promise<void>

/** Sends bodies of 1 MiB in a row, each as soon as the one before is answered. */
async function sendLargeBodies (port: number, signal: AbortSignal, body: string): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 100 })
  signal.addEventListener('abort', () => agent.destroy())
  await renew(100, signal, async () => {
    try {
      await post(port, agent, body)
    } catch {
      // Its connection has ended.
    }
  })
}

/** Attacks that each hold something others need: room for bodies, or one of the concurrent requests. */
export function hostileCallers (largeBody: string): Record<string, HostileCaller> {
  return {
    'one 16 MiB body announced and not sent, renewed each second': async (port, signal) =>
      await renew(1, signal, async () => await send(port, signal, headOf(16 * mebibyte), { within: 1_000 })),
    '250 requests of 10 announced bytes, renewed': async (port, signal) =>
      await renew(250, signal, async () => await send(port, signal, headOf(10))),
    'one byte announced and not sent, and 16 MiB announced behind it': async (port, signal) => {
      await Promise.all([
        renew(1, signal, async () => await send(port, signal, headOf(1))),
        renew(4, signal, async () => await send(port, signal, headOf(16 * mebibyte)))
      ])
    },
    'a byte every 400 ms on each of 250': async (port, signal) =>
      await renew(250, signal, async () => await send(port, signal, headOf(10_000), { more: ' ', every: 400 })),
    '100 connections sending 1 MiB bodies without pause': async (port, signal) => await sendLargeBodies(port, signal, largeBody)
  }
}

export async function post (port: number, agent: Agent, body: string): Promise<IncomingMessage> {
  const sent = request({ host: '127.0.0.1', port, path: '/sync', method: 'POST', agent, headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } })
  sent.end(body)
  const [response] = await once(sent, 'response') as [IncomingMessage]
  await text(response)
  return response
}

/** The results of ordinary calls. */
export interface Calls {
  /** How many did not get a 200, by the result they got. */
  failures: Record<string, number>
  /** How long each took, in milliseconds. */
  times: number[]
}

/** Three ordinary callers with a connection each, like Metacontroller's workers: that many calls, or until the signal. */
export async function callOrdinarily (port: number, body: string, { amount = Infinity, signal = new AbortController().signal, pause = 100 } = {}): Promise<Calls> {
  const calls: Calls = { failures: {}, times: [] }
  await Promise.all(Array.from({ length: 3 }, async () => {
    const agent = new Agent({ keepAlive: true })
    while (!signal.aborted && calls.times.length < amount) {
      const start = performance.now()
      const outcome = await post(port, agent, body).then(({ statusCode }) => String(statusCode), (error: NodeJS.ErrnoException) => error.code ?? error.message)
      calls.times.push(performance.now() - start)
      if (outcome !== '200') calls.failures[outcome] = (calls.failures[outcome] ?? 0) + 1
      await sleep(pause)
    }
    agent.destroy()
  }))
  return calls
}
