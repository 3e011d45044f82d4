import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import * as names from '../../src/samplesource/names.js'
import { build as kustomize } from '../manifests/harness/kustomize.js'
import { pointedOutside, secretsOf, speaksTls } from './composite-controller.js'
import { trials } from './components/trials.js'
import { find, ofRun, type KubeObject } from './kube-object.js'
import type { Kubectl } from './kubectl.js'
import { build, componentNames, makeOverlay, readManifest, relocate } from './manifests.js'
import { mountedSecrets, runOutside } from './pod.js'
import { makeSecrets } from './secrets.js'
import { stepsOf } from './levels.js'

/* How the script builds and changes the manifests. */

const image = `registry.example:5000/${names.packageName}:v1`

/** Builds as the script does, with kustomize itself instead of the one in kubectl. */
async function buildWith (t: Test, components: string[], wanted = image): Promise<KubeObject[]> {
  const kubectl = {
    run: async ([command, folder]: [string, string]) => {
      t.equal(command, 'kustomize')
      return JSON.stringify({ items: await kustomize(folder) })
    }
  }
  const [{ items = [] } = {}] = await build(kubectl as unknown as Kubectl, t.testdir(), { components, image: wanted }) as Array<{ items?: KubeObject[] }>
  return items
}

t.test('the image goes into the hook and into the adapters', async t => {
  for (const wanted of [image, `${names.packageName}:e2e-1`, `registry.example/hook@sha256:${'0'.repeat(64)}`]) {
    await t.test(wanted, async t => {
      const { containers: [hook] } = find(await buildWith(t, [], wanted), 'Deployment').spec.template.spec
      t.equal(hook.image, wanted)
      t.equal(hook.env.find(({ name }: { name: string }) => name === 'RECEIVE_ADAPTER_IMAGE').value, wanted)
    })
  }
  t.match(makeOverlay({}, '..', { components: [], image: 'registry.example:5000/hook' }), { images: [{ newName: 'registry.example:5000/hook', newTag: 'latest' }] })
})

t.test('an overlay is the same as the top kustomization, except for its folder', async t => {
  t.strictSame(makeOverlay({ kind: 'Kustomization', resources: ['base'], replacements: ['x'] }, '../manifests', { components: ['tls', 'mtls'], image: 'hook:v1' }), {
    kind: 'Kustomization',
    resources: ['../manifests/base'],
    replacements: ['x'],
    components: ['../manifests/components/tls', '../manifests/components/mtls'],
    images: [{ name: names.packageName, newName: 'hook', newTag: 'v1' }]
  })
})

t.test('in another namespace, nothing refers to the old one', async t => {
  const objects = relocate(await buildWith(t, ['tls', 'mtls', 'token', 'monitoring']), 'elsewhere')
  t.notOk(JSON.stringify(objects).includes(names.systemNamespace))
  t.equal(find(objects, 'Namespace').metadata.name, 'elsewhere')
  t.equal(find(objects, 'CompositeController').spec.endpointConfigs[0].host, `${names.packageName}.elsewhere`)
})

t.test('objects of a run have its label besides their own', async t => {
  const [namespace] = await readManifest('base/namespace.yaml') as [KubeObject]
  t.strictSame(ofRun(namespace, 'abc').metadata.labels, { ...namespace.metadata.labels, [`${names.group}/e2e`]: 'abc' })
})

