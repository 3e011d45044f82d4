import { endOnSignal } from '../process/startup.js'

/* The receive adapter process: signal handlers first, then everything else. */

endOnSignal()
await import('./run.js')
