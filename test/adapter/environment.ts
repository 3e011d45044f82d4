import { makeReceiveAdapter } from '../../src/samplesource/receive-adapter.js'
import { makeRequest, spec } from '../samplesource/source.js'

/** The environment of the adapter from the Deployment of a valid source, without references. */
const [container] = makeReceiveAdapter({ image: 'any', args: [], labels: {}, source: makeRequest().parent, spec, eventSource: 'demo/heartbeat', additionalEnvs: [] })
  .spec!.template.spec!.containers

export const environment = Object.fromEntries((container?.env ?? []).flatMap(({ name, value }) => value === undefined ? [] : [[name, value]])) as Record<string, string>
