import { readFile, readdir } from 'node:fs/promises'
import t from 'tap'
import { fixtureSettings, fixturesFolder, readFixtures, requestFile } from '../fixtures.js'
import { caseNames, caseOf } from './cases.js'
import { Recorder } from './recorder.js'
import { tellStories } from './stories.js'

const fixtures = readFixtures()
const fixture = (name: string) => structuredClone(fixtures.find(fixture => fixture.name === name)!)
const source = fixture('ready').request.parent.metadata.name

t.test('the stories have all cases, and are the same each time: run `npm run fixtures`', async t => {
  const recorder = await tellStories()
  t.same(recorder.missing, [])
  const folder = t.testdir()
  t.equal(await recorder.write(folder), caseNames.length)
  t.same((await readdir(folder)).sort(), (await readdir(fixturesFolder)).sort())
  for (const name of caseNames) {
    for (const file of ['request.json', 'response.json']) {
      t.equal(await readFile(`${folder}/${name}/${file}`, 'utf8'), await readFile(`${fixturesFolder}/${name}/${file}`, 'utf8'), `${name}/${file}`)
    }
  }
})

t.test('a case is recognized by the request and the answer', async t => {
  for (const { name, ...exchange } of fixtures) t.equal(caseOf(exchange), name)
  const { request, response } = fixture('ready')
  t.equal(caseOf({ request: { ...request, parent: { ...request.parent, metadata: { ...request.parent.metadata, generation: 2 } } }, response }), undefined, 'ready, and not its first spec')
  t.equal(caseOf({ request: { ...fixture('create').request, controller: {} }, response }), undefined, 'new, of the hook version v1')
  for (const strange of [null, 7, {}, { parent: [], children: null }]) t.equal(caseOf({ request: strange, response: strange }), undefined)
})

t.test('the last exchange at rest of each case is kept, or else the first', async t => {
  const folder = t.testdir({ ready: { 'request.json': 'before', 'response.json': 'before' } })
  const recorder = new Recorder(source)
  const changed = (name: string, mark: string, generation?: number) => {
    const { request, response } = fixture(name)
    return { request: { ...request, mark }, response: generation === undefined ? response : { ...response, status: { ...response.status, observedGeneration: generation } } }
  }
  recorder.take(changed('spec-changed', 'first'))
  recorder.take(changed('spec-changed', 'second'))
  recorder.take(changed('invalid-spec', 'passing', 100))
  recorder.take(changed('invalid-spec', 'at rest'))
  recorder.take(changed('invalid-spec', 'at rest later'))
  recorder.take(changed('invalid-spec', 'passing again', 100))
  const { request, response } = fixture('create')
  recorder.take({ request: { ...request, parent: { ...request.parent, metadata: { ...request.parent.metadata, name: 'another' } } }, response })
  t.ok(recorder.has('spec-changed'))
  t.notOk(recorder.has('create'), 'of another source')
  t.same(recorder.missing, caseNames.filter(name => !['spec-changed', 'invalid-spec'].includes(name)))

  t.equal(await recorder.write(folder, [fixtureSettings().receiveAdapterImage, 'other:2']), 2)
  t.match(await readFile(`${folder}/invalid-spec/request.json`, 'utf8'), '"image": "other:2"')
  const mark = async (name: string) => JSON.parse(await readFile(`${folder}/${name}/request.json`, 'utf8')).mark
  t.equal(await mark('spec-changed'), 'first')
  t.equal(await mark('invalid-spec'), 'at rest later')
  t.equal(await readFile(`${folder}/ready/request.json`, 'utf8'), 'before', 'what was not seen stays')
})

t.test('docs/design.md describes each case', async t => {
  const page = await readFile('docs/design.md', 'utf8')
  for (const name of caseNames) t.match(page, `\n| \`${name}\` | `)
  t.match(page, requestFile('create'))
})
