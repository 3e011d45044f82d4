import * as names from '../../../src/samplesource/names.js'
import { getSource, versionsOf } from '../children.js'
import { expectEqual, until } from '../expect.js'
import { condition } from '../kube-object.js'
import type { Run, Step } from '../run.js'
import { sampleSources } from '../sources.js'
import { installWith, installWithEnv } from './install.js'

const name = 'heartbeat'

/** The hook gets another setting while Metacontroller still uses the old customize answer. */
export const staleConfig: Step = {
  title: 'a hook that gets another ConfigMap rolls out no adapter before it has read it',
  prove: async run => {
    if (run.recorder !== undefined) return 'not tested: a recorded hook reads no ConfigMaps'
    const { deployment } = await versionsOf(run, name)
    await installWithEnv(run, { CONFIG_LOGGING_NAME: 'config-logging-other' })
    await untilConfigValid(run, 'Unknown StaleConfig')
    expectEqual('resourceVersion of the Deployment', (await versionsOf(run, name)).deployment, deployment)
    await installWith(run, [])
    await untilConfigValid(run, 'True')
    expectEqual('resourceVersion of the Deployment', (await versionsOf(run, name)).deployment, deployment)
  }
}

/** Triggers a sync by an unrelated change, and waits until it shows. */
async function untilConfigValid (run: Run, expected: string): Promise<void> {
  let number = 0
  await until(run.patience, `condition ConfigValid: ${expected}`, async () => {
    await run.kubectl.patch({ resource: sampleSources, name, namespace: run.namespace }, { metadata: { annotations: { [`${names.group}/e2e`]: String(number++) } } })
    return condition(await getSource(run, name), 'ConfigValid')
  }, seen => seen === expected)
}
