import * as names from '../../../src/samplesource/names.js'
import { getSource, versionsOf } from '../children.js'
import { expectEqual, until } from '../expect.js'
import { condition } from '../kube-object.js'
import type { Run, Step } from '../run.js'
import { sampleSources } from '../sources.js'
import { installWith, installWithEnv } from './install.js'

const name = 'heartbeat'

/** The hook gets another setting while Metacontroller keeps what the hook has asked for before. */
export const staleConfig: Step = {
  title: 'a hook that is told of another ConfigMap rolls no adapter before it has seen that',
  prove: async run => {
    if (run.recorder !== undefined) return 'not tried: a hook that is recorded looks at no ConfigMaps'
    const { deployment } = await versionsOf(run, name)
    await installWithEnv(run, { CONFIG_LOGGING_NAME: 'config-logging-other' })
    await untilConfigValid(run, 'Unknown StaleConfig')
    expectEqual('resourceVersion of the Deployment', (await versionsOf(run, name)).deployment, deployment)
    await installWith(run, [])
    await untilConfigValid(run, 'True')
    expectEqual('resourceVersion of the Deployment', (await versionsOf(run, name)).deployment, deployment)
  }
}

/** Has the source synced, by a change that concerns nobody, until it says so. */
async function untilConfigValid (run: Run, expected: string): Promise<void> {
  let number = 0
  await until(run.patience, `condition ConfigValid: ${expected}`, async () => {
    await run.kubectl.patch({ resource: sampleSources, name, namespace: run.namespace }, { metadata: { annotations: { [`${names.group}/e2e`]: String(number++) } } })
    return condition(await getSource(run, name), 'ConfigValid')
  }, seen => seen === expected)
}
