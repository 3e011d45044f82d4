import fc from 'fast-check'
import t from 'tap'
import { latest, makeConditions, summarize, type Finding } from '../../src/knative/conditions.js'
import { anyJson, deepJson } from '../kubernetes/any-json.js'
import { runs } from '../soak.js'

const now = new Date('2026-01-02T03:04:05.999Z')
const then = '2025-12-31T23:59:59Z'

const timeOf = (finding: Finding, stored: unknown) => makeConditions({ Ready: finding }, { conditions: [stored] }, now)[0]?.lastTransitionTime

t.test('the time of the last transition is kept unless the status changes', async t => {
  const statuses = ['True', 'False', 'Unknown'] as const
  for (const before of statuses) {
    for (const after of statuses) {
      const stored = { type: 'Ready', status: before, reason: 'Old', message: 'old', lastTransitionTime: then }
      t.equal(timeOf({ status: after, reason: 'New' }, stored), before === after ? then : '2026-01-02T03:04:05Z', `${before} → ${after}`)
    }
  }
})

t.test('an invalid stored condition counts as absent', async t => {
  const odd: unknown[] = [
    undefined, null, 'Ready', {}, [],
    { type: 'Deployed', status: 'True', lastTransitionTime: then },
    { type: 'Ready', status: 'true', lastTransitionTime: then },
    { type: 'Ready', status: true, lastTransitionTime: then },
    { type: 'Ready', status: 'True' },
    { type: 'Ready', status: 'True', lastTransitionTime: '' },
    { type: 'Ready', status: 'True', lastTransitionTime: 'yesterday' },
    { type: 'Ready', status: 'True', lastTransitionTime: '2025-99-99T00:00:00Z' },
    { type: 'Ready', status: 'True', lastTransitionTime: 7 }
  ]
  for (const stored of odd) t.equal(timeOf({ status: 'True' }, stored), '2026-01-02T03:04:05Z', JSON.stringify(stored))
  for (const status of [undefined, null, 'x', { conditions: null }, { conditions: {} }]) {
    t.same(makeConditions({ Ready: { status: 'True' } }, status, now), [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-02T03:04:05Z' }])
  }
  t.equal(timeOf({ status: 'True' }, { type: 'Ready', status: 'True', lastTransitionTime: '2025-12-31T23:59:59.5+01:00' }), '2025-12-31T23:59:59.5+01:00')
})

t.test('a transition has the time of its finding, but never an earlier time than the previous one', async t => {
  const unknown = (lastTransitionTime: string) => ({ type: 'Ready', status: 'Unknown', lastTransitionTime })
  t.equal(timeOf({ status: 'True', since: then }, undefined), then)
  t.equal(timeOf({ status: 'True', since: then }, unknown('2025-12-31T23:59:58Z')), then)
  t.equal(timeOf({ status: 'True', since: then }, unknown('2026-01-01T00:00:00Z')), '2026-01-01T00:00:00Z')
  t.equal(timeOf({ status: 'Unknown', since: then }, unknown('2025-01-01T00:00:00Z')), '2025-01-01T00:00:00Z', 'no transition')
  t.notOk('since' in (makeConditions({ Ready: { status: 'True', since: then } }, undefined, now)[0] as object))
  const made = (stored: unknown, since?: string) => makeConditions({ Ready: { status: 'True', since } }, stored, now, '2025-06-01T00:00:00Z')[0]?.lastTransitionTime
  t.equal(made(undefined), '2025-06-01T00:00:00Z', 'never stored: as old as the object')
  t.equal(made(undefined, then), then)
  t.equal(made({ conditions: [unknown(then)] }), '2026-01-02T03:04:05Z')
})

t.test('the latest of some times', async t => {
  t.equal(latest([]), undefined)
  t.equal(latest([undefined, undefined]), undefined)
  t.equal(latest([undefined, then, undefined]), then)
  t.equal(latest([then, '2026-01-01T01:00:00+02:00']), then, 'in whatever zone')
  t.equal(latest([then, '2026-01-01T00:00:00Z']), '2026-01-01T00:00:00Z')
})

t.test('sorted by type', async t => {
  t.same(makeConditions({ b: { status: 'True' }, C: { status: 'True' }, a: { status: 'True' } }, undefined, now).map(({ type }) => type), ['C', 'a', 'b'])
})

t.test('the sum of conditions', async t => {
  const [yes, no, maybe]: Finding[] = [{ status: 'True' }, { status: 'False', reason: 'No' }, { status: 'Unknown', reason: 'Maybe' }]
  const table: Array<[Array<Finding | undefined>, Finding | undefined]> = [
    [[], yes], [[yes], yes], [[yes, maybe], maybe], [[maybe, no], no], [[no, maybe, yes], no],
    [[yes, maybe, { status: 'Unknown', reason: 'Later' }], maybe], [[maybe, { status: 'False', reason: 'First' }, no], { status: 'False', reason: 'First' }]
  ]
  for (const [findings, expected] of table) t.same(summarize(findings as Finding[]), expected)
})

t.test('conditions are kept until a status changes', async t => {
  const findings = fc.dictionary(fc.constantFrom('Ready', 'Deployed', 'SinkProvided', 'toString'), fc.record<Finding>({
    status: fc.constantFrom('True', 'False', 'Unknown'), reason: fc.constantFrom('A', 'B'), message: fc.string()
  }, { requiredKeys: ['status'] }))
  const later = new Date('2026-01-02T04:00:00Z')
  fc.assert(fc.property(findings, findings, (before, after) => {
    const conditions = makeConditions(before, undefined, now)
    t.strictSame(makeConditions(before, { conditions }, later), conditions)
    for (const { type, status, lastTransitionTime } of makeConditions(after, { conditions }, later)) {
      const isKept = conditions.some(stored => stored.type === type && stored.status === status)
      t.equal(lastTransitionTime, isKept ? '2026-01-02T03:04:05Z' : '2026-01-02T04:00:00Z')
    }
  }), { numRuns: runs(50) })
})

t.test('any stored status can be read', async t => {
  const condition = fc.record({ type: fc.oneof(fc.constant('Ready'), anyJson), status: fc.oneof(fc.constant('True'), anyJson), lastTransitionTime: anyJson }, { requiredKeys: [] })
  const status = fc.oneof(anyJson, fc.record({ conditions: fc.array(fc.oneof(condition, anyJson)) }))
  fc.assert(fc.property(status, stored => {
    const [condition] = makeConditions({ Ready: { status: 'True' } }, stored, now)
    return condition?.lastTransitionTime === '2026-01-02T03:04:05Z'
  }))
  for (const deep of deepJson) t.equal(timeOf({ status: 'True' }, deep), '2026-01-02T03:04:05Z')
})
