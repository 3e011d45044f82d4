import * as names from '../../../src/samplesource/names.js'
import { Unexpected } from '../expect.js'
import type { Trial } from './trials.js'

/** The metrics that the component scrapes are there, and they count the syncs. */
export async function metricsAreThere ({ run }: Trial): Promise<string | undefined> {
  const syncs = await run.hook.syncs()
  if (syncs === 0) throw new Unexpected(`${names.metricsPrefix}_hook_requests_total above 0`, syncs)
  return `${syncs} syncs in the metrics`
}
