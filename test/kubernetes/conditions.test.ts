import t from 'tap'
import { findCondition } from '../../src/kubernetes/conditions.js'

const then = '2025-12-31T23:59:59Z'

t.test('the valid fields of an observed condition are read', async t => {
  const status = { conditions: [1, { type: 'A', status: 'False', reason: 'R', message: 5, lastTransitionTime: then, extra: {} }] }
  t.same(findCondition(status, 'A'), { type: 'A', status: 'False', reason: 'R', lastTransitionTime: then })
  t.equal(findCondition(status, 'B'), undefined)
})

t.test('of several conditions of one type the worst counts, and of equal ones the first', async t => {
  const of = (...statuses: unknown[]) => ({ conditions: statuses.map((status, index) => ({ type: 'A', status, reason: `R${index}` })) })
  const table: Array<[unknown[], 'False' | 'True', string | undefined]> = [
    [['True', 'False'], 'False', 'False R1'], [['False', 'True'], 'False', 'False R0'], [['True', 'Unknown', 'True'], 'False', 'Unknown R1'],
    [['Unknown', 'False', 'False'], 'False', 'False R1'], [['True', 'True'], 'False', 'True R0'], [['True', 'true'], 'False', undefined], [['False', null], 'False', 'False R0'],
    [['False', 'True'], 'True', 'True R1'], [['False', 'Unknown'], 'True', 'Unknown R1'], [['False'], 'True', 'False R0']
  ]
  for (const [statuses, worst, expected] of table) {
    const found = findCondition(of(...statuses), 'A', worst)
    t.equal(found && `${found.status} ${found.reason}`, expected, statuses.join())
  }
})
