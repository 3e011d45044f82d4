import fc from 'fast-check'
import t from 'tap'
import { escapeReferences, storedEnvVar, textEnvVar, unescapeReferences, type EnvVar } from '../../src/kubernetes/env-vars.js'
import { environmentOf } from '../harness/pod-environment.js'

t.test('a text reaches the container unchanged', async t => {
  t.same(textEnvVar('A', 'Ulm'), [{ name: 'A', value: 'Ulm' }])
  t.same(textEnvVar('A', '$(NAME) $5 $$'), [{ name: 'A', value: '$$(NAME) $$5 $$$$' }])
  t.same([7, 0, false].flatMap(value => textEnvVar('A', value)), ['7', '0', 'false'].map(value => ({ name: 'A', value })))
  const text = fc.array(fc.constantFrom('$', '(', ')', 'NAME', 'x', '$(NAME)', '$$'), { minLength: 1 }).map(parts => parts.join(''))
  fc.assert(fc.property(text, text => {
    const env = [...textEnvVar('NAME', 'other'), ...textEnvVar('A', text)]
    const { A } = environmentOf({ name: 'any', env }, { metadata: { name: 'any' } })
    return A === text && unescapeReferences(escapeReferences(text)) === text
  }))
})

t.test('there is none if nothing is asked for', async t => {
  for (const nothing of [undefined, '']) t.same(textEnvVar('A', nothing), [])
})

t.test('stored values stay unchanged', async t => {
  t.same(storedEnvVar('A', '$$(NAME)'), { name: 'A', value: '$$(NAME)' })
  t.strictSame(storedEnvVar('A', undefined), { name: 'A' })
})

t.test('a text without escapes is not a value', async t => {
  // Does not compile if it is one.
  const isValue: { name: string, value: string } extends EnvVar ? true : false = false
  t.notOk(isValue)
})
