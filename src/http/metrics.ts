import { Counter, Gauge, Registry } from 'prom-client'
import { handshakeFailures } from './handshake-failures.js'
import { collectProcessMetrics } from './process-metrics.js'
import { RequestMetrics } from './request-metrics.js'

/** The metrics of the hook. */
export type Metrics = ReturnType<typeof makeMetrics>

/** Makes a counter whose series start at 0: `rate()` would miss their first increase otherwise. */
function counterOf (registers: Registry[], name: string, help: string, reasons: string[]): Counter<'reason'> {
  const counter = new Counter({ registers, name, help, labelNames: ['reason'] })
  for (const reason of reasons) counter.inc({ reason }, 0)
  return counter
}

/**
 * Makes the metrics of a process, all zero: its own, and `process_*` and `nodejs_*`, which every Node process has. Names
 * and units follow https://prometheus.io/docs/practices/naming/. A table of docs/metrics.md is generated from this.
 *
 * @param prefix of the names of the process's own metrics
 * @param version of the program
 */
export function makeMetrics (prefix: string, version: string) {
  const registry = new Registry()
  const registers = [registry]
  collectProcessMetrics(registry)
  new Gauge({
    registers,
    name: `${prefix}_build_info`,
    help: 'Always 1. The labels say what runs.',
    labelNames: ['version', 'nodejs_version']
  }).set({ version, nodejs_version: process.versions.node }, 1)
  return {
    registry,
    requests: new RequestMetrics(registers, prefix),
    authenticationFailures: counterOf(registers, `${prefix}_hook_authentication_failures_total`,
      'Requests that were refused, by reason: `token` (401) or `certificate` (403).',
      ['token', 'certificate']),
    handshakeFailures: counterOf(registers, `${prefix}_hook_tls_handshake_failures_total`,
      'Connections that ended before the TLS handshake was complete, by reason.',
      handshakeFailures),
    certificateExpiration: new Gauge({
      registers,
      name: `${prefix}_hook_certificate_expiration_timestamp_seconds`,
      help: 'When the first certificate expires, in seconds since the epoch, by use: `server` is the served chain, `client_ca` the CAs of the callers.',
      labelNames: ['use']
    }),
    shedRequests: counterOf(registers, `${prefix}_hook_shed_requests_total`,
      'Requests that were answered 429, by reason: too many `requests`, too many `bytes`, a late `event_loop`, too much `memory`.',
      ['requests', 'bytes', 'event_loop', 'memory']),
    events: new Counter({
      registers,
      name: `${prefix}_reconciler_events_total`,
      help: 'Actions that the answers ask Metacontroller for, by type and reason of the event.',
      labelNames: ['type', 'reason']
    }),
    statusChanges: new Counter({
      registers,
      name: `${prefix}_status_changes_total`,
      help: 'Answers whose status differs from the stored one.'
    }),
    invalidSpecs: new Counter({
      registers,
      name: `${prefix}_invalid_specs_total`,
      help: 'Answers to a source whose spec is invalid.'
    })
  }
}
