import t from 'tap'
import { readOptions } from './options.js'

t.test('the defaults leave the level to the cluster', async t => {
  t.strictSame(readOptions([], {}), { options: { level: undefined, hookUrl: undefined, image: undefined, timeoutSeconds: 120, record: false, clean: false } })
})

t.test('all options', async t => {
  t.strictSame(readOptions(['--level', 'control-plane', '--image=registry.example:5000/hook:v1', '--timeout', '2.5', '--record', '--clean'], { HOOK_URL: 'http://10.0.0.1:8471/' }), {
    options: { level: 'control-plane', hookUrl: new URL('http://10.0.0.1:8471'), image: 'registry.example:5000/hook:v1', timeoutSeconds: 2.5, record: true, clean: true }
  })
  t.equal(readOptions(['--level', 'full'], { HOOK_URL: '' }).options?.level, 'full')
})

t.test('help', async t => {
  for (const args of [['-h'], ['--help', '--level', 'wrong']]) t.match(readOptions(args, {}).help, /^Usage: npm run e2e[^]*--record /)
})

t.test('each usage error gets a line', async t => {
  const table: Array<[string[], NodeJS.ProcessEnv, RegExp[]]> = [
    [['--levle', 'full'], {}, [/^Unknown option '--levle'$/]],
    [['full'], {}, [/Unexpected argument 'full'/]],
    [['--level'], {}, [/argument missing/]],
    [['--level', 'half', '--timeout', 'soon', '--image', 'a b'], { HOOK_URL: 'x' }, [/^HOOK_URL must be an http URL without a path, .*got "x"$/, /^--level must be control-plane or full, got "half"$/, /^--timeout must be a positive number of seconds, got "soon"$/, /^--image must be an image/]],
    [['--record'], {}, [/^--record needs HOOK_URL/]],
    [['--level', 'full'], { HOOK_URL: 'http://10.0.0.1:8471' }, [/^--level full runs the hook in the cluster: leave HOOK_URL out$/]],
    ...['https://10.0.0.1:8471', 'http://10.0.0.1/sync', 'http://a:b@10.0.0.1', '10.0.0.1:8471', 'http://'].map(HOOK_URL => [[], { HOOK_URL }, [/^HOOK_URL must be/]] as [string[], NodeJS.ProcessEnv, RegExp[]]),
    ...['0', '-1', 'Infinity', ''].map(timeout => [[`--timeout=${timeout}`], {}, [/^--timeout must be/]] as [string[], NodeJS.ProcessEnv, RegExp[]])
  ]
  for (const [args, env, expected] of table) {
    const { mistakes = [] } = readOptions(args, env)
    t.equal(mistakes.length, expected.length, `${args.join(' ')} ${JSON.stringify(env)}`)
    t.match(mistakes, expected)
  }
})
