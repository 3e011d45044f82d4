import t from 'tap'
import { Cleanup } from './cleanup.js'
import { CommandError, execute } from './command.js'
import { expectContains, expectEqual, expectText, toUnexpected, Unexpected, until } from './expect.js'
import { stubCommands } from './stub.js'
import { readTable } from './table.js'

const patience = { timeoutSeconds: 1, signal: new AbortController().signal }

/** The error that a function throws. */
function thrownBy (call: () => void): unknown {
  try {
    return call()
  } catch (error) {
    return error
  }
}

const thrownIn = async (promise: Promise<unknown>) => await promise.catch((error: unknown) => error)

t.test('an unexpected value is reported, with its path', async t => {
  expectEqual('a list', [1, { a: undefined }], [1, { a: undefined }])
  t.match(thrownBy(() => expectEqual('a list', [2, 1], [1, 2])), { expected: 'a list: - 1\n- 2', seen: '- 2\n- 1' })
  expectContains('an object', { a: { b: [{ c: 1, more: 1 }] }, more: 1 }, { a: { b: [{ c: 1 }] } })
  t.match(thrownBy(() => expectContains('an object', { a: { b: [1, 2] } }, { a: { b: [1] } })), { expected: /differs at \.a\.b\)$/ })
  t.match(thrownBy(() => expectContains('an object', { a: { b: [{ c: 1 }] } }, { a: { b: [{ c: 2 }] } })), { expected: /differs at \.a\.b\.0\.c\)$/ })
  for (const seen of [undefined, null, 'x', [], { a: null }]) t.match(thrownBy(() => expectContains('an object', seen, { a: { b: 1 } })), { expected: /^an object with\n/ })
  t.match(thrownBy(() => expectContains('nothing', { a: 1 }, { a: undefined })), { expected: /differs at \.a\)$/ })
  expectText('a text', 'abc', 'b')
  for (const seen of [undefined, 'abc']) t.match(thrownBy(() => expectText('a text', seen, 'd')), { expected: 'a text: a text with "d"', seen: seen ?? 'nothing' })
})

t.test('waiting ends when the condition holds, on timeout, or with the run', async t => {
  let count = 0
  t.equal(await until(patience, 'three', async () => ++count, count => count === 3), 3)
  t.match(await thrownIn(until(patience, 'a hundred', async () => ++count, count => count === 100)), { expected: 'within 1 s: a hundred', seen: /^\d+$/ })
  t.match(await thrownIn(until(patience, 'a child', async () => { throw new Unexpected('a Deployment', { name: 'x' }) })), { expected: 'within 1 s: a child: a Deployment', seen: 'name: x' })
  await t.rejects(until(patience, 'a child', async () => { throw new Error('broken') }), { message: 'broken' })
  const controller = new AbortController()
  const waiting = until({ timeoutSeconds: 600, signal: controller.signal }, 'forever', async () => 1, () => false)
  controller.abort()
  await t.rejects(waiting, { name: 'AbortError' })
})

t.test('each error becomes an Unexpected', async t => {
  t.match(toUnexpected(new CommandError('kubectl get x', 1, '', 'not found\n')), { expected: 'a command that exits with 0', seen: 'kubectl get x: not found' })
  t.match(toUnexpected(new Error('broken')), { expected: 'no error', seen: /broken\n +at / })
  const unexpected = new Unexpected('x', 1)
  t.equal(toUnexpected(unexpected), unexpected)
})

t.test('commands', async t => {
  stubCommands(t, { tool: [{ args: 'read', shell: 'cat; echo told >&2' }, { args: 'fail', stdout: 'out', stderr: 'no\n', code: 3 }, { args: 'mute', code: 1 }, { args: 'sleep', shell: 'exec sleep 60' }] })
  t.strictSame(await execute('tool', ['read'], { input: 'in' }), { stdout: 'in', stderr: 'told\n' })
  t.strictSame(await execute('tool', ['mute']).catch((error: CommandError) => error.message), 'tool mute: exited with 1')
  t.match(await thrownIn(execute('tool', ['fail'], { input: 'x'.repeat(1_000_000) })), { message: 'tool fail: no', code: 3, stdout: 'out', stderr: 'no\n' })
  t.match(await thrownIn(execute('nothing', [])), { name: 'Error', code: 'ENOENT' })
  await t.rejects(execute('tool', ['sleep'], { timeoutSeconds: 0.1 }), { message: /ended by SIGKILL \(after 0\.1 s at most\)/ })
  const controller = new AbortController()
  const running = execute('tool', ['sleep'], { signal: controller.signal })
  controller.abort()
  await t.rejects(running, { name: 'AbortError' })
  await t.rejects(execute('tool', ['read'], { signal: controller.signal }), { name: 'AbortError' })
})

t.test('the last thing made is undone first, and a failure does not stop the rest', async t => {
  const cleanup = new Cleanup()
  const undone: number[] = []
  cleanup.add('one', () => { undone.push(1) })
  cleanup.add('two', async () => { throw new Error('stuck') })
  cleanup.add('three', async () => { undone.push(3) })
  t.strictSame(await cleanup.all(), ['two: stuck'])
  t.strictSame(undone, [3, 1])
  t.strictSame(await cleanup.all(), [], 'once')
})

t.test('a table with empty cells', async t => {
  t.strictSame(readTable([
    'NAME        READY   REASON   SINK                          AGE',
    'heartbeat   True             http://event-display.x.svc    3s',
    ''
  ].join('\n')), { header: ['NAME', 'READY', 'REASON', 'SINK', 'AGE'], row: { NAME: 'heartbeat', READY: 'True', REASON: '', SINK: 'http://event-display.x.svc', AGE: '3s' } })
})
