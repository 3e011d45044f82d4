import { EventEmitter, once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { HTTP, type CloudEvent } from 'cloudevents'
import { inTime } from './in-time.js'

/** A sink that prints events as Knative's event-display does. */
export class EventDisplay {
  readonly #server: Server
  readonly #events = new EventEmitter()

  private constructor () {
    this.#server = createServer(async (request, response) => {
      this.#events.emit('event', HTTP.toEvent({ headers: request.headers, body: await text(request) }))
      response.writeHead(202).end()
    })
  }

  /** Starts the sink. */
  static async start (): Promise<EventDisplay> {
    const display = new EventDisplay()
    await once(display.#server.listen(0, '127.0.0.1'), 'listening')
    return display
  }

  get url (): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /**
   * Prints the next events.
   *
   * @param count how many
   * @param print called with each line
   */
  async follow (count: number, print: (line: string) => void): Promise<void> {
    for (let printed = 0; printed < count; printed++) {
      const [event] = await inTime('an event at the sink', once(this.#events, 'event')) as [CloudEvent]
      for (const line of describe(event)) print(line)
    }
  }

  stop (): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }
}

/** The lines of an event. https://github.com/knative/eventing/tree/main/cmd/event_display */
function describe ({ specversion, type, source, subject, id, time, dataschema, datacontenttype, data, ...extensions }: CloudEvent): string[] {
  const lines = (attributes: Record<string, unknown>) => Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `  ${name}: ${String(value)}`)
  return [
    '☁️  cloudevents.Event',
    'Context Attributes,',
    ...lines({ specversion, type, source, subject, id, time, dataschema, datacontenttype }),
    'Extensions,',
    ...lines(extensions).sort(),
    'Data,',
    ...JSON.stringify(data, undefined, 2).split('\n').map(line => `  ${line}`)
  ]
}
