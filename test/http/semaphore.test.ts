import { strictEqual, deepStrictEqual, ok } from 'node:assert/strict'
import { setTimeout } from 'node:timers/promises'
import fc from 'fast-check'
import t from 'tap'
import { Semaphore } from '../../src/http/semaphore.js'

/** A semaphore, and who has been let in or sent away so far. */
function startSemaphore (size: number, longestWait = 10_000) {
  const semaphore = new Semaphore(size, longestWait)
  const answers: Array<[name: string, taken: boolean]> = []
  return { answers, acquire: (name: string, weight: number) => semaphore.acquire(weight, taken => { answers.push([name, taken]) }) }
}

t.test('who finds no room waits for it, first come, first served', async t => {
  const { answers, acquire } = startSemaphore(10)
  const a = acquire('a', 6)
  const b = acquire('b', 5)
  const c = acquire('c', 1)
  t.same(answers, [['a', true]], 'c would fit, but b was there before')
  a()
  t.same(answers, [['a', true], ['b', true], ['c', true]])
  const d = acquire('d', 4)
  a()
  const e = acquire('e', 1)
  t.same(answers.slice(3), [['d', true]], 'what has been given back cannot be so again')
  for (const release of [b, c, d, e]) release()
})

t.test('who leaves while he waits is passed over', async t => {
  const { answers, acquire } = startSemaphore(1)
  const a = acquire('a', 1)
  const b = acquire('b', 1)
  const c = acquire('c', 1)
  b()
  t.same(answers, [['a', true]])
  a()
  t.same(answers, [['a', true], ['c', true]])
  c()
})

t.test('more than there is at all is let in alone, and who takes nothing at once', async t => {
  const { answers, acquire } = startSemaphore(10)
  const a = acquire('a', 11)
  const b = acquire('b', 1)
  const c = acquire('c', 0)
  t.same(answers, [['a', true], ['c', true]])
  c()
  a()
  t.same(answers, [['a', true], ['c', true], ['b', true]])
  b()
})

t.test('who has waited too long is sent away', async t => {
  const { answers, acquire } = startSemaphore(10, 50)
  const a = acquire('a', 10)
  acquire('b', 10)
  const c = acquire('c', 1)
  while (answers.length < 3) await setTimeout(5)
  t.same(answers, [['a', true], ['b', false], ['c', false]])
  a()
  c()
  const d = acquire('d', 10)
  await setTimeout(100)
  t.same(answers.slice(3), [['d', true]], 'who is in stays')
  d()
})

t.test('whatever comes and goes, no more is taken than there is, in order, and nobody is forgotten', async t => {
  const size = 10
  fc.assert(fc.property(fc.array(fc.oneof(fc.integer({ min: 0, max: 12 }).map(weight => ({ weight })), fc.nat().map(leaves => ({ leaves }))), { maxLength: 60 }), steps => {
    const semaphore = new Semaphore(size, 10_000)
    const came: Array<{ weight: number, in: boolean, gone: boolean, release: () => void }> = []
    const entered: number[] = []
    const leave = (index: number) => {
      const one = came[index]!
      one.gone = true
      one.release()
    }
    for (const step of steps) {
      if ('weight' in step) {
        const index = came.push({ weight: Math.min(step.weight, size), in: false, gone: false, release: () => {} }) - 1
        came[index]!.release = semaphore.acquire(step.weight, taken => {
          ok(taken && !came[index]!.in && !came[index]!.gone)
          came[index]!.in = true
          if (step.weight > 0) entered.push(index)
        })
      } else if (came.length > 0) leave(step.leaves % came.length)
      const inside = came.filter(one => one.in && !one.gone)
      const free = size - inside.reduce((sum, { weight }) => sum + weight, 0)
      ok(free >= 0)
      const next = came.find(one => !one.in && !one.gone)
      ok(next === undefined || next.weight > free)
    }
    deepStrictEqual(entered, entered.toSorted((one, other) => one - other))
    for (const index of came.keys()) leave(index)
    strictEqual(came.filter(one => !one.in && !one.gone).length, 0)
  }))
})
