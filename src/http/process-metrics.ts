import type { Registry } from 'prom-client'
import eventLoopLag from 'prom-client/lib/metrics/eventLoopLag.js'
import heapSizeAndUsed from 'prom-client/lib/metrics/heapSizeAndUsed.js'
import heapSpacesSizeAndUsed from 'prom-client/lib/metrics/heapSpacesSizeAndUsed.js'
import osMemoryHeap from 'prom-client/lib/metrics/osMemoryHeap.js'
import processCpuTotal from 'prom-client/lib/metrics/processCpuTotal.js'
import processHandles from 'prom-client/lib/metrics/processHandles.js'
import processMaxFileDescriptors from 'prom-client/lib/metrics/processMaxFileDescriptors.js'
import processOpenFileDescriptors from 'prom-client/lib/metrics/processOpenFileDescriptors.js'
import processRequests from 'prom-client/lib/metrics/processRequests.js'
import processResources from 'prom-client/lib/metrics/processResources.js'
import processStartTime from 'prom-client/lib/metrics/processStartTime.js'
import version from 'prom-client/lib/metrics/version.js'

const collectors = [
  eventLoopLag, heapSizeAndUsed, heapSpacesSizeAndUsed, osMemoryHeap, processCpuTotal, processHandles, processMaxFileDescriptors,
  processOpenFileDescriptors, processRequests, processResources, processStartTime, version
]

/** How often the event loop's delay is sampled, in milliseconds. */
const eventLoopMonitoringPrecision = 10

/**
 * Adds the metrics of every Node process to a registry: all of prom-client's `collectDefaultMetrics` except the durations
 * of garbage collection. Those need a PerformanceObserver, which Node advises against; it takes four per cent of the
 * hook's CPU time. https://github.com/prometheus/client_js/issues/490
 */
export function collectProcessMetrics (register: Registry): void {
  for (const collect of collectors) collect(register, { eventLoopMonitoringPrecision })
}
