import { formatDuration } from '../knative/format-duration.js'
import { deliver, type Delivery } from './delivery.js'
import type { Driver } from './driver.js'
import type { Event } from './event.js'
import type { PauseReason } from './pause.js'
import { dueTime, lastDue, type Schedule } from './schedule.js'

/** The options of {@link makeTicker}. */
export interface TickerOptions extends Delivery {
  /** Time between two events, in nanoseconds. */
  interval: bigint
  /** Makes the event with this number, counted from 0. */
  event: (sequence: number) => Event
  /** Prefix of metric names. */
  metricsPrefix: string
}

/** Makes the driver that sends an event at every interval, one at a time. */
export function makeTicker (options: TickerOptions): Driver {
  const { instruments } = options.metrics
  const counter = instruments.counter({
    name: `${options.metricsPrefix}.adapter.skipped_ticks`,
    unit: '{tick}',
    description: 'Ticks without an event, by reason: the previous event was still being sent (`busy`), or the sink asked for a pause (`retry_after`, `gone`).',
    attributes: ['reason']
  })
  const skipped: SkippedTicks = (ticks, reason) => counter.add(ticks, { reason })
  for (const reason of ['busy', 'retry_after', 'gone'] as const) skipped(0, reason)
  instruments.gauge({ name: `${options.metricsPrefix}.adapter.interval`, unit: 's', description: 'Time between two events.' }).record(Number(options.interval) / 1e9)
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
 * Sends the events. A tick is skipped if the previous event is still being sent, or the sink asked for a pause. It gets no
 * event and no sequence number, so a gap in the sequence always means a lost event.
 */
async function run ({ interval, event, ...delivery }: TickerOptions, skipped: SkippedTicks, stopping: AbortSignal, givingUp: AbortSignal): Promise<void> {
  const schedule = { start: delivery.clock.now(), interval }
  let tick = await nextTick(schedule, 0n, delivery, skipped, stopping)
  for (let sequence = 0; !stopping.aborted; sequence++) {
    const logger = delivery.logger.child({ sequence })
    await deliver(event(sequence), dueTime(schedule, tick + 1n), { ...delivery, logger }, givingUp)
    tick = await nextTick(schedule, tick, delivery, skipped, stopping)
  }
}

/** Counts ticks without an event, by reason. */
type SkippedTicks = (ticks: number, reason: 'busy' | PauseReason) => void

/** How often ticks are counted during a pause, in nanoseconds. */
const second = 1_000_000_000n

/** Waits for the next tick outside of the sink's pause, and counts those that pass without an event. */
async function nextTick (schedule: Schedule, last: bigint, { clock, pause, logger }: Delivery, skipped: SkippedTicks, stopping: AbortSignal): Promise<bigint> {
  let next = lastDue(schedule, clock.now()) + 1n
  const missed = Number(next - last - 1n)
  if (missed > 0 && !stopping.aborted) {
    skipped(missed, 'busy')
    logger.warn({ skipped: missed, reason: 'busy' }, 'ticks skipped: sending takes longer than the interval')
  }
  let paused = 0
  for (;;) {
    await clock.wait(dueTime(schedule, next), stopping)
    if (stopping.aborted || pause.until <= clock.now()) break
    const { reason } = pause
    const soon = clock.now() + second
    await clock.wait(pause.until < soon ? pause.until : soon, stopping)
    const after = lastDue(schedule, clock.now()) + 1n
    skipped(Number(after - next), reason)
    paused += Number(after - next)
    next = after
  }
  if (paused > 0) logger.warn({ skipped: paused, reason: pause.reason }, 'ticks skipped: the sink asked for a pause')
  return next
}
