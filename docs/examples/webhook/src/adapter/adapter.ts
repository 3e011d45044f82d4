import type { Config } from './config.js'
import type { Delivery } from './delivery.js'
import type { Driver } from './driver.js'
import { makeEvent } from './event.js'
import { makeContent, metricsPrefix, type Settings } from './heartbeat.js'
import { makeReceiver } from './receiver.js'

/** Makes the receive adapter of this source: requests that come in drive it. */
export function makeAdapter ({ settings, extensions }: Config<Settings>, delivery: Delivery): Driver {
  return makeReceiver({
    port: settings.port,
    event: call => {
      const { content, refusal } = makeContent(settings, call)
      return content === undefined ? { refusal } : { event: makeEvent(content, extensions) }
    },
    metricsPrefix,
    ...delivery
  })
}
