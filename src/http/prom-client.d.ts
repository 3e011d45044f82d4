/** The parts of prom-client's `collectDefaultMetrics`, which are missing in its types. */
declare module 'prom-client/lib/metrics/*.js' {
  import type { Registry } from 'prom-client'

  const collect: (register: Registry, options: { eventLoopMonitoringPrecision: number }) => void
  export default collect
}
