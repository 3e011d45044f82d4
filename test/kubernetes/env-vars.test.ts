import t from 'tap'
import { textEnvVar, withoutEmptyValue } from '../../src/kubernetes/env-vars.js'

t.test('a text reaches the container as it is', async t => {
  t.same(textEnvVar('A', 'Ulm'), [{ name: 'A', value: 'Ulm' }])
  t.same(textEnvVar('A', '$(NAME) $5 $$'), [{ name: 'A', value: '$$(NAME) $$5 $$$$' }])
})

t.test('where nothing is asked for there is none', async t => {
  for (const nothing of [undefined, '']) t.same(textEnvVar('A', nothing), [])
})

t.test('an empty value is left out', async t => {
  t.same(withoutEmptyValue({ name: 'A', value: '' }), { name: 'A' })
  t.same(withoutEmptyValue({ name: 'A', value: 'a' }), { name: 'A', value: 'a' })
})
