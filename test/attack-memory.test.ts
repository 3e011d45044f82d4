import t from 'tap'
import { costlyBodies, type MakeBody } from './costly-bodies.js'
import { Program } from './program.js'
import { isSoak } from './soak.js'
import { system } from './samplesource/source.js'

/** Posts a body, and tries again if a busy machine sent it so slowly that it was cut off. */
async function post (url: string, body: string): Promise<Response> {
  for (;;) {
    try {
      const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
      if (response.status !== 408) return response
    } catch {
      // It was cut off before it had read the answer.
    }
  }
}

t.test('large bodies with mistakes everywhere are answered within the memory of the hook', async t => {
  // Node takes half of a container's 512 MiB for its heap; the semi-spaces are those of the image.
  // A body with too many fields for the memory is refused; 6 MiB of the shortest are not too many.
  const hook = new Program('hook', { RECEIVE_ADAPTER_IMAGE: 'adapter:1', SYSTEM_NAMESPACE: system.namespace, NODE_OPTIONS: '--max-old-space-size=256 --max-semi-space-size=4' }, { t })
  const { hook: url } = await hook.ready()
  // Of the largest bodies one that is refused, and one with the most fields that are accepted. In a soak, all others too.
  const sizes: Record<string, number[]> = { 'extensions, bad names': [15.9], 'config-logging, bad levels': [15.9] }
  if (isSoak) {
    for (const name of Object.keys(sizes)) sizes[name]!.unshift(6)
    for (const name of ['extensions, wrong types', 'extensions, nearly as many as fit into a body', 'fields that a spec does not have', 'config-observability, keys']) sizes[name] = [6]
  }
  for (const [name, mebibytes] of Object.entries(sizes)) {
    for (const size of mebibytes) {
      const response = await post(`${url}/sync`, (costlyBodies[name] as MakeBody)(size * 1024 * 1024))
      t.equal(response.status, size === 6 || /fit|levels/.test(name) ? 200 : 413, `${name}, ${size} MiB`)
      t.ok((await response.text()).length < 100_000)
    }
    t.comment(`${name}: ${(hook.peakMemory / 2 ** 20).toFixed()} MiB at the most`)
  }
  t.ok(hook.peakMemory < 400 * 2 ** 20, `${(hook.peakMemory / 2 ** 20).toFixed()} MiB resident at the most`)
  hook.kill('SIGTERM')
  t.match(await hook.ended(), { code: 0, stderr: '' })
})
