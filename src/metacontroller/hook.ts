import type { Static, TSchema } from '@sinclair/typebox'
import type { ReconcilerEvent } from './reconciler-events.js'

/** A hook of a CompositeController, as a server takes it: the server knows no more of it than this. */
export interface Hook<Schema extends TSchema = TSchema> {
  /** As the CompositeController names it: `sync`. It is also the path that Metacontroller calls. */
  name: string
  /** The form of a request; one that does not have it is refused. */
  request: Schema
  /**
   * Answers a request of that form. It is pure: the same arguments always give the same answer.
   *
   * @param now the time of the request
   */
  answer (request: Static<Schema>, now: Date): HookAnswer
}

/** What a hook answers. */
export interface HookAnswer {
  /** The body of the answer. */
  response: object
  /** What is logged and counted besides the request itself; only a sync has that. */
  report?: SyncReport
}

/** What there is to tell a person about a sync. */
export interface SyncReport {
  /** `<namespace>/<name>` of the parent. */
  source: string
  /** Of the parent. */
  generation: number
  events: ReconcilerEvent[]
  /** Whether the answer has another status than the parent has stored. */
  statusChanged: boolean
  /** Whether the parent's spec is invalid. */
  specInvalid: boolean
}
