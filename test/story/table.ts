import { styleText } from 'node:util'
import { invisible } from '../../src/kubernetes/field-error.js'
import { humanDuration } from './human-duration.js'
import { stringAt } from '../../src/kubernetes/object.js'
import type { KubeObject } from '../harness/api-server.js'
import { readyOf } from './ready.js'

/* Prints objects as `kubectl get --watch` does: a line whenever something changes. */

/** Colours for a terminal, by the status of Ready. */
export const colours = { True: 'green', False: 'red', Unknown: 'yellow' } as const

/** Prints a line for each visible change. */
export class WatchTable {
  readonly #print: (line: string) => void
  /** The last line of each object, without the age. */
  readonly #last = new Map<string, string>()

  /** @param print called with each line, without the line break */
  constructor (print: (line: string) => void = line => console.log(line)) {
    this.#print = print
  }

  /** Whether nothing has been printed yet. */
  get isEmpty (): boolean {
    return this.#last.size === 0
  }

  printHeader (): void {
    this.#print(columns('NAME', 'READY', 'REASON', 'SINK', 'AGE'))
  }

  /**
   * Prints an object, unless its line is unchanged.
   *
   * @param now the time in the cluster, in milliseconds since 1970
   */
  printObject (object: KubeObject, now: number): void {
    const { metadata, status } = object
    const ready = readyOf(object)
    const cells = [metadata.name, stringAt(ready, 'status') ?? '', stringAt(ready, 'reason') ?? '', stringAt(status, 'sinkUri') ?? ''] as const
    if (cells.join() === this.#last.get(metadata.uid)) return
    this.#last.set(metadata.uid, cells.join())
    this.#print(columns(...cells, humanDuration((now - Date.parse(metadata.creationTimestamp)) / 1000)))
  }
}

function columns (name: string, ready: string, reason: string, sink: string, age: string): string {
  const readyCell = ready.padEnd(9)
  const colour = hasColours() && ready in colours ? colours[ready as keyof typeof colours] : undefined
  // Node's own check finds no colours at a terminal where CI or no TERM is set.
  return `${cell(name, 11)}${colour === undefined ? readyCell : styleText(colour, readyCell, { validateStream: false })}${cell(reason, 28)}${cell(sink, 24)}${age}`.trimEnd()
}

/** Whether the output has colours: https://no-color.org */
function hasColours (): boolean {
  const { NO_COLOR = '', TERM } = process.env
  return process.stdout.isTTY && NO_COLOR === '' && TERM !== 'dumb'
}

/** Cuts text that is too long, so that the line fits on a terminal. */
function cell (content: string, width: number): string {
  const text = content.replace(invisible, ' ')
  return text.length < width ? text.padEnd(width) : `${text.slice(0, width - 2)}… `
}
