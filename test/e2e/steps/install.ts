import * as names from '../../../src/samplesource/names.js'
import { find } from '../kube-object.js'
import { build, relocate } from '../manifests.js'
import type { Run, Step } from '../run.js'

/** Installs what the other steps test. */
export const install: Step = {
  title: 'the hook is installed',
  prove: async run => {
    await installWith(run, [])
    return run.hookUrl === undefined ? 'manifests/, in the cluster' : `on this machine, called at ${run.hookUrl.origin}`
  }
}

/** Installs the manifests with components, and replaces what was installed before. */
export async function installWith (run: Run, components: string[]): Promise<void> {
  await run.hook.install(await buildHere(run, components))
}

/** Installs the manifests without components, with these env vars of the hook. */
export async function installWithEnv (run: Run, env: Record<string, string>): Promise<void> {
  const objects = await buildHere(run, [])
  const variables: Array<{ name: string, value?: string }> = find(objects, 'Deployment', names.packageName).spec.template.spec.containers[0].env
  for (const variable of variables) {
    const value = env[variable.name]
    if (value !== undefined) variable.value = value
  }
  await run.hook.install(objects)
}

/** The manifests as built for this run. */
export async function buildHere (run: Run, components: string[]) {
  const objects = await build(run.kubectl, run.folder, { components, image: run.image })
  return run.hookUrl === undefined ? objects : relocate(objects, run.hookNamespace)
}
