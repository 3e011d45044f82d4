import t from 'tap'
import { findCondition } from '../../src/kubernetes/conditions.js'

const then = '2025-12-31T23:59:59Z'

t.test('an observed condition is read with what can be used of it', async t => {
  const status = { conditions: [1, { type: 'A', status: 'False', reason: 'R', message: 5, lastTransitionTime: then, extra: {} }] }
  t.same(findCondition(status, 'A'), { type: 'A', status: 'False', reason: 'R', lastTransitionTime: then })
  t.equal(findCondition(status, 'B'), undefined)
})
