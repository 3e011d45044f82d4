import * as names from '../../../src/samplesource/names.js'
import type { KubeObject } from '../kube-object.js'
import { componentNames, installedNamespace } from '../manifests.js'
import type { SecretData } from '../pod.js'
import type { Run, Step } from '../run.js'
import { makeSecrets, type Credentials } from '../secrets.js'
import { sampleSource } from '../sources.js'
import { getChildren, getSource } from '../children.js'
import { expectEqual, until } from '../expect.js'
import { trials } from '../components/trials.js'
import { kindOf, neededSecrets, problemsBySchema } from '../without-operators.js'
import { deleteAll } from './deletion.js'
import { buildHere } from './install.js'

/**
 * The steps of the components: one for each folder of `manifests/components/`, and one for all together. The tests of a
 * component are in `../components/trials.ts`. For any other, the API server must accept it and a source must still work.
 */
export async function componentSteps (): Promise<Step[]> {
  const listed = await componentNames()
  const all = [...listed].sort((one, other) => before(one).length - before(other).length)
  return [
    { title: 'the API server accepts the manifests', prove: async run => (await expectTaken(run, [])).note },
    ...listed.map(name => componentStep(`component ${name}`, [...trials[name]?.needs ?? [], name])),
    componentStep('all components together', all)
  ]
}

/** The components that must be listed before a component. */
function before (name: string): string[] {
  return [...trials[name]?.needs ?? [], ...trials[name]?.goesAfter ?? []]
}

function componentStep (title: string, components: string[]): Step {
  return {
    title,
    prove: async run => {
      const { note, known } = await expectTaken(run, components)
      return [note, ...await tryOut(run, components, known)].join('; ')
    }
  }
}

/** Warnings that no manifest can avoid: this one is about the default of a field that is left out. */
const ofEveryone = ['spec.SessionAffinity is ignored for headless services']

/**
 * Validates all objects by a dry run of the API server. Objects of an absent operator, such as cert-manager, are
 * validated by the schema of their kind.
 *
 * @returns the objects that the API server knows, and a remark
 */
async function expectTaken (run: Run, components: string[]): Promise<{ note: string, known: KubeObject[] }> {
  const objects = await buildHere(run, components)
  const kinds = await knownKinds(run)
  const known = objects.filter(object => kinds.has(kindOf(object)))
  const others = objects.filter(object => !known.includes(object))
  const { warnings } = await run.kubectl.tryApply(known)
  expectEqual('warnings', warnings.filter(warning => !ofEveryone.some(known => warning.includes(known))), [])
  expectEqual('problems by the schema', await problemsBySchema(others), [])
  const unknown = [...new Set(others.map(({ kind }) => kind))]
  return { known, note: `${known.length} objects accepted${unknown.length > 0 ? `; not installed, so validated by their schema only: ${unknown.join(', ')}` : ''}` }
}

/** `<kind>.<apiVersion>` of all kinds that the API server serves. */
async function knownKinds ({ kubectl }: Run): Promise<Set<string>> {
  const rows = (await kubectl.run(['api-resources', '--no-headers'])).trim().split('\n').map(line => line.trim().split(/\s+/))
  // NAME [SHORTNAMES] APIVERSION NAMESPACED KIND
  return new Set(rows.map(columns => `${columns.at(-1)}.${columns.at(-3)}`))
}

/** Installs the components, checks that a new source gets its children, and tests what each component promises. */
async function tryOut (run: Run, components: string[], objects: KubeObject[]): Promise<string[]> {
  const known = components.flatMap(name => trials[name] ?? [])
  const { secrets, credentials } = madeFor(run)
  await run.hook.install(objects, run.hookUrl === undefined ? neededSecrets(objects, secrets) : secrets)
  const name = `with-${components.join('-')}`.slice(0, 40)
  await run.kubectl.create(sampleSource(name, run.namespace))
  const source = await getSource(run, name)
  await until(run.patience, `both children, from a hook with ${components.join(', ')}`, async () => await getChildren(run, source))
  const notes: string[] = []
  const areOurs = run.hookUrl !== undefined || !objects.some(({ kind }) => kind === 'Certificate')
  for (const { prove } of known) notes.push(...[await prove?.({ run, components, credentials: areOurs ? credentials : undefined, source })].filter(note => note !== undefined))
  await deleteAll(run, source)
  return notes
}

const made = new WeakMap<Run, { secrets: Record<string, SecretData>, credentials: Credentials }>()

/** The same for all of a run. */
function madeFor (run: Run) {
  const secrets = made.get(run) ?? makeSecrets(run.hookUrl?.hostname ?? `${names.packageName}.${installedNamespace}`, { teardown: end => run.cleanup.add('certificates', end) })
  made.set(run, secrets)
  return secrets
}
