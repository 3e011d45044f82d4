import { formatDuration } from '../knative/format-duration.js'
import { deliver, type Delivery } from './delivery.js'
import { makeEvent } from './event.js'
import { dueTime, lastDue, type Schedule } from './schedule.js'

/** What an adapter is made from. */
export interface AdapterOptions extends Delivery {
  /** Time between two events, in nanoseconds. */
  interval: bigint
  /** Extension attributes of every event. */
  extensions: Record<string, string>
}

/** The receive adapter at work. */
export interface Adapter {
  /** Sends an event every interval, one at a time, until it is stopped. */
  start: () => void
  /**
   * Begins no further event, and waits for the one under way.
   *
   * @param grace how long that one may take, in milliseconds; then it is given up
   */
  stop: (grace: number) => Promise<void>
}

/** Makes the receive adapter of a SampleSource. */
export function makeAdapter (options: AdapterOptions): Adapter {
  const stopping = new AbortController()
  const givingUp = new AbortController()
  let running = Promise.resolve()
  return {
    start () {
      running = run(options, stopping.signal, givingUp.signal)
    },
    async stop (grace) {
      stopping.abort()
      const timer = setTimeout(() => givingUp.abort(), grace)
      await running
      clearTimeout(timer)
    }
  }
}

/**
 * Sends the events. A tick that is due while the event before is still under way is skipped: it gets no event, and no
 * number of the sequence, so that a gap in the sequence is always an event that was lost.
 */
async function run ({ interval, extensions, ...delivery }: AdapterOptions, stopping: AbortSignal, givingUp: AbortSignal): Promise<void> {
  const schedule = { start: delivery.clock.now(), interval }
  const heartbeat = formatDuration(interval)
  let tick = await nextTick(schedule, 0n, delivery, stopping)
  for (let sequence = 0; !stopping.aborted; sequence++) {
    await deliver(makeEvent({ sequence, heartbeat }, extensions), dueTime(schedule, tick + 1n), delivery, givingUp)
    tick = await nextTick(schedule, tick, delivery, stopping)
  }
}

/** Waits for the first tick that is not due yet, and counts those that have passed since the last one. */
async function nextTick (schedule: Schedule, last: bigint, { clock, metrics, logger }: Delivery, stopping: AbortSignal): Promise<bigint> {
  const next = lastDue(schedule, clock.now()) + 1n
  const skipped = Number(next - last - 1n)
  if (skipped > 0 && !stopping.aborted) {
    metrics.skipped(skipped)
    logger.warn({ skipped }, 'ticks skipped: sending takes longer than the interval')
  }
  await clock.wait(dueTime(schedule, next), stopping)
  return next
}
