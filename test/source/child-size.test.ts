import t from 'tap'
import { textEnvVar, type EnvVar } from '../../src/kubernetes/env-vars.js'
import { validateSize } from '../../src/source/child-size.js'
import { goJson } from '../harness/json.js'

const child = (text: string) => ({ apiVersion: 'v1', kind: 'Widget', metadata: { name: 'a' }, text })
const problemsOf = (child: Parameters<typeof validateSize>[0]) => validateSize(child).map(({ path, message }) => `${path}: ${message}`)

t.test('Metacontroller\'s annotation of a child is limited, as Go writes it', async t => {
  const room = 245_760 - goJson(child('')).length
  for (const [character, bytes] of [['x', 1], ['é', 2], ['"', 2], ['\n', 2], ['<', 6], ['&', 6], ['\u2028', 6], ['€', 3]] as const) {
    const count = Math.floor(room / bytes)
    t.same(problemsOf(child(character.repeat(count))), [], character)
    const tooMuch = child(character.repeat(count + 1))
    t.same(problemsOf(tooMuch), [`Widget: expected at most 245760 bytes as JSON, for an annotation of it, got ${Buffer.byteLength(goJson(tooMuch))}`], character)
  }
})

t.test('so is each env var, as the process gets it', async t => {
  const withEnv = (...env: EnvVar[]) => ({ ...child(''), spec: { template: { spec: { containers: [{ name: 'without' }, { env }] } } } })
  const city = (length: number, character = 'x') => withEnv(...textEnvVar('CITY', character.repeat(length)), { name: 'NAME', valueFrom: {} })
  t.same(problemsOf(city(131_066)), [])
  t.same(problemsOf(city(131_067)), ['Widget: expected at most 131072 bytes in the environment variable CITY, got 131073'])
  t.match(problemsOf(city(131_066, '$')), [/as JSON/], 'escaped it is twice as long')
  t.same(problemsOf(city(43_689, '€')), ['Widget: expected at most 131072 bytes in the environment variable CITY, got 131073'])
})
