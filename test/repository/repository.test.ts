import { existsSync, readFileSync } from 'node:fs'
import t from 'tap'
import { packageName } from '../../src/samplesource/names.js'

/* What a newcomer looks at first: the owner, the license, the changes, and whom to contact. */

interface Package {
  name: string
  version: string
  license: string
  author: string
  repository: { type: string, url: string }
  bugs: string
  homepage: string
  keywords: string[]
  dependencies: Record<string, string>
  optionalDependencies: Record<string, string>
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Package

t.test('package.json has the author and the addresses', async t => {
  t.match(manifest, { name: packageName, license: 'Apache-2.0', author: /^The \S+ authors$/, repository: { type: 'git' } })
  const address = /^git\+(https:\/\/\S+)\.git$/.exec(manifest.repository.url)?.[1]
  t.equal(manifest.bugs, `${address}/issues`)
  t.equal(manifest.homepage, `${address}#readme`)
  t.ok(manifest.keywords.includes('knative'))
})

t.test('the address is only there', async t => {
  const address = /\/\/(\S+)\.git$/.exec(manifest.repository.url)![1]!
  for (const file of ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', 'CODE_OF_CONDUCT.md', 'Dockerfile', 'manifests/kustomization.yaml']) {
    t.notOk(readFileSync(file, 'utf8').includes(address), file)
  }
})

t.test('the license has a holder', async t => {
  const license = readFileSync('LICENSE', 'utf8')
  t.match(license, /^ {3}Copyright \d{4} The \S+ authors$/m)
  t.notMatch(license, /\[yyyy\]|\[name of copyright owner\]/)
})

t.test('the changelog is kept', async t => {
  const [title, ...sections] = readFileSync('CHANGELOG.md', 'utf8').split(/^(?=## )/m)
  t.match(title, /^# Changelog\n/)
  t.match(sections[0], /^## \[Unreleased\]\n/, 'what comes next is first')
  for (const section of sections.slice(1)) t.match(section, /^## \[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d\n/)
  for (const section of sections) {
    for (const [, kind] of section.matchAll(/^### (.*)/gm)) t.ok(['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security'].includes(kind!), kind!)
  }
})

t.test('there are a code of conduct and a security policy', async t => {
  t.match(readFileSync('SECURITY.md', 'utf8'), /Report a vulnerability/)
  t.match(readFileSync('CODE_OF_CONDUCT.md', 'utf8'), /Contributor Covenant, version 2\.1/)
})

t.test('editors and version managers are configured', async t => {
  t.match(readFileSync('.editorconfig', 'utf8'), /^root = true\n/)
  const wanted = readFileSync('.nvmrc', 'utf8').trim()
  t.match(readFileSync('Dockerfile', 'utf8'), new RegExp(`/nodejs${wanted}-`), 'the Node of the image')
})

t.test('packages that only tests need are development dependencies', async t => {
  t.strictSame(Object.keys(manifest.optionalDependencies), ['pino-pretty'])
  t.ok(existsSync('test/manifests/kustomize/package.json'))
})

t.test('a signal for npm reaches the programs that run for long: the shell gives way to them', async t => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }
  for (const name of ['start', 'dev', 'demo', 'simulate', 'e2e', 'bench', 'bench:adapter']) t.match(scripts[name], /(^|&& )exec \S+ [^&]+$/, name)
})
