import type { KubeObject } from '../kube-object.js'
import { componentNames } from '../manifests.js'
import type { SecretData } from '../pod.js'
import type { Run, Step } from '../run.js'
import { makeSecrets, type Credentials } from '../secrets.js'
import { sampleSource } from '../sources.js'
import { getChildren, getSource } from '../children.js'
import { expectEqual, until } from '../expect.js'
import { trials, type Component } from '../components/trials.js'
import { deleteAll } from './deletion.js'
import { buildHere, installWith } from './install.js'

/**
 * The steps of the components: each folder of `manifests/components/`, and all of them together. What is known of one is
 * in `../components/trials.ts`; of one that is not there, that the API server takes it, and that a source still works.
 */
export async function componentSteps (): Promise<Step[]> {
  const names = await componentNames()
  const all = [...names].sort((one, other) => before(one).length - before(other).length)
  return [
    { title: 'the API server takes the manifests', prove: async run => (await expectTaken(run, [])).note },
    ...names.map(name => componentStep(`component ${name}`, [...trials[name]?.needs ?? [], name])),
    componentStep('all components together', all)
  ]
}

/** Those that have to be listed before a component. */
function before (name: string): string[] {
  return [...trials[name]?.needs ?? [], ...trials[name]?.goesAfter ?? []]
}

function componentStep (title: string, components: string[]): Step {
  return {
    title,
    prove: async run => {
      const { note, unknown } = await expectTaken(run, components)
      // A hook on this machine needs no more of them than its own files, and what Metacontroller is told.
      if (run.hookUrl === undefined && unknown.length > 0) return `${note}; not installed`
      return [note, ...await tryOut(run, components)].join('; ')
    }
  }
}

/** Warnings that no manifest can avoid: this one is of the default of a field that is left out. */
const ofEveryone = ['spec.SessionAffinity is ignored for headless services']

/** Has the API server look at everything that is built; what kinds it does not have is told of. */
async function expectTaken (run: Run, components: string[]): Promise<{ note: string, unknown: string[] }> {
  const objects = await buildHere(run, components)
  const kinds = await knownKinds(run)
  const known = objects.filter(object => kinds.has(kindOf(object)))
  const { warnings } = await run.kubectl.tryApply(known)
  expectEqual('warnings', warnings.filter(warning => !ofEveryone.some(known => warning.includes(known))), [])
  const unknown = [...new Set(objects.filter(object => !kinds.has(kindOf(object))).map(({ kind }) => kind))]
  return { unknown, note: `${known.length} objects accepted${unknown.length > 0 ? `; not here, so not looked at: ${unknown.join(', ')}` : ''}` }
}

/** `<kind>.<apiVersion>` of all that the API server has. */
async function knownKinds ({ kubectl }: Run): Promise<Set<string>> {
  const rows = (await kubectl.run(['api-resources', '--no-headers'])).trim().split('\n').map(line => line.trim().split(/\s+/))
  // NAME [SHORTNAMES] APIVERSION NAMESPACED KIND
  return new Set(rows.map(columns => `${columns.at(-1)}.${columns.at(-3)}`))
}

function kindOf ({ apiVersion, kind }: KubeObject): string {
  return `${kind}.${apiVersion}`
}

/** Installs the components, sees that a new source gets its children through them, and tries what each promises. */
async function tryOut (run: Run, components: string[]): Promise<string[]> {
  const known = components.flatMap(name => trials[name] ?? [])
  const { secrets, credentials } = madeFor(run)
  await installWith(run, components, run.hookUrl === undefined ? ownSecrets(secrets, known) : secrets)
  const name = `with-${components.join('-')}`.slice(0, 40)
  await run.kubectl.create(sampleSource(name, run.namespace))
  const source = await getSource(run, name)
  await until(run.patience, `both children, by a hook with ${components.join(', ')}`, async () => await getChildren(run, source))
  const notes: string[] = []
  for (const { prove } of known) notes.push(...[await prove?.({ run, components, credentials, source })].filter(note => note !== undefined))
  await deleteAll(run, source)
  return notes
}

/** In the cluster, cert-manager makes the others. */
function ownSecrets (secrets: Record<string, SecretData>, known: Component[]): Record<string, SecretData> {
  return Object.fromEntries(known.flatMap(({ secret }) => secret === undefined ? [] : [[secret, secrets[secret] ?? {}]]))
}

const made = new WeakMap<Run, { secrets: Record<string, SecretData>, credentials: Credentials }>()

/** The same for all of a run. */
function madeFor (run: Run) {
  const secrets = made.get(run) ?? makeSecrets(run.hookUrl?.hostname ?? 'localhost', { teardown: end => run.cleanup.add('certificates', end) })
  made.set(run, secrets)
  return secrets
}
