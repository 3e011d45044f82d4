import { Gauge, Registry } from 'prom-client'
import t from 'tap'
import { makeRendering } from '../../src/ops/rendering.js'

/** A registry that counts its renderings, with a clock that the test sets. */
function makeRegistry () {
  const registry = new Registry()
  const state = { now: 0, renderings: 0, broken: false }
  const gauge: Gauge = new Gauge({
    registers: [registry],
    name: 'renderings',
    help: 'How often it has been rendered.',
    collect: async () => {
      state.renderings++
      await new Promise(resolve => setTimeout(resolve, 20))
      if (state.broken) throw new Error('broken')
      gauge.set(state.renderings)
    }
  })
  return { state, render: makeRendering(registry, () => state.now) }
}

t.test('a rendering is used for a second after it is done', async t => {
  const { state, render } = makeRegistry()
  const asked = render()
  state.now = 5_000
  t.match(await asked, /^renderings 1$/m)
  state.now = 5_999
  t.equal(await render(), await asked)
  state.now = 6_000
  t.match(await render(), /^renderings 2$/m)
})

t.test('a request during a rendering waits for it', async t => {
  const { state, render } = makeRegistry()
  const texts = await Promise.all(Array.from({ length: 1_000 }, async () => await render()))
  t.equal(new Set(texts).size, 1)
  t.equal(state.renderings, 1)
})

t.test('a failed rendering is not kept', async t => {
  const { state, render } = makeRegistry()
  state.broken = true
  await Promise.all([t.rejects(render(), { message: 'broken' }), t.rejects(render(), { message: 'broken' })])
  t.equal(state.renderings, 1)
  state.broken = false
  t.match(await render(), /^renderings 2$/m)
})
