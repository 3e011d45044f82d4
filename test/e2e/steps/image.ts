import { execute } from '../command.js'
import type { Step } from '../run.js'

/** Builds the image and loads it into the nodes of kind, so that they need not pull it. */
export const image: Step = {
  title: 'the image is built and loaded into the nodes',
  prove: async ({ image, facts: { kindCluster = '' }, patience: { signal } }) => {
    const patience = { signal, timeoutSeconds: 1800 }
    await execute('docker', ['build', '--tag', image, '.'], patience)
    await execute('kind', ['load', 'docker-image', image, '--name', kindCluster], patience)
    return image
  }
}
