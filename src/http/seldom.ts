/**
 * Makes a function that tells of things that may come in any number: of the first at once, of those that follow within an
 * interval together, when it is over.
 *
 * @param interval in milliseconds
 * @param tell gets how often each name has come since it was called last, and the details of the last one
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
