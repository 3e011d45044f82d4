import { request as plain } from 'node:http'
import { request as secure, type RequestOptions } from 'node:https'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { expectEqual } from '../expect.js'
import type { Trial } from './trials.js'

/** Who is not Metacontroller does not get through to the hook on this machine: with what it lacks, it would. */
export async function strangersAreRefused ({ run: { hookUrl }, components, credentials: { ca, client, token } }: Trial): Promise<string | undefined> {
  if (hookUrl === undefined) return undefined
  const [tls, mtls, tokens] = ['tls', 'mtls', 'token'].map(name => components.includes(name))
  const call = async (lacks?: 'tls' | 'certificate' | 'token') => await ask(hookUrl, {
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
async function ask ({ hostname, port }: URL, options: RequestOptions): Promise<number | string | undefined> {
  const request = (options.ca === undefined ? plain : secure)({ hostname, port, path: '/sync', method: 'POST', agent: false, timeout: 10_000, ...options })
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
