import { endOnSignal } from '../process/startup.js'

/* The receive adapter process: first its signals, then all else. */

endOnSignal()
await import('./run.js')
