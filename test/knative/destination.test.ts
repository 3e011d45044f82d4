import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import t from 'tap'
import { validateDestination, withDefaults } from '../../src/knative/destination.js'
import { anyJson, deepJson } from '../kubernetes/any-json.js'
import { runs } from '../soak.js'

const ref = { apiVersion: 'v1', kind: 'Service', name: 'a' }
const pathsOf = (destination: unknown) => validateDestination(destination).map(({ path }) => path)

t.test('a URI alone must be absolute and have a host', async t => {
  for (const uri of ['http://x', 'https://a.b:8080/p?q=1#f', 'ftp://h', 'http://u:p%20@h', 'http://[::1]/', 'http://ü/', 'http://x/a b']) {
    t.same(pathsOf({ uri }), [], uri)
  }
  for (const uri of ['x', '/x', '//x/y', 'http:x', 'http:/x', 'http:///x', 'http://', 'http://:80', 'mailto:a@b', 'http://x/%zz', 'http://%41/', 'http://a{b/',
    'http://a\\b', 'http://x:port', 'http://a}b@x', 'http://x:99999', 'http://x/\n', 'http:// x', 'http://[::1', '1a:b']) {
    t.same(pathsOf({ uri }), ['uri'], uri)
  }
})

t.test('a URI with a ref must be relative', async t => {
  for (const uri of ['/x', 'x/y', '?q=a:b', './a:b', '//host/p', '#f', '']) t.same(pathsOf({ ref, uri }), [], uri)
  for (const uri of ['http://x', 'mailto:a', 'a:b', '1a:b', '1a://x', '://x', ':b', 'a:b/c', '/%zz', '/\u0000', '//x:port', '//x%41', '//a{b/', '//a}b@x', '//[::1']) t.same(pathsOf({ ref, uri }), ['uri'], uri)
})

t.test('ref and uri', async t => {
  t.same(pathsOf({ ref }), [])
  t.same(pathsOf({}), [''])
  t.same(pathsOf({ uri: '' }), [''])
  t.same(pathsOf({ ref: { apiVersion: '', kind: '', name: '' } }), ['ref.apiVersion', 'ref.kind', 'ref.name'])
  for (const odd of [undefined, null, 'x', []]) t.same(pathsOf(odd), [], 'the schema reports these')
  t.same(pathsOf({ ref: null, uri: 7, CACerts: {} }), [])
})

t.test('CACerts', async t => {
  const dir = t.testdir({})
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', '/CN=ca', '-keyout', `${dir}/key`, '-out', `${dir}/cert`], { stdio: 'ignore' })
  const [pem, key] = ['cert', 'key'].map(file => execFileSync('cat', [`${dir}/${file}`], { encoding: 'utf8' })) as [string, string]
  for (const CACerts of [pem, pem + pem, pem + key, `# comment\n${pem}`, pem.replace(/\n/g, '\r\n'), pem.trim(), '']) t.same(pathsOf({ ref, CACerts }), [])
  for (const CACerts of ['x', ' ', key, key + pem, pem.replaceAll('CERTIFICATE', 'X509 CERTIFICATE') + pem, pem.replace(/\n/g, ' '), pem.slice(0, 100), pem.replace(/M/g, '!')]) t.same(pathsOf({ ref, CACerts }), ['CACerts'])
  const withHeader = pem.replace('-----\n', '-----\nProc-Type: 4,CLEAR\n\n')
  t.same(pathsOf({ ref, CACerts: withHeader }), ['CACerts'], 'the adapter could not read it')
  const messageOf = (CACerts: string) => validateDestination({ ref, CACerts }).map(({ message }) => message)
  t.same(messageOf(`${pem}\0`), ['expected no NUL character: no environment variable can have one'])
  t.same(messageOf(pem + 'x'.repeat(65_536 - pem.length)), [])
  t.same(messageOf(pem + 'é'.repeat(32_768)), [`expected at most 65536 bytes, got ${65_536 + pem.length}`])
})

t.test('defaults: the namespace is filled in, empty and unknown fields are left out', async t => {
  t.same(withDefaults({ ref }, 'n'), { ref: { ...ref, namespace: 'n' } })
  t.same(withDefaults({ ref: { ...ref, namespace: '' }, uri: '', CACerts: '', audience: '' }, 'n'), { ref: { ...ref, namespace: 'n' } })
  t.same(withDefaults({ ref: { ...ref, namespace: 'm' }, uri: '/x', CACerts: 'c', audience: 'a' }, 'n'), { ref: { ...ref, namespace: 'm' }, uri: '/x', CACerts: 'c', audience: 'a' })
  t.same(withDefaults({ uri: 'http://x', other: 1 } as object, 'n'), { uri: 'http://x' })
})

t.test('any JSON can be validated', async t => {
  const destination = fc.record({ ref: anyJson, uri: fc.oneof(fc.webUrl(), fc.string(), anyJson), CACerts: anyJson, audience: anyJson }, { requiredKeys: [] })
  fc.assert(fc.property(fc.oneof(destination, anyJson), value => {
    return validateDestination(value).every(({ path, message }) => /^(|uri|CACerts|ref\.(apiVersion|kind|name))$/.test(path) && !message.includes('\n'))
  }), { numRuns: runs(1000) })
  for (const deep of deepJson) t.ok(Array.isArray(validateDestination(deep)))
})
