import { setTimeout as sleep } from 'node:timers/promises'
import type { Kubectl } from '../e2e/kubectl.js'
import type { KubeObject } from '../e2e/kube-object.js'
import type { LogLine } from '../log-lines.js'

/*
 * How the events of this source come about, as the tests of the whole adapter, the demo and `npm run e2e` have to know it:
 * somebody posts something. The data of each event has a `sequence` that counts from 0: by that they see whether one is
 * lost.
 */

const method = 'POST'
const headers = { 'Content-Type': 'application/json' }

/** What is posted; {@link trigger} counts with it. */
const makeBody = (sequence: number): string => JSON.stringify({ sequence })

/** Envs with which events come often, or as fast as the sink takes them, or not at all. It is not the env that decides here. */
export const often = {}
export const unceasingly = {}
export const never = {}

/**
 * Has events come, one after the other, from an adapter on this machine, until that ends. It has begun when this returns.
 *
 * @param adapter whose log says where it listens
 * @param every so many milliseconds; at once, by default
 */
export async function trigger (adapter: { logged: (msg: RegExp) => Promise<LogLine> }, every = 0): Promise<void> {
  const { port } = await adapter.logged(/^receiver listening$/)
  const post = async (sequence: number): Promise<void> => {
    await fetch(`http://127.0.0.1:${String(port)}`, { method, headers, body: makeBody(sequence) })
    await sleep(every)
    await post(sequence + 1)
  }
  post(0).catch(() => {})
}

/** Has some events come from the adapter of a Deployment on a cluster: it posts to itself. */
export async function triggerOnCluster (kubectl: Kubectl, { metadata: { name, namespace } }: KubeObject): Promise<void> {
  const post = (body: string) => `await fetch('http://127.0.0.1:8080', ${JSON.stringify({ method, headers, body })})`
  const script = Array.from({ length: 10 }, (_, sequence) => post(makeBody(sequence))).join('\n')
  await kubectl.run(['exec', `deployment/${name}`, '--namespace', namespace as string, '--', '/nodejs/bin/node', '--input-type=module', '--eval', script])
}
