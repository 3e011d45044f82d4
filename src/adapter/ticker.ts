import { Counter } from 'prom-client'
import { formatDuration } from '../knative/format-duration.js'
import { deliver, type Delivery } from './delivery.js'
import type { Driver } from './driver.js'
import type { Event } from './event.js'
import { dueTime, lastDue, type Schedule } from './schedule.js'

/** What a ticker is made from. */
export interface TickerOptions extends Delivery {
  /** Time between two events, in nanoseconds. */
  interval: bigint
  /** Makes the event that is due, by its number, from 0. */
  event: (sequence: number) => Event
  /** Of the names of metrics. */
  metricsPrefix: string
}

/** Makes the driver that has an event sent every interval, one at a time. */
export function makeTicker (options: TickerOptions): Driver {
  const skipped = new Counter({
    registers: [options.metrics.registry],
    name: `${options.metricsPrefix}_adapter_skipped_ticks_total`,
    help: 'Ticks without an event because the one before was still under way.'
  })
  const stopping = new AbortController()
  const givingUp = new AbortController()
  let running = Promise.resolve()
  return {
    description: `sending an event every ${formatDuration(options.interval)}`,
    start () {
      running = run(options, skipped, stopping.signal, givingUp.signal)
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
async function run ({ interval, event, ...delivery }: TickerOptions, skipped: Counter, stopping: AbortSignal, givingUp: AbortSignal): Promise<void> {
  const schedule = { start: delivery.clock.now(), interval }
  let tick = await nextTick(schedule, 0n, delivery, skipped, stopping)
  for (let sequence = 0; !stopping.aborted; sequence++) {
    const logger = delivery.logger.child({ sequence })
    await deliver(event(sequence), dueTime(schedule, tick + 1n), { ...delivery, logger }, givingUp)
    tick = await nextTick(schedule, tick, delivery, skipped, stopping)
  }
}

/** Waits for the first tick that is not due yet, and counts those that have passed since the last one. */
async function nextTick (schedule: Schedule, last: bigint, { clock, logger }: Delivery, skippedTicks: Counter, stopping: AbortSignal): Promise<bigint> {
  const next = lastDue(schedule, clock.now()) + 1n
  const skipped = Number(next - last - 1n)
  if (skipped > 0 && !stopping.aborted) {
    skippedTicks.inc(skipped)
    logger.warn({ skipped }, 'ticks skipped: sending takes longer than the interval')
  }
  await clock.wait(dueTime(schedule, next), stopping)
  return next
}
