import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/* The least that a hook does: read, parse, reconcile, write. No check, no log, no metric. */

const built = new URL('../../dist/samplesource/reconcile.js', import.meta.url)
const { reconcile } = await import(built.href) as typeof import('../../src/samplesource/reconcile.js')

const settings = { receiveAdapterImage: 'registry.example/samplesource-hook:v1', receiveAdapterArgs: [], additionalEnvs: [] }

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', chunk => chunks.push(chunk))
  request.on('end', () => {
    const { response: answer } = reconcile(JSON.parse(Buffer.concat(chunks).toString()), settings, new Date())
    const body = JSON.stringify(answer)
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
    response.end(body)
  })
})
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ msg: `Server listening at http://127.0.0.1:${(server.address() as AddressInfo).port}` })))
