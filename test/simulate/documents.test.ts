import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import t from 'tap'
import { readObjects } from './documents.js'
import { makeFolder } from '../folder.js'

const cwd = makeFolder(t, 'simulate')

const read = async (name: string, stdin = '') => await readObjects(name, { cwd, stdin: Readable.from([stdin], { objectMode: false }) })
const named = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\n`

function write (name: string, content: string | Buffer): void {
  writeFileSync(join(cwd, name), content)
}

t.test('YAML is read as the render command reads it', async t => {
  const [first, second] = await read('-', 'base: &base {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\ndata: {country: no}\n---\napiVersion: v1\nkind: WidgetList\nitems: [{metadata: {name: c}}]\n')
  t.match(first, { file: 'standard input', object: { metadata: { name: 'b' }, data: { country: false } } })
  t.strictSame(second?.object, { apiVersion: 'v1', kind: 'Widget', metadata: { name: 'c' } })
})

t.test('documents, lists and standard input are read; kustomizations are left out', async t => {
  const flux = 'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: d}\n'
  const list = `apiVersion: v1\nkind: List\nitems: [{ apiVersion: v1, kind: ConfigMapList, items: [${JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } })}] }]`
  const objects = await read('-', `${named('a')}---\n# nothing\n---\n${named('b')}---\n${list}\n---\napiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n---\n${flux}`)
  t.same(objects.map(({ object }) => object.metadata.name), ['a', 'b', 'c', 'd'])
  t.same(await read('-', ''), [])
})

t.test('a folder is read by the names of its files', async t => {
  mkdirSync(join(cwd, 'folder'))
  write('folder/b.yml', named('b'))
  write('folder/a.json', JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }))
  write('folder/README.md', '# x')
  t.same((await read('folder')).map(({ file, object }) => [file, object.metadata.name]), [['folder/a.json', 'a'], ['folder/b.yml', 'b']])
  mkdirSync(join(cwd, 'empty'))
  await t.rejects(read('empty'), { message: 'empty: no file in it ends in .yaml, .yml or .json' })
})

t.test('so are those without apiVersion and kind, and components, in files with the names that kustomize knows', async t => {
  mkdirSync(join(cwd, 'kustomized'))
  write('kustomized/a.yaml', named('a'))
  write('kustomized/kustomization.yaml', 'resources: [a.yaml]\n')
  write('kustomized/kustomization.yml', 'kind: Component\n')
  write('kustomized/component.yaml', 'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n')
  write('kustomized/Kustomization', 'resources: [a.yaml]\n')
  t.same((await read('kustomized')).map(({ object }) => object.metadata.name), ['a'])
  t.same(await read('kustomized/Kustomization'), [])
  write('kustomized/kustomization.yaml', named('b'))
  t.same((await read('kustomized')).map(({ object }) => object.metadata.name), ['a', 'b'], 'an object of Kubernetes is one in any file')
  write('kustomized/kustomization.yml', 'kind: ConfigMap\n')
  await t.rejects(read('kustomized'), { message: 'kustomized/kustomization.yml: not an object of Kubernetes: apiVersion and kind are required' })
  write('kustomized/kustomization.yml', '')
  write('kustomized/other.yaml', 'resources: [a.yaml]\n')
  await t.rejects(read('kustomized'), { message: 'kustomized/other.yaml: not an object of Kubernetes: apiVersion and kind are required' })
})

const faulty: Array<[content: string | Buffer, message: string | RegExp]> = [
  [Buffer.from([0xc0, 0x00]), 'faulty: neither YAML nor JSON, but binary'],
  ['a: [', /^faulty: [^\n]+ at line 1, column 5$/],
  ['a: 1\na: 2', 'faulty: duplicate key "a" at line 2, column 1'],
  ['just a text', 'faulty: not an object of Kubernetes: apiVersion and kind are required'],
  ['apiVersion: v1\nkind: List\nitems: [null]', 'faulty: not an object of Kubernetes: apiVersion and kind are required'],
  ['apiVersion: v1\nkind: ConfigMap', 'faulty: ConfigMap: metadata.name is required']
]
for (const [content, message] of faulty) {
  t.test(`${String(message)} is reported in one line`, async t => {
    write('faulty', content)
    await t.rejects(read('faulty'), { message })
  })
}

t.test('an empty namespace is none', async t => {
  t.strictSame(await read('-', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: ""}'), [{ file: 'standard input', object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } } }])
})

t.test('a missing file is named', async t => {
  await t.rejects(read('absent.yaml'), { message: 'absent.yaml: no such file or directory' })
})
