import * as ours from '../../src/samplesource/names.js'
import { findTraces } from './traces.js'

/* A process: finds what a source in another folder, the first argument, still says of the names of this one. */

const [folder = '.'] = process.argv.slice(2)
const traces = findTraces(folder, ours)
for (const trace of traces) console.error(trace)
process.exitCode = traces.length > 0 ? 1 : 0
