/**
 * When ticks are due: the n-th at start + n × interval, reckoned from the start each time, so that nothing adds up,
 * however late one of them is acted upon. Times are a monotonic clock's nanoseconds.
 */
export interface Schedule {
  start: bigint
  /** More than 0. */
  interval: bigint
}

/**
 * The time at which a tick is due.
 *
 * @param n from 1: the first is due one interval after the start
 */
export function dueTime ({ start, interval }: Schedule, n: bigint): bigint {
  return start + n * interval
}

/** The last tick that is due at a time; 0 when none is yet. */
export function lastDue ({ start, interval }: Schedule, now: bigint): bigint {
  return (now - start) / interval
}
