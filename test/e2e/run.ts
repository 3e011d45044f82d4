import type { Cleanup } from './cleanup.js'
import type { Patience } from './expect.js'
import type { Hook } from './hook.js'
import type { Kubectl } from './kubectl.js'
import type { Level } from './options.js'
import type { Facts } from './preflight.js'
import type { Recorder } from '../recording/recorder.js'

/** One run of the script: what its steps have in common. */
export interface Run {
  /** Marks the objects that it creates. */
  id: string
  level: Level
  facts: Facts
  /** Aborted when the run is interrupted. */
  kubectl: Kubectl
  hook: Hook
  /** The URL of the hook on this machine; undefined if it runs in the cluster. */
  hookUrl: URL | undefined
  /** Image of the hook and the adapter. */
  image: string
  /** The namespace of this run, for sources. */
  namespace: string
  /** The namespace of this run that replaces the one in the manifests, for a hook on this machine. */
  hookNamespace: string
  /** The folder of this run. */
  folder: string
  patience: Patience
  /** Records the requests and answers of the hook on this machine; undefined if nothing is recorded. */
  recorder: Recorder | undefined
  cleanup: Cleanup
  /** Whether the controllers of Deployments, namespaces and owned objects run; the first step finds out. */
  hasControllerManager: boolean
}

/** One thing to prove. */
export interface Step {
  title: string
  /** @returns a remark on the result, if any */
  prove: (run: Run) => Promise<string | void>
}
