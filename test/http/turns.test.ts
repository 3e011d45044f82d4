import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { Turns } from '../../src/http/turns.js'

t.test('one task in each turn of the event loop, in order', async t => {
  const turns = new Turns()
  const done: number[] = []
  for (let task = 0; task < 3; task++) turns.take(() => done.push(task))
  t.same(done, [])
  for (const expected of [[0], [0, 1], [0, 1, 2], [0, 1, 2]]) {
    await setImmediate()
    t.same(done, expected)
  }
  turns.take(() => done.push(3))
  await setImmediate()
  t.same(done, [0, 1, 2, 3])
})