t.test('a CompositeController can call a hook outside the cluster', async t => {
  const plain = find(await buildWith(t, []), 'CompositeController')
  t.equal(speaksTls(plain), false)
  const pointed = pointedOutside(plain, new URL('http://10.0.0.1:8471'))
  t.strictSame(pointed.spec.hooks.sync.webhook, { url: 'http://10.0.0.1:8471/sync', timeout: '10s' })
  t.strictSame(pointed.spec.endpointConfigs, [{ host: '10.0.0.1:8471' }])
  t.ok(plain.spec.hooks.sync.webhook.service, 'the given object is unchanged')
  t.strictSame(pointed.spec.childResources, plain.spec.childResources)

  const secured = find(await buildWith(t, ['tls', 'mtls', 'token']), 'CompositeController')
  t.equal(speaksTls(secured), true)
  const outside = pointedOutside(secured, new URL('http://[fd00::1]:8471'))
  t.equal(outside.spec.hooks.sync.webhook.url, 'https://[fd00::1]:8471/sync')
  t.equal(outside.spec.endpointConfigs[0].host, '[fd00::1]:8471')
  t.ok(outside.spec.endpointConfigs[0].authorization)
  t.strictSame(new Set(secretsOf(outside)), new Set([`${names.packageName}-tls`, `${names.packageName}-client-tls`, `${names.packageName}-token`]))

  const more = structuredClone(plain)
  more.spec.hooks.finalize = { webhook: { ...plain.spec.hooks.sync.webhook, path: '/finalize' } }
  t.equal(pointedOutside(more, new URL('http://10.0.0.1')).spec.hooks.finalize.webhook.url, 'http://10.0.0.1/finalize', 'each hook')
})

t.test('the hook on this machine gets the env and files of its container', async t => {
  const { secrets } = makeSecrets('10.0.0.1', t)
  const deployment = find(await buildWith(t, ['tls', 'mtls', 'token']), 'Deployment')
  t.strictSame(new Set(mountedSecrets(deployment)), new Set([`${names.packageName}-tls`, `${names.packageName}-token`]))
  const folder = join(t.testdir(), 'pod')
  mkdirSync(folder)
  const env = await runOutside(deployment, folder, secrets)
  t.match(env, { SYSTEM_NAMESPACE: names.systemNamespace, RECEIVE_ADAPTER_IMAGE: image, RECEIVE_ADAPTER_ARGS: '["--max-semi-space-size=1","dist/adapter/main.js"]' })
  t.notOk(Object.values(env).includes(''), 'no value is missing')
  for (const [variable, secret, key] of [
    ['TLS_CERT_FILE', `${names.packageName}-tls`, 'tls.crt'],
    ['TLS_KEY_FILE', `${names.packageName}-tls`, 'tls.key'],
    ['TLS_CLIENT_CA_FILE', `${names.packageName}-tls`, 'ca.crt'],
    ['AUTH_TOKEN_FILE', `${names.packageName}-token`, 'accepted-tokens']
  ] as const) {
    t.ok(env[variable]?.startsWith(`${folder}/`), variable)
    t.equal(readFileSync(env[variable] ?? '', 'utf8'), secrets[secret]?.[key], variable)
  }
  await t.rejects(runOutside(deployment, folder, {}), { message: /^unknown source of volume (tls|token)$/ })
})

t.test('each component is a step, after the components that it needs, and there are no other such steps', async t => {
  const components = await componentNames()
  const titles = (await stepsOf('control-plane', false)).map(({ title }) => title)
  t.strictSame(titles.filter(title => title.startsWith('component ')), components.map(name => `component ${name}`))
  t.equal(titles.at(-1), 'all components together')
  for (const [name, { needs = [], goesAfter = [] }] of Object.entries(trials)) t.strictSame([name, ...needs, ...goesAfter].filter(known => !components.includes(known)), [], name)
})

t.test('the level full has all steps of the other level, and more', async t => {
  const [controlPlane, full] = await Promise.all([stepsOf('control-plane', false), stepsOf('full', true)]).then(levels => levels.map(steps => steps.map(({ title }) => title)))
  const more = ['the image is built and loaded into the nodes', 'real events arrive at the sink', 'the hook is rolled out under load without a SyncError']
  t.strictSame(full?.filter(title => !controlPlane?.includes(title)), more)
  t.strictSame(full?.filter(title => !more.includes(title)), controlPlane)
  t.equal(full?.[0], more[0])
})
