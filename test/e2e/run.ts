import type { Cleanup } from './cleanup.js'
import type { Patience } from './expect.js'
import type { Hook } from './hook.js'
import type { Kubectl } from './kubectl.js'
import type { Level } from './options.js'
import type { Facts } from './preflight.js'
import type { Recorder } from '../recording/recorder.js'

/** One run of the script: what its steps work with. */
export interface Run {
  /** Marks what it makes. */
  id: string
  level: Level
  facts: Facts
  /** Ends what is under way when the run is interrupted. */
  kubectl: Kubectl
  hook: Hook
  /** Where the hook on this machine is called; undefined if it runs in the cluster. */
  hookUrl: URL | undefined
  /** Image of hook and adapter. */
  image: string
  /** A namespace of its own, for sources. */
  namespace: string
  /** A namespace of its own that stands for that of the manifests, for a hook on this machine. */
  hookNamespace: string
  /** A folder of its own. */
  folder: string
  patience: Patience
  /** Keeps what the hook on this machine is sent and answers; undefined if nobody wants it. */
  recorder: Recorder | undefined
  cleanup: Cleanup
  /** Whether the controllers of Deployments, namespaces and owned objects are there; the first step finds out. */
  hasControllerManager: boolean
}

/** One thing that is proved. */
export interface Step {
  title: string
  /** @returns what there is to say about it, if anything */
  prove: (run: Run) => Promise<string | void>
}
