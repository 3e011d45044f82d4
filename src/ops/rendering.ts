import type { Registry } from 'prom-client'

/** How long a rendering serves, in milliseconds. Prometheus asks every few seconds at the most. */
const lifetime = 1_000

/**
 * Makes a function that gives the metrics of a registry as Prometheus reads them. To render them takes milliseconds, so
 * a scrape within a second of it gets the same text, and one that comes meanwhile waits for it: how often somebody asks
 * does not decide what it costs. One that fails is not kept.
 *
 * @param now a clock that nobody sets, in milliseconds
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
