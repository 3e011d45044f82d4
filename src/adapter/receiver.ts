import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { finished } from 'node:stream/promises'
import { makePort } from '../ops/port.js'
import { readCall, type Call, type Refusal } from './call.js'
import { deliver, type Delivery } from './delivery.js'
import type { Driver } from './driver.js'
import type { Event } from './event.js'
import { isAcknowledged, isTransient } from './retry.js'

/**
 * Longest time to deliver an event, in milliseconds; after that, the caller is asked to try again. It is shorter than most
 * webhook senders wait.
 */
const patience = 9_000

/** Most concurrent deliveries: a sink that does not answer holds no more than these. */
const mostUnderWay = 64

/** The options of {@link makeReceiver}. */
export interface ReceiverOptions extends Delivery {
  /** Port to listen on, on all interfaces. */
  port: number
  /** Makes the event of a request, or refuses the request. */
  event: (call: Call) => { event: Event, refusal?: never } | { event?: never, refusal: Refusal }
  /** Prefix of metric names. */
  metricsPrefix: string
}

const failed: Refusal = { code: 500, error: 'cannot make an event from this request' }
const refusedBySink: Refusal = { code: 502, error: 'the sink refuses the event' }
const undelivered: Refusal = { code: 503, error: 'the sink has not accepted the event' }
const busy: Refusal = { code: 503, error: 'too many events are under way' }
const paused: Refusal = { code: 503, error: 'the sink has asked for a pause' }
const leaving: Refusal = { code: 503, error: 'stopping' }

/**
 * Makes the driver that sends an event for each incoming request: a `POST` with a JSON body. The caller gets 202 only after
 * the sink has accepted the event. Nothing is stored here that could be lost: a caller without a 202 sends the request
 * again. 502 means that the sink refuses the event, 503 that it may accept it later.
 */
export function makeReceiver (options: ReceiverOptions): Driver {
  const { port, clock, pause, metrics, logger } = options
  const requests = metrics.instruments.counter({
    name: `${options.metricsPrefix}.adapter.received_requests`,
    unit: '{request}',
    description: 'Incoming requests, by the status code of the answer.',
    attributes: ['code']
  })
  /** Each controller aborts the delivery of an event. */
  const underWay = new Map<AbortController, Promise<void>>()
  let stopping = false

  async function handle (request: IncomingMessage, response: ServerResponse): Promise<void> {
    const read = await readCall(request)
    if (read === undefined) return
    if (read.refusal !== undefined) return await answer(response, read.refusal)
    if (stopping) return await answer(response, leaving)
    if (underWay.size >= mostUnderWay) return await answer(response, busy)
    if (pause.until > clock.now()) return await answer(response, paused)
    const givingUp = new AbortController()
    // The port's timeout would close the connection meanwhile. After the answer, Node restores its own timeout.
    request.socket.setTimeout(2 * patience)
    const done = relay(read.call, options, givingUp).then(async refusal => await answer(response, refusal))
    underWay.set(givingUp, done)
    await done
    underWay.delete(givingUp)
  }

  async function answer (response: ServerResponse, refusal: Refusal | undefined): Promise<void> {
    const code = refusal?.code ?? 202
    requests.add(1, { code })
    if (refusal !== undefined) logger.debug({ caller: response.socket?.remoteAddress, code }, `request refused: ${refusal.error}`)
    const body = refusal === undefined ? '' : JSON.stringify({ error: refusal.error })
    response.writeHead(code, {
      'Content-Length': Buffer.byteLength(body),
      ...(code === 405 && { Allow: 'POST' }),
      ...(code === 503 && { 'Retry-After': Math.max(1, secondsUntil(pause.until)) }),
      ...(stopping && { Connection: 'close' }),
      ...(refusal !== undefined && { 'Content-Type': 'application/json' })
    })
    response.end(body)
    // A caller that has disconnected gets no answer.
    await finished(response).catch(() => {})
  }

  /** Whole seconds, as `Retry-After` requires. */
  function secondsUntil (time: bigint): number {
    return Math.ceil(Number(time - clock.now()) / 1e9)
  }

  const server = makePort(handle)
  return {
    description: 'sending an event for each request that comes in',
    async start () {
      await once(server.listen(port), 'listening')
      logger.info({ port: (server.address() as AddressInfo).port }, 'receiver listening')
    },
    async stop (grace) {
      stopping = true
      server.close()
      const timer = setTimeout(() => underWay.forEach((_, givingUp) => givingUp.abort()), grace)
      await Promise.all(underWay.values())
      clearTimeout(timer)
    }
  }
}

/** Delivers the event of a request. @returns why the caller is refused; undefined when the sink has accepted the event */
async function relay (call: Call, options: ReceiverOptions, givingUp: AbortController): Promise<Refusal | undefined> {
  const until = options.clock.now() + BigInt(patience) * 1_000_000n
  const done = new AbortController()
  // Not AbortSignal.any with AbortSignal.timeout: Node 20 can collect that signal before the timeout, and then it never fires.
  options.clock.wait(until, done.signal).then(() => givingUp.abort())
  const refusal = await relayUntil(until, call, options, givingUp.signal)
  done.abort()
  return refusal
}

async function relayUntil (until: bigint, call: Call, { event, ...delivery }: ReceiverOptions, signal: AbortSignal): Promise<Refusal | undefined> {
  try {
    const made = event(call)
    if (made.refusal !== undefined) return made.refusal
    const result = await deliver(made.event, until, delivery, signal)
    if (isAcknowledged(result)) return undefined
    return isTransient(result) ? undelivered : refusedBySink
  } catch (err) {
    delivery.logger.error({ err }, 'cannot make an event from a request')
    return failed
  }
}
