import { spawnSync } from 'node:child_process'
import t from 'tap'

const object = { metadata: { name: 'a', uid: '1', creationTimestamp: '1970-01-01T00:00:00Z' }, status: { conditions: [{ type: 'Ready', status: 'True' }] } }
const program = `import { WatchTable } from './build/test/story/table.js'; new WatchTable().printObject(${JSON.stringify(object)}, 124_000)`

/** What a command prints, with the variables that it needs and others. */
function run (command: string, args: string[], variables: NodeJS.ProcessEnv = {}): string {
  const env = { PATH: process.env['PATH'], PROGRAM: program, ...variables }
  return spawnSync(command, args, { env, encoding: 'utf8' }).stdout.replaceAll('\u001b', 'ESC')
}

t.test('READY is coloured in a terminal, unless NO_COLOR is set, and not in a pipe', async t => {
  const inTerminal = (variables: NodeJS.ProcessEnv) => run('script', ['-qec', 'node --input-type=module --eval "$PROGRAM"', '/dev/null'], variables)
  const coloured = /^a {10}ESC\[32mTrue {5}ESC\[39m +2m4s\r\n$/
  const plain = /^a {10}True {5} +2m4s\r?\n$/
  for (const variables of [{ TERM: 'xterm' }, { TERM: 'xterm', CI: 'true' }, { NO_COLOR: '' }]) t.match(inTerminal(variables), coloured, JSON.stringify(variables))
  for (const variables of [{ TERM: 'xterm', NO_COLOR: '1' }, { TERM: 'dumb' }]) t.match(inTerminal(variables), plain, JSON.stringify(variables))
  for (const variables of [{}, { TERM: 'xterm', FORCE_COLOR: '1' }]) t.match(run(process.execPath, ['--input-type=module', '--eval', program], variables), plain, JSON.stringify(variables))
})
