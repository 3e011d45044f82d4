import type { Run, Step } from './run.js'
import { changeSteps } from './steps/changes.js'
import { componentSteps } from './steps/components.js'
import { crdSteps } from './steps/crd.js'
import { deletion } from './steps/deletion.js'
import { image } from './steps/image.js'
import { install } from './steps/install.js'
import { namespaces } from './steps/namespaces.js'
import { promiseSteps } from './steps/promises.js'
import { readySteps } from './steps/ready.js'
import { realEvents } from './steps/real-events.js'
import { recordingSteps } from './steps/recording.js'
import { rollout } from './steps/rollout.js'
import { staleConfig } from './steps/stale-config.js'
import { steady } from './steps/steady.js'
import { writes } from './steps/writes.js'

/**
 * The steps of a level, in order.
 *
 * @param buildsImage whether to build the image first
 * @param records whether cases are recorded, which takes more steps
 */
export async function stepsOf (level: Run['level'], buildsImage: boolean, records = false): Promise<Step[]> {
  return [
    ...(buildsImage ? [image] : []),
    namespaces,
    ...crdSteps,
    install,
    ...readySteps,
    steady,
    writes,
    ...changeSteps,
    ...promiseSteps,
    staleConfig,
    ...(level === 'full' ? [realEvents, rollout] : []),
    deletion,
    ...(records ? recordingSteps : []),
    ...await componentSteps()
  ]
}
