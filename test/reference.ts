import { existsSync } from 'node:fs'

const ofMade = 'docs/reference.md'

/**
 * The page that tells of fields, settings and metrics: the README; in a source that `npm run new-source` has made, whose
 * README is short, the page that it links to.
 */
export const reference = existsSync(ofMade) ? ofMade : 'README.md'
