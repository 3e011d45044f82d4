import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import t from 'tap'

const preload = '--import=./test/own-environment.mjs'

t.test('tests do not see what a shell has set', async t => {
  const { tap } = JSON.parse(readFileSync('package.json', 'utf8')) as { tap: { 'node-arg': string[] } }
  t.equal(tap['node-arg'][0], preload)
  const set = { LOG_LEVEL: 'warn', PORT: 'tcp://10.0.0.1:80', K_CA_CERTS: 'x', HTTP_PROXY: 'http://127.0.0.1:9', GIT_DIR: '/x', CI: 'true', PATHS: '/x' }
  const kept = { PATH: process.env['PATH'], HOME: '/home', TAP_JOBS: '1', SOAK: '1', npm_config_registry: 'http://127.0.0.1:9' }
  t.strictSame(JSON.parse(execFileSync(process.execPath, [preload, '--print', 'JSON.stringify(process.env)'], { env: { ...set, ...kept }, encoding: 'utf8' })), kept)
})
