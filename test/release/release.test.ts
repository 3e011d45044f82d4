import { readFileSync, readdirSync } from 'node:fs'
import t from 'tap'
import { packageName } from '../../src/samplesource/names.js'
import { startHook } from '../loop/desk.js'
import { notesOf } from './changelog.js'
import { makeInstallYaml } from './install-yaml.js'
import { findPins, pinned, setPin, unpinnedActions } from './pins.js'
import { installSimulated } from './simulated-install.js'
import { disagreements, readVersions } from './versions.js'

/* The checks of `npm run release:check`. */

t.test('the versions agree', async t => {
  const places = readVersions()
  t.ok(places.length >= 5)
  t.strictSame(disagreements(places), [])
  t.strictSame(disagreements([{ where: 'one', version: '1.0.0' }, { where: 'two', version: '1.0.1' }, { where: 'three', version: '1.0.0' }]), ['two has the version 1.0.1, one has 1.0.0'])
})

t.test('notes come from the changelog', async t => {
  const changelog = '# Changelog\n\n## [Unreleased]\n- soon\n\n## [1.1.0] - 2026-01-02\n### Added\n- this\n\n## [1.0.0]\n- undated\n\n## [0.9.0] - 2026-01-01\n\n## [0.8.0] - someday\n- x\n'
  t.equal(notesOf(changelog, '1.1.0'), '### Added\n- this')
  for (const version of ['1.0.0', '0.9.0', '0.8.0', '2.0.0', '1.1.', 'Unreleased']) t.equal(notesOf(changelog, version), undefined, version)
})

t.test('pins are found and set', async t => {
  const digest = `sha256:${'a'.repeat(64)}`
  const other = `sha256:${'b'.repeat(64)}`
  const { file, pattern } = pinned[0]!
  const text = `# x\nARG BUILD_BASE=node:24@${digest}\nARG RUN_BASE=r.example/node:24\nFROM x\n`
  const found = findPins(file, pattern, text)
  t.strictSame(found.map(({ image, digest }) => ({ image, digest })), [{ image: 'node:24', digest }, { image: 'r.example/node:24', digest: undefined }])
  t.equal(found.reduce((text, pin) => setPin(text, pin, other), text), `# x\nARG BUILD_BASE=node:24@${other}\nARG RUN_BASE=r.example/node:24@${other}\nFROM x\n`)
  for (const { file, pattern } of pinned) t.not(findPins(file, pattern, readFileSync(file, 'utf8')).length, 0, file)
})

t.test('actions are pinned by a commit', async t => {
  const commit = 'a'.repeat(40)
  t.strictSame(unpinnedActions(`- uses: a/b@${commit} # v1.2.3\n  uses: a/b/c@${commit} # v1.2.3\n- uses: ./here\n`), [])
  t.strictSame(unpinnedActions(`- uses: a/b@v1\n  uses: a/b@${commit}\n`), ['a/b@v1', `a/b@${commit}`])
  for (const file of readdirSync('.github/workflows')) t.strictSame(unpinnedActions(readFileSync(`.github/workflows/${file}`, 'utf8')), [], file)
})

t.test('install.yaml has the image by its digest, and works in the simulated cluster', async t => {
  const image = `registry.example/${packageName}@sha256:${'1'.repeat(64)}`
  const yaml = await makeInstallYaml(image)
  t.match(await installSimulated(yaml, (await startHook(t)).url), { images: [image, image], ready: 'True' })
  const { ready } = await installSimulated(yaml, 'http://127.0.0.1:1')
  t.not(ready, 'True', 'which it does not without a hook')
})
