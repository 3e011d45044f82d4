import { endOnSignal } from '../process/startup.js'

/* The hook process: first its signals, then all else. */

endOnSignal()
await import('./run.js')
