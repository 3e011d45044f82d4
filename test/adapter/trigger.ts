import type { Kubectl } from '../e2e/kubectl.js'
import type { KubeObject } from '../e2e/kube-object.js'
import type { LogLine } from '../log-lines.js'

/*
 * How the events of this source come about, as the tests of the whole adapter, the demo and `npm run e2e` have to know it:
 * a clock makes them. Where something else drives the adapter, this file is another one: docs/examples/webhook/ has one.
 *
 * The data of each event is to have a `sequence` that counts from 0: by that they see whether one is lost.
 */

/** An env with which events come often; each can be sent again where the sink does not take it. */
export const often = { INTERVAL: '500ms' }

/** An env with which they come as fast as the sink takes them. */
export const unceasingly = { INTERVAL: '1ms' }

/** An env with which none comes while a test runs. */
export const never = { INTERVAL: '1h' }

/**
 * Has events come, one after the other, from an adapter on this machine, until that ends. It has begun when this returns.
 *
 * @param adapter whose log says where it listens
 * @param every so many milliseconds, where it is not the adapter that decides
 */
export async function trigger (_adapter: { logged: (msg: RegExp) => Promise<LogLine> }, _every?: number): Promise<void> {}

/** Has some events come from the adapter of a Deployment on a cluster. */
export async function triggerOnCluster (_kubectl: Kubectl, _deployment: KubeObject): Promise<void> {}
