import type { KubeObject } from '../kube-object.js'
import type { Run } from '../run.js'
import type { Credentials } from '../secrets.js'
import { answersAreKept } from './etag.js'
import { eventsAreThere } from './events.js'
import { metricsAreThere } from './monitoring.js'
import { deploymentGoesFirst } from './ordered-teardown.js'
import { strangersAreRefused } from './strangers.js'

/** The input of a trial. */
export interface Trial {
  run: Run
  /** All components that are installed now. */
  components: string[]
  /** The credentials for the hook; undefined if cert-manager made them. */
  credentials: Credentials | undefined
  /** A source that was created with these components and has its children. */
  source: KubeObject
}

/** What a component needs and promises. To add a component, add the name of its folder here, and a file that tests it. */
export interface Component {
  /** Components that it needs; they are listed before it. */
  needs?: string[]
  /** Components that must be listed before it if they are used. */
  goesAfter?: string[]
  /**
   * Tests what the component promises, while it is installed.
   *
   * @returns a remark on the result
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
