import * as ours from '../../src/samplesource/names.js'
import { findTraces } from './traces.js'

/* A process that finds the names of this source in a source in another folder, which is the first argument. */

const [folder = '.'] = process.argv.slice(2)
const traces = findTraces(folder, ours)
for (const trace of traces) console.error(trace)
process.exitCode = traces.length > 0 ? 1 : 0
