import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { makeFolder } from '../folder.js'
import { readLines } from '../log-lines.js'
import { endsWithParent } from '../program.js'
import { until } from '../until.js'

t.test('a folder of a test is gone when it ends', async t => {
  let folder = ''
  await t.test('one that has made a folder', async t => {
    folder = makeFolder(t, 'made')
    t.ok(existsSync(folder))
  })
  t.notOk(existsSync(folder))
})

t.test('and so is a folder of a process that is killed', async t => {
  const script = `import { makeFolder } from ${JSON.stringify(pathToFileURL('build/test/folder.js').href)}
    console.log(makeFolder({ teardown () {} }, 'killed'))
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, [endsWithParent, '--input-type=module', '--eval', script], { stdio: ['pipe', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  let folder = ''
  const ended = readLines(child.stdout, line => { folder = line })
  await until(() => folder !== '')
  t.ok(existsSync(folder))
  child.kill('SIGKILL')
  await once(child, 'exit')
  await until(() => !existsSync(folder))
  await ended
})
