import t from 'tap'
import { makeClock } from '../../src/adapter/clock.js'
import { millisecond, second } from './fake-clock.js'

const never = new AbortController().signal

t.test('waits as long as it takes, never less', async t => {
  const clock = makeClock()
  for (const duration of [0n, 300_000n, millisecond, 3n * millisecond / 2n, 20n * millisecond]) {
    const until = clock.now() + duration
    await clock.wait(until, never)
    t.ok(clock.now() >= until, `${duration} ns`)
  }
})

t.test('waits longer than setTimeout can, in pieces', async t => {
  let now = 0n
  const pieces: number[] = []
  const clock = makeClock(() => now, async milliseconds => {
    pieces.push(milliseconds)
    now += BigInt(milliseconds) * millisecond
  })
  const sixtyDays = 60n * 24n * 3600n * second
  await clock.wait(sixtyDays, never)
  t.equal(now, sixtyDays)
  t.same(pieces, [2_147_483_647, 2_147_483_647, 889_032_706])
})

t.test('the rest of a millisecond is not slept, because that would be a whole one', async t => {
  let now = 0n
  const pieces: number[] = []
  const clock = makeClock(() => { now += 100_000n; return now }, async milliseconds => { pieces.push(milliseconds) })
  await clock.wait(900_000n, never)
  t.same(pieces, [])
  t.equal(now, 900_000n)
})

t.test('goes on waiting if a timer fires too early', async t => {
  let now = 0n
  const pieces: number[] = []
  const clock = makeClock(() => now, async milliseconds => {
    pieces.push(milliseconds)
    now += BigInt(milliseconds === 1000 ? 600 : milliseconds) * millisecond
  })
  await clock.wait(second, never)
  t.same(pieces, [1000, 400])
})

t.test('a real wait beyond what setTimeout takes does not end at once, and ends when it is aborted', async t => {
  const abort = new AbortController()
  const clock = makeClock()
  let ended = false
  const waiting = clock.wait(clock.now() + 1_000n * 3600n * second, abort.signal).then(() => { ended = true })
  await new Promise(resolve => setTimeout(resolve, 50))
  t.equal(ended, false)
  abort.abort()
  await waiting
  await clock.wait(clock.now() + second, abort.signal)
  t.equal(ended, true)
})
