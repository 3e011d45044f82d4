import { mock } from 'node:test'
import t, { type Test } from 'tap'
import type { FakeCall } from '../harness/fake-hook.js'
import { lineOfStep } from './json-lines.js'
import type { Simulation } from './simulate.js'
import { Story } from './story.js'
import { configMap, simulateThing, thingController } from './things.js'

/** Simulates a Thing and returns the lines that the command prints. */
async function storyOf (t: Test, answer: (call: FakeCall) => unknown, options: Partial<Simulation> = {}): Promise<string[]> {
  const log = mock.method(console, 'log', () => {})
  t.teardown(() => log.mock.restore())
  const story = new Story()
  const outcome = await simulateThing(t, answer, { ...options, onStage: story.onStage, onStep: story.onStep })
  story.onOutcome(outcome, [])
  return log.mock.calls.map(({ arguments: [line] }) => String(line ?? ''))
}

// In one test, so that they follow each other: each catches what this process prints.
t.test('the story', async t => {
  t.test('what goes on without end is printed a few times', async t => {
    let count = 0
    const lines = await storyOf(t, () => ({ status: {}, children: [configMap({}, `c-${count++}`)] }))
    t.equal(lines.filter(line => /^ {3}created ConfigMap default\/c-/.test(line)).length, 20)
    t.equal(lines.filter(line => line === '   … and so on').length, 1)
  })

  t.test('of long values, the part in which they differ is printed', async t => {
    let count = 0
    const lines = await storyOf(t, () => ({ status: { text: `${'x'.repeat(100)}${count++}${'y'.repeat(100)}` }, children: [] }))
    const [, was, is] = /status\.text: was (.*), is (.*?) It did not/.exec(lines.join(' ').replaceAll(/\s+/g, ' ')) ?? []
    for (const value of [was, is]) t.match(value, /^…x{5,}\d+y+…$/)
    t.not(was, is)
  })

  t.test('also of two that differ only at their end', async t => {
    let count = 0
    const lines = await storyOf(t, () => ({ status: { text: 'x'.repeat(100 + count++ % 2) }, children: [] }))
    const [, was, is] = /status\.text: was (\S+), is (\S+) /.exec(lines.join(' ').replaceAll(/\s+/g, ' ')) ?? []
    t.same(new Set([was, is]), new Set([`…${'x'.repeat(10)}"`, `…${'x'.repeat(11)}"`]))
  })

  t.test('the calls of the customize hook are counted', async t => {
    const lines = await storyOf(t, ({ path }) => path === '/sync' ? { status: {} } : { relatedResources: [] }, { controller: thingController(['sync', 'customize']) })
    t.match(lines.join(' '), /Metacontroller called the hook \d+ times, and the customize hook once\. It\s+wrote:/)
  })

  t.test('a line of JSON has only fields that have changed', async t => {
    const lines: any[] = []
    let count = 0
    await simulateThing(t, () => ({ status: {}, children: [configMap({ count: String(count++) })] }), { onStep: step => lines.push(JSON.parse(lineOfStep(step))) })
    const moves = lines.flatMap(({ moves = [] }) => moves)
    t.ok(moves.length > 0)
    t.same(moves.filter(move => !('was' in move) && !('is' in move)), [])
    t.same(moves.filter(({ path }) => path.includes('last-applied')), [])
  })
})
