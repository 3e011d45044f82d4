import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { reconcile } from '../../src/samplesource/reconcile.js'
import { readSettings } from '../../src/samplesource/settings.js'

/* The minimal hook: read, parse, reconcile, write. No validation, logs or metrics. It keeps connections as the hook does. */

const { settings } = readSettings(process.env)
if (settings === undefined) throw new Error('no settings')

const server = createServer({ keepAliveTimeout: 120_000 }, (request, response) => {
  const chunks: Buffer[] = []
  request.on('data', chunk => chunks.push(chunk))
  request.on('end', () => {
    const { response: answer } = reconcile(JSON.parse(Buffer.concat(chunks).toString()), settings, new Date())
    const body = JSON.stringify(answer)
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
    response.end(body)
  })
})
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ msg: `Hook listening at http://127.0.0.1:${(server.address() as AddressInfo).port}` })))
