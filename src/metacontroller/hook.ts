import type { Static, TSchema } from '@sinclair/typebox'
import type { ReconcilerEvent } from './reconciler-events.js'

/** A hook of a CompositeController, with everything that the server knows about it. */
export interface Hook<Schema extends TSchema = TSchema> {
  /** Its name in the CompositeController: `sync`. It is also the path that Metacontroller calls. */
  name: string
  /** The schema of a request; other requests are refused. */
  request: Schema
  /**
   * Answers a valid request. It is pure: the same arguments always give the same answer.
   *
   * @param now the time of the request
   */
  answer (request: Static<Schema>, now: Date): HookAnswer
}

/** The answer of a hook. */
export interface HookAnswer {
  /** The body of the answer. */
  response: object
  /** What to log and count besides the request itself; only a sync has this. */
  report?: SyncReport
}

/** The report of a sync, for logs and metrics. */
export interface SyncReport {
  /** `<namespace>/<name>` of the parent. */
  source: string
  /** Generation of the parent. */
  generation: number
  events: ReconcilerEvent[]
  /** Whether the answered status differs from the stored one. */
  statusChanged: boolean
  /** Whether the parent's spec is invalid. */
  specInvalid: boolean
}
