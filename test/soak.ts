/** Whether this is `npm run soak`, which repeats tests many times. `npm test` has a short form of them. */
export const isSoak = process.env['SOAK'] === '1'
