import t from 'tap'
import { costlyBodies, type MakeBody } from './costly-bodies.js'
import { HookProcess } from './hook-process.js'
import { system } from './samplesource/source.js'

t.test('large bodies that are wrong all over are answered, within the memory that the hook has', async t => {
  // Node gives itself half of a container's 512 MiB; semi-spaces as the image has them.
  // What has too many fields for its memory is refused; 6 MiB of the shortest are not too many.
  const hook = new HookProcess({ RECEIVE_ADAPTER_IMAGE: 'adapter:1', SYSTEM_NAMESPACE: system.namespace, NODE_OPTIONS: '--max-old-space-size=256 --max-semi-space-size=4' })
  const { hook: url } = await hook.ready()
  const names = ['extensions, bad names', 'extensions, wrong types', 'extensions, nearly as many as fit into a body', 'fields that a spec does not have', 'config-logging, bad levels', 'config-observability, keys']
  for (const name of names) {
    for (const size of [6, 15.9]) {
      const response = await fetch(`${url}/sync`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: (costlyBodies[name] as MakeBody)(size * 1024 * 1024) })
      t.equal(response.status, size === 6 || /fit|levels/.test(name) ? 200 : 413, `${name}, ${size} MiB`)
      t.ok((await response.text()).length < 100_000)
    }
    t.comment(`${name}: ${(hook.peakMemory / 2 ** 20).toFixed()} MiB at the most`)
  }
  t.ok(hook.peakMemory < 400 * 2 ** 20, `${(hook.peakMemory / 2 ** 20).toFixed()} MiB resident at the most`)
  hook.kill('SIGTERM')
  t.match(await hook.ended(), { code: 0, stderr: '' })
})
