import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Deployment } from 'kubernetes-types/apps/v1.js'
import { readManifests } from '../harness/cluster.js'
import { inTime } from '../demo/in-time.js'
import { readLines } from '../log-lines.js'
import { environmentOf } from '../manifests/harness/kustomize.js'
import { endsWithParent } from '../program.js'

/** The built hook as a process on this machine, with the environment of its Deployment. It ends with its parent process. */
export interface HookProcess {
  /** Where it listens: `http://127.0.0.1:34567`. */
  url: string
  /** Ends it. @returns its exit code */
  stop: () => Promise<number>
  /** Rejects if it ends by itself. */
  failed: Promise<never>
}

/**
 * Starts the built hook.
 *
 * @throws Error when it ends instead of listening
 */
export async function startHookProcess (): Promise<HookProcess> {
  const hook = spawn(process.execPath, [endsWithParent, 'dist/main.js'], {
    // Without the environment of this process: variables that a shell has set are not meant for the hook.
    env: {
      ...environmentOf(readManifests('manifests/base').find(({ kind }) => kind === 'Deployment') as Deployment),
      HOST: '127.0.0.1',
      PORT: '0',
      OPS_PORT: '0',
      SHUTDOWN_DELAY_MS: '0'
    },
    stdio: ['pipe', 'pipe', 'inherit']
  })
  const failed = new Promise<never>((_resolve, reject) => {
    hook.once('exit', (code, signal) => reject(new Error(`the hook ended with ${signal ?? `exit code ${code}`}`)))
  })
  // Who does not wait for it does not need to know.
  failed.catch(() => {})
  const url = await inTime('the hook to listen', Promise.race([failed, listening(hook)]))
  return {
    url,
    failed,
    stop: async () => {
      if (hook.exitCode !== null || hook.signalCode !== null) return hook.exitCode ?? 1
      hook.removeAllListeners('exit').kill('SIGTERM')
      const [code] = await once(hook, 'exit')
      return Number(code)
    }
  }
}

async function listening (hook: ChildProcess): Promise<string> {
  return await new Promise((resolve, reject) => {
    readLines(hook.stdout!, line => {
      const { msg } = JSON.parse(line) as { msg: string }
      const address = /^Hook listening at (.*)$/.exec(msg)?.[1]
      if (address !== undefined) resolve(address)
    }).catch(reject)
  })
}
