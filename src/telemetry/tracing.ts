import { randomBytes } from 'node:crypto'
import type { Attributes } from './instruments.js'

/** A span of a trace. */
export interface Span {
  /** Passed on, so that the called side continues the trace. https://www.w3.org/TR/trace-context/#traceparent-header */
  traceparent: string
  /** Adds an event to the span. */
  addEvent: (name: string, attributes: Attributes) => void
  /**
   * Ends the span.
   *
   * @param failure why the work failed; undefined if it succeeded
   */
  end: (attributes: Attributes, failure: string | undefined) => void
}

/** The options of a span. */
export interface SpanOptions {
  name: string
  attributes: Attributes
  /** `traceparent` of the parent span, if there is one. */
  parent?: string | undefined
}

/** Begins a span for work that sends something to others. */
export type Trace = (options: SpanOptions) => Span

/** Begins a span that is not recorded. Its trace is marked as not sampled, but still shows others what belongs together. */
export const traceUnrecorded: Trace = ({ parent }) => ({
  traceparent: parent ?? `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-00`,
  addEvent: () => {},
  end: () => {}
})
