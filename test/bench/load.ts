import autocannon from 'autocannon'
import type { ServerProcess } from './server-process.js'

/** The token that the hook requires. */
export const token = 'a'.repeat(64)

/** The headers of each call. */
export const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }

/**
 * Both servers are called over connections that are used as many times as the hook allows: autocannon does
 * not notice when an answer closes the connection.
 */
const reconnectRate = 100

/** The result of calling a server. */
export interface Measurement {
  /** The number of answers with 200. */
  requests: number
  /** The number of all others: 429 under overload. */
  others: number
  seconds: number
  cpu: number
  p50: number
  p99: number
}

/** Calls a server for some seconds, or a number of times. */
export async function load (server: ServerProcess, body: string, connections: number, limit: { duration: number } | { amount: number }): Promise<Measurement> {
  const cpu = server.cpu
  const { '2xx': requests, non2xx, errors, timeouts, latency, duration } = await autocannon({
    url: `${server.urls[0]}/sync`, method: 'POST', headers, body, connections, reconnectRate, ...limit
  })
  if (requests === 0) throw new Error('no request was answered')
  return { requests, others: non2xx + errors + timeouts, seconds: duration, cpu: server.cpu - cpu, p50: latency.p50, p99: latency.p99 }
}

/** Calls a server once. */
export async function answer (server: ServerProcess, body: string): Promise<string> {
  const response = await fetch(`${server.urls[0]}/sync`, { method: 'POST', headers, body })
  if (response.status !== 200) throw new Error(`status ${response.status}: ${await response.text()}`)
  return await response.text()
}

/** Combines several measurements: sums, and the median of the latencies. */
export function total (measurements: Measurement[]): Measurement {
  const sum = (key: keyof Measurement) => measurements.reduce((sum, measurement) => sum + measurement[key], 0)
  const middle = (key: keyof Measurement) => median(measurements.map(measurement => measurement[key]))
  return { requests: sum('requests'), others: sum('others'), seconds: sum('seconds'), cpu: sum('cpu'), p50: middle('p50'), p99: middle('p99') }
}

/** The median of some numbers. */
export function median (numbers: number[]): number {
  return numbers.toSorted((left, right) => left - right)[Math.floor(numbers.length / 2)] as number
}
