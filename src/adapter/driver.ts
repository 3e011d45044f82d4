/** What makes an adapter send events: a clock, incoming requests, or anything else. */
export interface Driver {
  /** What it does, for the log. */
  description: string
  /** Starts sending. */
  start: () => void | Promise<void>
  /**
   * Starts no further event, and waits for the current ones.
   *
   * @param grace how long they may take, in milliseconds; after that they are aborted
   */
  stop: (grace: number) => Promise<void>
}
