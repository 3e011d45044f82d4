import { Value } from '@sinclair/typebox/value'
import t from 'tap'
import { arrayAt, isObject, valueAt, type JsonObject } from '../../src/kubernetes/object.js'
import { makeHooks } from '../../src/samplesource/hooks.js'
import { readFixtures } from '../fixtures.js'
import { hostileJson } from '../kubernetes/any-json.js'
import { isSoak } from '../soak.js'
import { now, settings } from './source.js'

/*
 * Whatever a field holds in what Metacontroller sends, the hooks answer, unless the request is refused. The API server
 * checks the fields of its objects; nobody checks those of other callers.
 */

const hooks = makeHooks(settings)

/** Fields that a child of a fixture does not have, and that concern the hook: they exclude fields that it has. */
const added: Record<string, (value: unknown) => unknown> = {
  progressDeadlineSeconds: value => value,
  localhostProfile: value => value,
  capabilities: add => ({ add }),
  limits: cpu => ({ cpu }),
  requests: cpu => ({ cpu }),
  valueFrom: value => value,
  selector: value => value,
  uri: value => value
}

/** Each object or list in a value, with each key that it has or could have. */
function * placesIn (value: unknown, path: string): Generator<[parent: JsonObject, key: string, path: string]> {
  if (typeof value !== 'object' || value === null) return
  const parent = value as JsonObject
  const keys = Object.keys(parent)
  const further = isObject(value) && path.includes('.spec') ? Object.keys(added).filter(key => !(key in parent)) : []
  for (const key of [...keys, ...further]) yield [parent, key, `${path}.${key}`]
  // metacontroller/managed-fields.test.ts tests what those hold.
  for (const key of keys.filter(key => key !== 'managedFields')) yield * placesIn(parent[key], `${path}.${key}`)
}

for (const { name, request } of readFixtures().filter(({ name }) => isSoak || name === 'ready')) {
  t.test(name, async t => {
    let answers = 0
    const wrong: string[] = []
    // So that what excludes it is not only a value of another type.
    for (const child of Object.values<JsonObject>(request.children ?? {}).flatMap(Object.values<unknown>)) {
      for (const container of arrayAt(child, 'spec', 'template', 'spec', 'containers')) {
        const securityContext = valueAt(container, 'securityContext')
        if (isObject(securityContext)) securityContext['privileged'] = true
      }
    }
    for (const [parent, key, path] of [...placesIn(request, '')]) {
      const [had, before] = [key in parent, parent[key]]
      for (const value of hostileJson) {
        parent[key] = had ? value : added[key]!(value)
        for (const hook of hooks) {
          if (!Value.Check(hook.request, request)) continue
          try {
            if (JSON.stringify(hook.answer(request, now).response) !== undefined) answers++
          } catch (error) {
            wrong.push(`${hook.name}: ${path}: ${error}`)
          }
        }
      }
      if (had) parent[key] = before
      else delete parent[key]
    }
    t.same(wrong, [])
    t.ok(answers > 100, `${answers} answers`)
  })
}
