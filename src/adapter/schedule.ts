/**
 * When ticks are due: the n-th at start + n × interval, always counted from the start, so that delays do not add up.
 * Times are in nanoseconds of a monotonic clock.
 */
export interface Schedule {
  start: bigint
  /** More than 0. */
  interval: bigint
}

/**
 * The time at which a tick is due.
 *
 * @param n from 1: the first tick is due one interval after the start
 */
export function dueTime ({ start, interval }: Schedule, n: bigint): bigint {
  return start + n * interval
}

/** The last tick that is due at a time; 0 if none is due yet. */
export function lastDue ({ start, interval }: Schedule, now: bigint): bigint {
  return (now - start) / interval
}
