/**
 * Makes a function that reports frequent events rarely: the first at once, those that follow within an interval together
 * at its end.
 *
 * @param interval in milliseconds
 * @param tell receives how often each name has come since the last report, and the details of the last one
 */
export function seldom<Details> (interval: number, tell: (counts: Record<string, number>, last: Details) => void): (name: string, details: Details) => void {
  let counts: Record<string, number> = {}
  let last: Details
  let timer: NodeJS.Timeout | undefined
  function tellNow (): void {
    const told = counts
    counts = {}
    timer = setTimeout(() => {
      timer = undefined
      if (Object.keys(counts).length > 0) tellNow()
    }, interval).unref()
    tell(told, last)
  }
  return (name, details) => {
    counts[name] = (counts[name] ?? 0) + 1
    last = details
    if (timer === undefined) tellNow()
  }
}
