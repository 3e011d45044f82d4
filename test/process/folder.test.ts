import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { childrenOf, isRunning } from '../child-processes.js'
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

t.test('and so is a folder of a process that is killed, with what it has started there', async t => {
  // That ends by itself after a minute.
  const writer = 'for second in $(seq 60); do mkdir -p "$PWD/written"; sleep 1; done'
  const script = `import { spawn } from 'node:child_process'
    import { makeFolder } from ${JSON.stringify(pathToFileURL('build/test/folder.js').href)}
    const cwd = makeFolder({ teardown () {} }, 'killed')
    spawn('sh', ['-c', ${JSON.stringify(writer)}], { cwd, stdio: 'ignore' })
    console.log(cwd)
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, [endsWithParent, '--input-type=module', '--eval', script], { stdio: ['pipe', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  let folder = ''
  const ended = readLines(child.stdout, line => { folder = line })
  await until(() => existsSync(join(folder, 'written')))
  const [writing] = childrenOf(child.pid as number, 'written')
  t.ok(writing)
  child.kill('SIGKILL')
  await once(child, 'exit')
  await until(() => !existsSync(folder) && !isRunning(writing as number))
  t.notOk(existsSync(folder))
  await ended
})
