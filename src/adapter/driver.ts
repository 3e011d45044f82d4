/** What has an adapter send events: a clock, requests that come in, or whatever else. */
export interface Driver {
  /** What it does, for the log. */
  description: string
  /** Begins. */
  start: () => void | Promise<void>
  /**
   * Begins no further event, and waits for the one under way.
   *
   * @param grace how long that one may take, in milliseconds; then it is given up
   */
  stop: (grace: number) => Promise<void>
}
