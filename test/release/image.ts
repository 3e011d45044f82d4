import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { homedir } from 'node:os'
import { environment } from '../adapter/environment.js'
import { often, trigger } from '../adapter/trigger.js'
import { CommandError, execute } from '../e2e/command.js'
import { inTime } from '../demo/in-time.js'
import { fixtureEnvironment, readFixture } from '../fixtures.js'
import { readLines, type LogLine } from '../log-lines.js'

/* Builds the image without a registry, with base images made from this machine, and runs both programs from it. */

const bases = { BUILD_BASE: 'localhost/release-check-build', RUN_BASE: 'localhost/release-check-run' }
const image = 'localhost/release-check'

/** Runs in a separate, read-only mount namespace with the folder of the image as its root, as the user of the image. */
const readOnlyRoot = 'mount --bind "$0" "$0"; mount -o remount,bind,ro "$0"; exec chroot --userspec 65532:65532 "$0" "$@"'

/** What this machine lacks to build and run the image; undefined if nothing. */
export async function lackedForImage (): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'Linux'
  if (process.getuid?.() !== 0) return 'the rights of root, to mount the image read-only and to run as its user'
  for (const command of ['buildah', 'unshare', 'chroot', 'ldd']) {
    const missing = await execute(command, ['--version']).then(() => false, error => error instanceof CommandError && error.code === 'ENOENT')
    if (missing) return `${command} on the PATH`
  }
  return undefined
}

/**
 * Builds and runs the image.
 *
 * @returns the size of this project's part of it
 * @throws Error if something fails
 */
export async function checkImage (): Promise<string> {
  // Without user namespaces and overlay mounts, which root may not have everywhere.
  const buildah = async (...args: string[]) => (await execute('env', ['BUILDAH_ISOLATION=chroot', 'STORAGE_DRIVER=vfs', 'buildah', ...args], { timeoutSeconds: 540 })).stdout.trim()
  try {
    await execute('env', ['BUILDAH_ISOLATION=chroot', 'STORAGE_DRIVER=vfs', 'test/release/make-bases', bases.BUILD_BASE, bases.RUN_BASE], { timeoutSeconds: 300 })
    await buildah('bud', '--quiet', ...Object.entries(bases).flatMap(([name, base]) => ['--build-arg', `${name}=${base}`]),
      '--volume', '/etc/ssl/certs:/etc/ssl/certs:ro', '--volume', `${homedir()}/.npm:/root/.npm`, '--tag', image, '.')
    const container = await buildah('from', '--pull-never', image)
    try {
      const root = await buildah('mount', container)
      const { OCIv1: { config } } = JSON.parse(await buildah('inspect', '--type', 'image', image)) as { OCIv1: { config: { Env: string[], User: string, Cmd: string[] } } }
      if (config.User !== '65532:65532') throw new Error(`the image runs as ${config.User}, not as 65532:65532`)
      const files = (await execute('find', [`${root}/app`, '-name', 'node_modules'])).stdout
      if (files !== '') throw new Error('the image has node_modules')
      await runHook(root, config)
      await runAdapter(root, config)
      return `${(await execute('du', ['-sh', `${root}/app`])).stdout.split('\t')[0]} in /app, both programs run`
    } finally {
      await buildah('rm', container)
    }
  } finally {
    await buildah('rmi', '--force', image, ...Object.values(bases)).catch(() => {})
  }
}

interface Config { Env: string[], Cmd: string[] }

async function runHook (root: string, { Env, Cmd }: Config): Promise<void> {
  const hook = start(root, [...Env, ...list({ ...fixtureEnvironment(), HOST: '127.0.0.1', PORT: '0', OPS_PORT: '0', SHUTDOWN_DELAY_MS: '0' })], Cmd)
  try {
    const { msg } = await hook.logged(/^Hook listening at /)
    const { request } = readFixture('create')
    const { status } = await fetch(`${msg.replace(/^.* at /, '')}/sync`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(request) })
    if (status !== 200) throw new Error(`the hook in the image has answered ${status}`)
  } finally {
    await hook.end()
  }
}

async function runAdapter (root: string, { Env }: Config): Promise<void> {
  const events = createServer((request, response) => { request.resume().on('end', () => response.writeHead(202).end()) }).listen(0, '127.0.0.1')
  await once(events, 'listening')
  const received = once(events, 'request')
  const { port } = events.address() as AddressInfo
  const adapter = start(root, [...Env, ...list({ ...environment, ...often, NAMESPACE: 'demo', METRICS_PORT: '0', PORT: '0', K_SINK: `http://127.0.0.1:${port}` })], ['dist/adapter/main.js'])
  try {
    await trigger(adapter)
    await inTime('an event of the adapter in the image', Promise.race([received, adapter.ended()]))
  } finally {
    await adapter.end()
    events.closeAllConnections()
    events.close()
  }
}

function list (env: Record<string, string>): string[] {
  return Object.entries(env).map(([name, value]) => `${name}=${value}`)
}

/** Starts node in the folder of the image, read-only, as its user. */
function start (root: string, env: string[], args: string[]) {
  const child = spawn('unshare', ['--mount', 'sh', '-ec', readOnlyRoot, root, '/usr/bin/node', ...args.map(arg => `/app/${arg}`)], {
    env: { ...Object.fromEntries(env.map(line => line.split(/=(.*)/s).slice(0, 2))), PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  const exit = once(child, 'exit')
  const logs: LogLine[] = []
  const waiting: Array<() => void> = []
  readLines(child.stdout, line => {
    logs.push(JSON.parse(line) as LogLine)
    for (const look of waiting) look()
  }).catch(() => {})
  const ended = async (): Promise<never> => {
    await exit
    throw new Error(`${args.join(' ')} in the image ended: ${JSON.stringify(logs)}`)
  }
  const logged = async (msg: RegExp) => await inTime(`${args.join(' ')} in the image to say ${msg.source}`, Promise.race([ended(), new Promise<LogLine>(resolve => {
    const look = () => {
      const line = logs.find(line => msg.test(line.msg))
      if (line !== undefined) resolve(line)
    }
    waiting.push(look)
    look()
  })]))
  return { logged, ended, end: async () => await end(child, exit) }
}

async function end (child: ChildProcess, exit: Promise<unknown[]>): Promise<void> {
  child.kill('SIGTERM')
  const [code] = await inTime('a program in the image to end', exit)
  if (code !== 0) throw new Error(`a program in the image exited with ${String(code)} after SIGTERM`)
}
