import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import t from 'tap'

const preload = '--import=./test/own-environment.mjs'

/** The environment of a test in an environment. */
function environmentIn (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return JSON.parse(execFileSync(process.execPath, [preload, '--print', 'JSON.stringify(process.env)'], { env, encoding: 'utf8' })) as NodeJS.ProcessEnv
}

t.test('tests do not see what a shell has set', async t => {
  const { tap } = JSON.parse(readFileSync('package.json', 'utf8')) as { tap: { 'node-arg': string[] } }
  t.equal(tap['node-arg'][0], preload)
  const set = { LOG_LEVEL: 'warn', PORT: 'tcp://10.0.0.1:80', K_CA_CERTS: 'x', HTTP_PROXY: 'http://127.0.0.1:9', GIT_DIR: '/x', CI: 'true', PATHS: '/x' }
  const kept = { PATH: process.env['PATH'], HOME: '/home', TAP_JOBS: '1', SOAK: '1', npm_config_registry: 'http://127.0.0.1:9' }
  const env = environmentIn({ ...set, ...kept })
  t.match(env, kept)
  t.strictSame(Object.keys(set).filter(name => name in env), [])
})

t.test('nor what git and curl find in the home folder', async t => {
  const HOME = t.testdir({
    '.gitconfig': '[of]\nthe = home folder',
    '.config': { git: { ignore: 'package.json' } },
    '.curlrc': 'write-out = "of the home folder"'
  })
  const here = { PATH: process.env['PATH'], HOME }
  const env = environmentIn(here)
  for (const [command, ...args] of [
    ['git', 'config', 'of.the'],
    ['git', 'check-ignore', '--no-index', '--verbose', 'package.json'],
    ['curl', '--silent', 'file:///dev/null']
  ] as const) {
    t.not(spawnSync(command, args, { env: here, encoding: 'utf8' }).stdout, '', command)
    t.match(spawnSync(command, args, { env, encoding: 'utf8' }), { stdout: '', stderr: '' }, `${command} in a test`)
  }
})
