/** Whether this is `npm run soak`: what shows only after many repetitions is repeated so often. `npm test` has a short form of it. */
export const isSoak = process.env['SOAK'] === '1'
