import { endOnSignal } from '../process/startup.js'

/* The hook process: signal handlers first, then everything else. */

endOnSignal()
await import('./run.js')
