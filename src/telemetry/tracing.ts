import { randomBytes } from 'node:crypto'
import type { Attributes } from './instruments.js'

/** A piece of work, as a trace shows it. */
export interface Span {
  /** By which the called side continues the trace. https://www.w3.org/TR/trace-context/#traceparent-header */
  traceparent: string
  /** Something has happened meanwhile. */
  addEvent: (name: string, attributes: Attributes) => void
  /**
   * The work is done.
   *
   * @param failure why it is not done well, as far as that is known; undefined where it is
   */
  end: (attributes: Attributes, failure: string | undefined) => void
}

/** What a span is begun with. */
export interface SpanOptions {
  name: string
  attributes: Attributes
  /** Of the work that it is a part of, if it is. */
  parent?: string | undefined
}

/** Begins a span, for work by which something is sent to others. */
export type Trace = (options: SpanOptions) => Span

/** Begins a span that nobody records. It has a trace all the same, marked as not sampled, by which others can tell what belongs together. */
export const traceUnrecorded: Trace = ({ parent }) => ({
  traceparent: parent ?? `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-00`,
  addEvent: () => {},
  end: () => {}
})
