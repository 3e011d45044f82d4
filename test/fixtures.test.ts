import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { parseEnv, promisify } from 'node:util'
import t from 'tap'
import { readFixtures, requestFile, withoutNow } from './fixtures.js'
import { Program } from './program.js'

/* docs/design.md, "Talk to the hook": `curl -d @test/fixtures/<case>/request.json`, for every case, with the real curl and the settings of `npm run dev`. */

const curl = async (...args: string[]) => (await promisify(execFile)('curl', ['--silent', '--show-error', '--fail-with-body', ...args])).stdout

t.test('curl gets the response of every fixture', async t => {
  const process = new Program('hook', parseEnv(readFileSync('.env.dev', 'utf8')) as Record<string, string>, { t })
  const { hook } = await process.ready()
  for (const { name, request, response } of readFixtures()) {
    const body = await curl('--header', 'Content-Type: application/json', '--data', `@${requestFile(name)}`, `${hook}/sync`)
    t.same(withoutNow(request, JSON.parse(body)), withoutNow(request, response), name)
  }
  process.kill('SIGTERM')
  t.match(await process.ended(), { code: 0 })
})
