import type { KubeObject } from '../kube-object.js'
import type { Run } from '../run.js'
import type { Credentials } from '../secrets.js'
import { answersAreKept } from './etag.js'
import { eventsAreThere } from './events.js'
import { metricsAreThere } from './monitoring.js'
import { deploymentGoesFirst } from './ordered-teardown.js'
import { strangersAreRefused } from './strangers.js'

/** What a trial has to go on. */
export interface Trial {
  run: Run
  /** All that are installed now. */
  components: string[]
  /** With which the hook lets one in; undefined where others have made them. */
  credentials: Credentials | undefined
  /** A source that was made with them, and has its children. */
  source: KubeObject
}

/** What is known of a component. To add one, add its folder's name here, and a file for what it promises. */
export interface Component {
  /** Components that it needs, listed before it. */
  needs?: string[]
  /** Components that are listed before it where they are used. */
  goesAfter?: string[]
  /**
   * Tries what it promises, while it is installed.
   *
   * @returns what there is to say about it
   * @throws Unexpected
   */
  prove?: (trial: Trial) => Promise<string | undefined>
}

/** By the name of its folder in `manifests/components/`. */
export const trials: Record<string, Component> = {
  tls: { prove: strangersAreRefused },
  mtls: { needs: ['tls'], prove: strangersAreRefused },
  token: { prove: strangersAreRefused },
  monitoring: { prove: metricsAreThere },
  events: { prove: eventsAreThere },
  etag: { prove: answersAreKept },
  'ordered-teardown': { goesAfter: ['tls'], prove: deploymentGoesFirst }
}
