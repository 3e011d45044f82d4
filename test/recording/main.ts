import { fixturesFolder } from '../fixtures.js'
import { tellStories } from './stories.js'

/* `npm run fixtures`: writes the request and answer of each case, from the simulated cluster. */

const recorder = await tellStories()
const count = await recorder.write(fixturesFolder)
console.log(`${count} cases written to test/fixtures/`)
for (const name of recorder.missing) {
  console.error(`not seen: ${name}`)
  process.exitCode = 1
}
