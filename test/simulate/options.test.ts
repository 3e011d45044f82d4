import t from 'tap'
import { tooWide } from '../story/too-wide.js'
import { readOptions, type Options } from './options.js'

const read = (...args: string[]) => readOptions(['-f', 'a', ...args]) as Options

t.test('the defaults', async t => {
  t.match(read(), { files: ['a'], controller: undefined, crds: { length: 0 }, hookUrl: undefined, applyStrategy: 'dynamic-apply', maxSyncs: 200, judgesReady: true, allowed: { length: 0 }, output: 'text', sinks: { byDefault: true } })
})

t.test('all options', async t => {
  t.match(read('-f', 'b', '--hook', 'http://127.0.0.1:8080/', '--hook-version', 'v1', '--hook-timeout', '0.5', '--apply-strategy', 'server-side-apply', '--max-syncs', '7', '--no-ready', '--allow', 'not-ready', '-o', 'json'), {
    files: ['a', 'b'], hookUrl: 'http://127.0.0.1:8080', hookVersion: 'v1', hookTimeoutSeconds: 0.5, applyStrategy: 'server-side-apply', maxSyncs: 7, judgesReady: false, allowed: ['not-ready'], output: 'json'
  })
  const { sinks } = read('--sink', 'none', '--sink', 'Broker/default=http://b.example/?a=b', '--sink', 'Channel/demo/c=none')
  t.match(sinks, { byDefault: false })
  t.strictSame([...sinks.addresses], [['Broker/default/default', 'http://b.example/?a=b'], ['Channel/demo/c', undefined]])
})

const mistakes: Array<[args: string[], message: string]> = [
  [['-f', '-', '-f', '-'], 'standard input (-) can be read only once'],
  [['--hook', 'http://127.0.0.1:8080/sync'], '--hook must be a URL without a path, such as http://127.0.0.1:8080, got "http://127.0.0.1:8080/sync": the paths are the CompositeController\'s'],
  [['--hook', 'x'], '--hook must be a URL'],
  [['--hook-version', 'v3'], '--hook-version must be one of v1, v2, got "v3"'],
  [['--max-syncs', '0'], '--max-syncs must be a positive number of at most 9007199254740991, got "0"'],
  [['--hook-timeout', 'x'], '--hook-timeout must be a positive number of at most 2147483, got "x"'],
  [['--hook-timeout', '1e300'], '--hook-timeout must be a positive number of at most 2147483, got "1e300"'],
  [['--allow', 'x'], '--allow must be one of endless-update'],
  [['--sink', 'Broker'], '--sink must be none, or a sink and its address'],
  [['--sink', 'Broker/default=x'], '--sink must be none, or a sink and its address'],
  [['-o', 'yaml'], '-o must be one of text, json, got "yaml"'],
  [['--bogus'], "Unknown option '--bogus'"],
  [['b.yaml'], 'unexpected argument "b.yaml": files are named with -f FILE, and npm needs -- before it: npm run simulate -- -f FILE']
]
for (const [args, message] of mistakes) {
  t.test(`${args.join(' ')} is a usage error`, async t => {
    t.throws(() => read(...args), { message: new RegExp(`^${message.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}`) })
  })
}

t.test('the help fits on a terminal', async t => {
  t.same(tooWide(readOptions(['--help']) as string), [])
})
