import { request as plain } from 'node:http'
import { request as secure, type RequestOptions } from 'node:https'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { expectEqual } from '../expect.js'
import type { Trial } from './trials.js'

/** How a stranger calls. */
export type Call = Pick<RequestOptions, 'ca' | 'cert' | 'key' | 'headers'>

/** Who is not Metacontroller does not get through to the hook: with what it lacks, it would. */
export async function strangersAreRefused ({ run: { hook, hookUrl }, components, credentials }: Trial): Promise<string | undefined> {
  // Where cert-manager has made them, nobody here knows the CA's key.
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
  // A request without a body is one that gets through.
  expectEqual('the answer to one who has all that it takes', await call(), 400)
  if (tls) expectEqual('the answer to one without TLS', await call('tls'), 'none')
  if (mtls) expectEqual('the answer to one without a certificate', await call('certificate'), 403)
  if (tokens) expectEqual('the answer to one without the token', await call('token'), 401)
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

/** A script for the Node in the hook's pod: calls the hook, and prints the status of the answer, or `none`. */
export function callScript (port: number, call: Call): string {
  const options = { hostname: '127.0.0.1', port, path: '/sync', method: 'POST', agent: false, timeout: 10_000, ...call }
  return `require('node:${call.ca === undefined ? 'http' : 'https'}').request(${JSON.stringify(options)})` +
    ".on('timeout', function () { this.destroy(new Error('timeout')) }).on('error', () => { console.log('none') }).on('response', response => { console.log(response.resume().statusCode) }).end()"
}
