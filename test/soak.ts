/** Whether this is `npm run soak`, which repeats tests many times. `npm test` has a short form of them. */
export const isSoak = process.env['SOAK'] === '1'

/** How often a property is tried: a tenth of that many times, or, in a soak, all of them. */
export const runs = (times: number): number => isSoak ? times : Math.ceil(times / 10)
