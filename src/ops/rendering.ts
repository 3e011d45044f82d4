import type { Registry } from 'prom-client'

/** How long a rendering is reused, in milliseconds. Prometheus scrapes every few seconds at most. */
const lifetime = 1_000

/**
 * Makes a function that renders the metrics of a registry for Prometheus. Rendering takes milliseconds, so scrapes within
 * a second get the same text, and scrapes during a rendering wait for it: the cost does not depend on the number of
 * scrapes. A failed rendering is not kept.
 *
 * @param now a monotonic clock, in milliseconds
 */
export function makeRendering (registry: Pick<Registry, 'metrics'>, now: () => number = () => performance.now()): () => Promise<string> {
  let rendering: Promise<string> | undefined
  let end = Infinity
  return async () => {
    if (rendering === undefined || now() >= end) {
      end = Infinity
      rendering = registry.metrics()
      rendering.then(() => { end = now() + lifetime }, () => { rendering = undefined })
    }
    return await rendering
  }
}
