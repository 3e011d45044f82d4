import type { Clock } from './clock.js'
import type { KubeObject } from './resource.js'

/** A controller's event about an object, as `kubectl describe` shows it. */
export interface KubeEvent {
  type: 'Normal' | 'Warning'
  reason: string
  message: string
  /** The component that reports it. */
  source: string
  time: string
  apiVersion: string
  kind: string
  namespace: string | undefined
  name: string
}

/** Records the events. A real recorder counts repeated ones, and drops those of a component that sends too many. */
export class EventRecorder {
  readonly events: KubeEvent[] = []
  readonly #clock: Clock
  readonly #watchers: Array<(event: KubeEvent) => void> = []

  constructor (clock: Clock) {
    this.#clock = clock
  }

  watch (listener: (event: KubeEvent) => void): void {
    this.#watchers.push(listener)
  }

  record ({ apiVersion, kind, metadata: { namespace, name } }: KubeObject, type: KubeEvent['type'], reason: string, message: string, source: string): void {
    const event = { type, reason, message, source, time: this.#clock.timestamp(), apiVersion, kind, namespace, name }
    this.events.push(event)
    for (const watcher of this.#watchers) watcher(event)
  }
}
