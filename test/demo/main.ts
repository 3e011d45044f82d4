import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { readFixture, requestFile } from '../fixtures.js'

/* `npm run demo`: the built hook, and the story of one source as Metacontroller would tell it. */

const story: Array<[fixture: string, what: string]> = [
  ['create', 'A SampleSource is applied. It has no children yet.'],
  ['sink-unresolved', 'Both children are there. Knative does not find the sink.'],
  ['waiting-for-deployment', 'The sink is there now. The receive adapter\'s pod starts.'],
  ['ready', 'The pod runs, with the sink\'s address in its environment.'],
  ['spec-changed', 'Somebody changes the interval to 30s.'],
  ['invalid-spec', 'Somebody asks for more memory than the limit allows.'],
  ['being-deleted', 'The source is deleted.']
]

const hook = spawn(process.execPath, ['dist/main.js'], {
  env: { ...process.env, RECEIVE_ADAPTER_IMAGE: 'registry.example/samplesource-hook:v1', HOST: '127.0.0.1', PORT: '0', OPS_PORT: '0' },
  stdio: ['ignore', 'pipe', 'inherit']
})

/** What the hook has logged of a sync that has not been told yet. */
const events: string[] = []

const url = await new Promise<string>(resolve => {
  createInterface(hook.stdout).on('line', line => {
    const { reason, msg } = JSON.parse(line) as { reason?: string, msg: string }
    const listening = /^Server listening at (.*)$/.exec(msg)?.[1]
    if (listening !== undefined) resolve(listening)
    if (reason !== undefined) events.push(`${reason}: ${msg}`)
  })
})
console.log(`The hook listens at ${url}. Metacontroller would call it now; here the fixtures do.\n`)

for (const [index, [name, what]] of story.entries()) {
  console.log(`${index + 1}. ${what}\n   POST /sync < ${requestFile(name)}`)
  const response = await fetch(`${url}/sync`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(readFixture(name).request)
  })
  const { status, children } = await response.json() as any
  print('children', children.map(({ kind, metadata }: any) => `${kind} ${metadata.name}`))
  print('status', status.conditions.map(({ type, status, reason = '', message = '' }: any) =>
    `${type.padEnd(17)}${status.padEnd(9)}${[reason, message].filter(Boolean).join(': ')}`.trimEnd()))
  if (status.sinkUri !== undefined) print('sinkUri', [status.sinkUri])
  // The hook logs before it answers, but through another pipe.
  await new Promise(resolve => setTimeout(resolve, 50))
  print('events', events.splice(0))
  console.log()
}

hook.kill('SIGTERM')
const [code] = await once(hook, 'exit')
console.log(`The hook has stopped with exit code ${code}. Next: npm test, and the README's "Install".`)

function print (title: string, lines: string[]): void {
  for (const [index, line] of lines.entries()) console.log(`   ${(index === 0 ? title : '').padEnd(10)}${line}`)
}
