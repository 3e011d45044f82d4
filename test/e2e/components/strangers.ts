import { request as plain } from 'node:http'
import { request as secure, type RequestOptions } from 'node:https'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { expectEqual } from '../expect.js'
import type { Trial } from './trials.js'

/** How an unauthorized caller calls. */
export type Call = Pick<RequestOptions, 'ca' | 'cert' | 'key' | 'headers'>

/** A caller without Metacontroller's credentials is refused; the same call with them succeeds. */
export async function strangersAreRefused ({ run: { hook, hookUrl }, components, credentials }: Trial): Promise<string | undefined> {
  // If cert-manager made the credentials, the key of the CA is not known here.
  if (credentials === undefined) return undefined
  const { ca, client, token } = credentials
  const ask = hookUrl === undefined ? hook.callInside?.bind(hook) : async (call: Call) => await callAt(hookUrl, call)
  if (ask === undefined) return undefined
  const [tls, mtls, tokens] = ['tls', 'mtls', 'token'].map(name => components.includes(name))
  const call = async (lacks?: 'tls' | 'certificate' | 'token') => await ask({
    ...(tls && lacks !== 'tls' && { ca }),
    ...(mtls && lacks !== 'certificate' && client),
    ...(tokens && lacks !== 'token' && { headers: { authorization: `Bearer ${token}` } })
  })
  // 400 means that the caller was let in: the request has no body.
  expectEqual('the answer to a caller with all credentials', await call(), 400)
  if (tls) expectEqual('the answer to a caller without TLS', await call('tls'), 'none')
  if (mtls) expectEqual('the answer to a caller without a certificate', await call('certificate'), 403)
  if (tokens) expectEqual('the answer to a caller without the token', await call('token'), 401)
  return undefined
}

/** @returns the status of the answer, or `none` */
async function callAt ({ hostname, port }: URL, call: Call): Promise<number | 'none' | undefined> {
  const request = (call.ca === undefined ? plain : secure)({ hostname, port, path: '/sync', method: 'POST', agent: false, timeout: 10_000, ...call })
  try {
    const [response] = await once(request.end(), 'response') as [IncomingMessage]
    response.resume()
    return response.statusCode
  } catch {
    return 'none'
  } finally {
    request.destroy()
  }
}

/** A script for Node in the hook's pod: calls the hook, and prints the status of the answer, or `none`. */
export function callScript (port: number, call: Call): string {
  const options = { hostname: '127.0.0.1', port, path: '/sync', method: 'POST', agent: false, timeout: 10_000, ...call }
  return `require('node:${call.ca === undefined ? 'http' : 'https'}').request(${JSON.stringify(options)})` +
    ".on('timeout', function () { this.destroy(new Error('timeout')) }).on('error', () => { console.log('none') }).on('response', response => { console.log(response.resume().statusCode) }).end()"
}
