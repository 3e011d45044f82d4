import type { Config } from './config.js'
import type { Delivery } from './delivery.js'
import type { Driver } from './driver.js'
import { makeEvent } from './event.js'
import { makeHeartbeat, metricsPrefix, type Settings } from './heartbeat.js'
import { makeTicker } from './ticker.js'

/** Makes the receive adapter of this source, driven by the clock. To use another driver, replace it here. */
export function makeAdapter ({ settings, extensions }: Config<Settings>, delivery: Delivery): Driver {
  return makeTicker({
    interval: settings.interval,
    event: sequence => makeEvent(makeHeartbeat(settings, sequence), extensions),
    metricsPrefix,
    ...delivery
  })
}
