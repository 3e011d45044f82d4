import t from 'tap'
import { dnsLabelPattern, isDnsSubdomain, isLabelKey, isLabelValue, maxLabelValueLength } from '../../src/kubernetes/names.js'

t.test('DNS subdomain names', async t => {
  for (const name of ['a', 'a-b.c', '0', '0.0', 'a--b', 'a'.repeat(253), `${'a'.repeat(100)}.b`]) t.equal(isDnsSubdomain(name), true, name)
  for (const name of ['', 'A', '-a', 'a-', 'a..b', '.a', 'a.', 'a.-b', 'a-.b', 'a_b', 'a b', 'ä', 'a'.repeat(254), 'a\n', '\na', 'a\nb']) {
    t.equal(isDnsSubdomain(name), false, JSON.stringify(name))
  }
})

t.test('DNS labels', async t => {
  const label = new RegExp(dnsLabelPattern)
  for (const name of ['a', '0', 'a-b', 'a--b']) t.equal(label.test(name), true, name)
  for (const name of ['', 'A', '-a', 'a-', 'a.b', 'a_b', 'a\n', 'a\nb']) t.equal(label.test(name), false, JSON.stringify(name))
})

t.test('patterns that a long name does not stall', async t => {
  for (const name of ['a-'.repeat(126), 'a.'.repeat(126), `${'-'.repeat(252)}a`, `${'a'.repeat(252)}!`]) t.equal(isDnsSubdomain(name), false)
  t.equal(new RegExp(dnsLabelPattern).test(`${'a-'.repeat(50_000)}!`), false)
})

t.test('the longest value of a label', async t => {
  t.equal(maxLabelValueLength, 63)
})

t.test('keys of labels', async t => {
  const most = 'a'.repeat(63)
  for (const key of ['a', 'A', '0', 'a.b_c-D', most, `example.org/${most}`, `${'a'.repeat(253)}/a`]) t.equal(isLabelKey(key), true, key)
  for (const key of ['', '-a', 'a-', '.', '_a', 'a b', 'ä', `${most}a`, 'a\n', '/a', 'a/', 'a/b/c', 'A/b', 'a_b/c', `${'a'.repeat(254)}/a`]) t.equal(isLabelKey(key), false, JSON.stringify(key))
})

t.test('values of labels', async t => {
  for (const value of ['', 'a', 'Z', '1.0', 'a'.repeat(63)]) t.equal(isLabelValue(value), true, value)
  for (const value of [' ', '-', 'a.', 'a/b', 'a b', 'a'.repeat(64), 'a\n']) t.equal(isLabelValue(value), false, JSON.stringify(value))
})
