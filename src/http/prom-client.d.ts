/** The parts of which prom-client's `collectDefaultMetrics` is made; its types do not tell of them. */
declare module 'prom-client/lib/metrics/*.js' {
  import type { Registry } from 'prom-client'

  const collect: (register: Registry, options: { eventLoopMonitoringPrecision: number }) => void
  export default collect
}
