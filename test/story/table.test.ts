import { spawnSync } from 'node:child_process'
import t from 'tap'

const object = { metadata: { name: 'a', uid: '1', creationTimestamp: '1970-01-01T00:00:00Z' }, status: { conditions: [{ type: 'Ready', status: 'True' }] } }
const program = `import { WatchTable } from './build/test/story/table.js'; new WatchTable().printObject(${JSON.stringify(object)}, 124_000)`

t.test('READY is coloured in a terminal, and not in a pipe', async t => {
  const run = (command: string, args: string[]) => spawnSync(command, args, { env: { ...process.env, TERM: 'xterm', PROGRAM: program }, encoding: 'utf8' }).stdout
  t.match(run('script', ['-qec', 'node --input-type=module --eval "$PROGRAM"', '/dev/null']).replaceAll('\u001b', 'ESC'), /^a {10}ESC\[32mTrue {5}ESC\[39m +2m4s\r\n$/)
  t.match(run(process.execPath, ['--input-type=module', '--eval', program]), /^a {10}True {5} +2m4s\n$/)
})
