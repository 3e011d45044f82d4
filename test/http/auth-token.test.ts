import { rename, writeFile } from 'node:fs/promises'
import t, { type Test } from 'tap'
import { AuthTokens } from '../../src/http/auth-token.js'
import { readRequest } from '../widget/widget.js'
import { until } from '../until.js'
import { makeLog, post, startHook } from './hook.js'
import { MountedSecret } from './mounted-secret.js'

const request = readRequest('ready')

/** A hook that requires a token. */
async function startHookWithTokens (t: Test, tokens: string) {
  const secret = new MountedSecret(t, { tokens })
  const { logger, lines } = makeLog()
  const hook = await startHook(t, { tokens: new AuthTokens(secret.path('tokens'), logger) })
  return { ...hook, log: lines, rotate: (tokens: string) => secret.write({ tokens }) }
}

/** The status of a call with such an `Authorization` header. */
async function statusOf (url: string, authorization?: string) {
  const { status } = await post(url, request, { 'content-type': 'application/json', ...(authorization !== undefined && { authorization }) })
  return status
}

t.test('without a valid token: 401 without detail', async t => {
  const { url, metrics, lines } = await startHookWithTokens(t, 'secret\n')
  for (const authorization of [undefined, '', 'secret', 'Bearer', 'Bearer ', 'Bearer Secret', 'Bearer secret2', 'Bearer secre', 'Basic secret', 'Bearer secret secret']) {
    const { status, headers, body } = await post(url, 'not read', { 'content-type': 'application/json', ...(authorization !== undefined && { authorization }) })
    t.same({ status, body }, { status: 401, body: { error: 'unauthorized' } }, String(authorization))
    t.equal(headers.get('www-authenticate'), 'Bearer')
  }
  t.match(await metrics.authenticationFailures.get(), { values: [{ value: 10, labels: { reason: 'token' } }] })
  t.match(lines.filter(({ level }) => level > 20), [{ level: 40, statusCode: 401, caller: '127.0.0.1', cause: 'missing authorization header' }])
  t.notMatch(JSON.stringify(lines), /secret/i)
  t.equal((await fetch(`${url}/elsewhere`)).status, 401, 'it does not reveal which paths exist')
  t.equal(await statusOf(url, 'Bearer secret'), 200)
  t.equal(await statusOf(url, 'bearer secret'), 200, 'as Metacontroller sends it with `type: bearer`')
})

t.test('two tokens during a rotation, loaded without a restart', async t => {
  const { url, log, rotate } = await startHookWithTokens(t, 'old')
  t.equal(await statusOf(url, 'Bearer old'), 200)
  t.equal(await statusOf(url, 'Bearer new'), 401)
  rotate('old\r\n\n new \n')
  await until(() => log.length === 1)
  t.match(log, [{ level: 30, msg: 'AUTH_TOKEN_FILE: reloaded', tokens: 2 }])
  t.equal(await statusOf(url, 'Bearer old'), 200)
  t.equal(await statusOf(url, 'Bearer new'), 200)
  rotate('new')
  await until(() => log.length === 2)
  t.equal(await statusOf(url, 'Bearer old'), 401)
  t.equal(await statusOf(url, 'Bearer new'), 200)
})

t.test('a broken file is logged once, and the old one stays', async t => {
  const { url, log, rotate } = await startHookWithTokens(t, 'old')
  for (const [index, broken] of ['', ' \n', 'two words', '\u0000\u0001', 'tök'].entries()) {
    rotate(broken)
    await until(() => log.length === index + 1)
    t.match(log[index], { level: 50, msg: /^AUTH_TOKEN_FILE: not reloaded, the previous one stays in use: expected / })
    t.equal(await statusOf(url, 'Bearer old'), 200)
  }
  await new Promise(resolve => setTimeout(resolve, 2_500))
  t.equal(log.length, 5)
  t.throws(() => new AuthTokens('/nowhere', makeLog().logger), { message: /^AUTH_TOKEN_FILE: ENOENT/ })
})

t.test('a file that is missing for a while is logged once, and loaded when it is back', async t => {
  const folder = t.testdir({ tokens: 'old' })
  const { logger, lines } = makeLog()
  const tokens = new AuthTokens(`${folder}/tokens`, logger)
  t.teardown(() => tokens.close())
  await rename(`${folder}/tokens`, `${folder}/away`)
  await until(() => lines.length === 1)
  t.match(lines[0], { level: 50, msg: /ENOENT/ })
  await new Promise(resolve => setTimeout(resolve, 1_500))
  t.equal(lines.length, 1)
  t.equal(tokens.accept('old'), true)
  await writeFile(`${folder}/tokens`, 'new')
  await until(() => lines.length === 2)
  t.equal(tokens.accept('old'), false)
  t.equal(tokens.accept('new'), true)
})
