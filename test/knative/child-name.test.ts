import fc from 'fast-check'
import t from 'tap'
import { childName } from '../../src/knative/child-name.js'

t.test('the same names as kmeta.ChildName', async t => {
  const table: Array<[string, string, string]> = [
    ['asdf', '-deployment', 'asdf-deployment'],
    ['f'.repeat(63), '-deploy', 'ffffffffffffffffffffffff105d7597f637e83cc711605ac3ea4957-deploy'],
    ['f'.repeat(63), 'f'.repeat(63), 'fffffffffffffffffffffffffffffff0502661254f13c89973cb3a83e0cbec0'],
    ['a', '-'.repeat(63), 'a778a582b848770f2247eee12e2145302'],
    ['pingsource-x-', '5f0c8a2e-0c4e-4a57-9c7b-1f2a3b4c5d6e', 'pingsource-x-5f0c8a2e-0c4e-4a57-9c7b-1f2a3b4c5d6e'],
    [`pingsource-${'n'.repeat(40)}-`, '5f0c8a2e-0c4e-4a57-9c7b-1f2a3b4c5d6e', 'pingsource-nnnnnnnnnnnnnnnnnnnn27f86b46d600897b98ce57d070fd2eb9'],
    ['p'.repeat(40), 's'.repeat(30), 'p92d2a910411dfdc344478c1a890a7a4fssssssssssssssssssssssssssssss'],
    ['p'.repeat(40), 's'.repeat(31), 'ppppppppppppppppppppppppppppppp4dec4047846210fb3f85bc241e72a1a5'],
    ['a'.repeat(27), '5f0c8a2e-0c4e-4a57-9c7b-1f2a3b4c5d6e', 'aaaaaaaaaaaaaaaaaaaaaaaaaaa5f0c8a2e-0c4e-4a57-9c7b-1f2a3b4c5d6e'],
    ['a'.repeat(28), '5f0c8a2e-0c4e-4a57-9c7b-1f2a3b4c5d6e', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaac8c063e1d4dc7633fb3aba66685249f35f0'],
    ['a'.repeat(34), '-suffix-of-thirty-letters-----', 'a4c660346451b8cf91ef50f4634458d41-suffix-of-thirty-letters-----'],
    ['', '', '']
  ]
  for (const [parent, suffix, expected] of table) t.equal(childName(parent, suffix), expected, `${parent} + ${suffix}`)
})

t.test('at most 63 characters, and different for different parents', async t => {
  const name = fc.stringMatching(/^[a-z0-9.-]{1,253}$/)
  fc.assert(fc.property(name, name, fc.uuid(), (one, other, uid) => {
    return childName(one, uid).length <= 63 && (one === other || childName(`${one}-`, uid) !== childName(`${other}-`, uid))
  }))
})
