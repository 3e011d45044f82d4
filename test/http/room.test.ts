import { ok, strictEqual } from 'node:assert/strict'
import { setTimeout } from 'node:timers/promises'
import fc from 'fast-check'
import t from 'tap'
import { Room, type Place } from '../../src/http/room.js'

/** A room, and the requests that were accepted or refused so far. */
function openRoom (size: number, longestWait = 10_000) {
  const room = new Room(size, longestWait)
  const answers: string[] = []
  return {
    room,
    answers,
    enter: (name: string, weight: number, caller = 'caller') => room.enter(caller, weight, entered => { answers.push(entered ? name : `no ${name}`) })
  }
}

t.test('requests without room wait: the smallest is next, then the one that came first', async t => {
  const { room, answers, enter } = openRoom(10)
  const a = enter('a', 10)
  t.notOk(room.isWaitedFor)
  const places = [enter('b', 5), enter('c', 4), enter('d', 5), enter('e', 1)]
  t.ok(room.isWaitedFor)
  t.same(answers, ['a'])
  a.leave()
  t.same(answers, ['a', 'e', 'c', 'b'])
  a.leave()
  t.same(answers.length, 4, 'room cannot be returned twice')
  places[3]!.leave()
  t.same(answers.at(-1), 'b')
  places[1]!.leave()
  t.same(answers.at(-1), 'd')
  t.notOk(room.isWaitedFor)
})

t.test('the caller that has taken the least is next, and no other overtakes it', async t => {
  const { answers, enter } = openRoom(10)
  const first = enter('a1', 6, 'a')
  const second = enter('a2', 4, 'a')
  enter('a3', 1, 'a')
  const other = enter('b1', 8, 'b')
  second.leave()
  t.same(answers, ['a1', 'a2'], 'a3 would fit')
  first.leave()
  t.same(answers, ['a1', 'a2', 'a3', 'b1'], 'now both have taken nothing')
  enter('a4', 1, 'a')
  enter('b2', 1, 'b')
  t.same(answers.slice(4), ['a4'])
  other.leave()
  t.same(answers.slice(4), ['a4', 'b2'])
})

t.test('part of the room can be returned', async t => {
  const { answers, enter } = openRoom(10)
  const a = enter('a', 10)
  enter('b', 6)
  a.shrinkTo(5)
  t.same(answers, ['a'])
  a.shrinkTo(20)
  t.same(answers, ['a'], 'it does not grow')
  a.shrinkTo(4)
  t.same(answers, ['a', 'b'])
  enter('c', 4)
  a.shrinkTo(0)
  t.same(answers, ['a', 'b', 'c'])
  a.leave()
})

t.test('a request that leaves while it waits is skipped', async t => {
  const { answers, enter } = openRoom(1)
  const a = enter('a', 1)
  const b = enter('b', 1)
  enter('c', 1)
  b.leave()
  t.same(answers, ['a'])
  a.leave()
  t.same(answers, ['a', 'c'])
})

t.test('a request for more than all room is accepted alone', async t => {
  const { answers, enter } = openRoom(10)
  const a = enter('a', 11)
  enter('b', 1)
  t.same(answers, ['a'])
  a.leave()
  t.same(answers, ['a', 'b'])
})

t.test('a request that has waited too long is refused', async t => {
  const { answers, enter } = openRoom(10, 50)
  const a = enter('a', 10)
  enter('b', 10)
  const c = enter('c', 1)
  while (answers.length < 3) await setTimeout(5)
  t.same(answers.toSorted(), ['a', 'no b', 'no c'])
  a.leave()
  c.leave()
  const d = enter('d', 10)
  await setTimeout(100)
  t.same(answers.slice(3), ['d'], 'an accepted request stays')
  d.leave()
})

t.test('in any order of requests, the room is never exceeded, the next request never waits without need, and none is forgotten', async t => {
  const size = 10
  interface Guest { caller: string, weight: number, held: number, in: boolean, gone: boolean, place: Place }
  const step = fc.oneof(
    fc.record({ caller: fc.constantFrom('a', 'b', 'c'), weight: fc.integer({ min: 1, max: 12 }) }),
    fc.record({ guest: fc.nat(), shrinkTo: fc.option(fc.integer({ min: 0, max: 12 })) })
  )
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), steps => {
    const room = new Room(size, 10_000)
    const guests: Guest[] = []
    const taken = (caller?: string) => guests.filter(guest => guest.in && (caller ?? guest.caller) === guest.caller).reduce((sum, { held }) => sum + held, 0)
    const leave = (guest: Guest) => {
      guest.gone = true
      guest.held = 0
      guest.place.leave()
    }
    for (const step of steps) {
      if ('weight' in step) {
        const guest: Guest = { caller: step.caller, weight: Math.min(step.weight, size), held: 0, in: false, gone: false, place: { leave () {}, shrinkTo () {} } }
        guests.push(guest)
        guest.place = room.enter(step.caller, step.weight, entered => {
          ok(entered && !guest.in && !guest.gone)
          guest.in = true
          guest.held = guest.weight
        })
      } else if (guests.length > 0) {
        const guest = guests[step.guest % guests.length] as Guest
        if (step.shrinkTo === null) leave(guest)
        else {
          guest.held = Math.min(guest.held, step.shrinkTo)
          guest.place.shrinkTo(step.shrinkTo)
        }
      }
      ok(taken() <= size)
      const waiting = guests.filter(guest => !guest.in && !guest.gone)
      strictEqual(room.isWaitedFor, waiting.length > 0)
      const [next] = waiting.toSorted((one, other) => taken(one.caller) - taken(other.caller) || one.weight - other.weight)
      ok(next === undefined || taken() + next.weight > size)
    }
    for (const guest of guests) leave(guest)
    ok(guests.every(guest => guest.in || guest.gone) && !room.isWaitedFor)
  }))
})
