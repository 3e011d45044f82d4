import type { KubeObject, Write } from '../harness/api-server.js'
import { manager as metacontroller } from '../harness/child-manager.js'
import type { Cluster, Step } from '../harness/cluster.js'
import { print, say } from '../story/lines.js'
import { WatchTable } from '../story/table.js'
import { label, onOneLine, type Fault } from './finding.js'
import type { Outcome } from './outcome.js'

/** How many times the same line is printed in a stage. */
const mostTimes = 3
/** How many fields of a finding are printed. */
const mostMoves = 5

/** Prints the steps, as the demo does. */
export class Story {
  readonly #table = new WatchTable(line => this.#printOften(line))
  #printed = new Map<string, number>()
  #goesOn = false

  /** Begins a stage. */
  readonly onStage = (name: string): void => {
    this.#printed = new Map()
    this.#goesOn = false
    print(this.#table.isEmpty ? '$ ' : '\n$ ', `kubectl apply -f ${name}`)
    if (this.#table.isEmpty) this.#table.printHeader()
  }

  readonly onStep = (step: Step, { clock, parentKind }: Cluster): void => {
    if (step.type === 'event' && step.event.reason === 'SyncError') this.#say('Warning: ', onOneLine(step.event.message))
    if (step.type !== 'write' || !step.write.changed) return
    const { write } = step
    if (write.apiVersion === parentKind.apiVersion && write.kind === parentKind.kind) {
      if (write.object !== undefined) this.#table.printObject(write.object as KubeObject, clock.now)
    } else if (write.manager === metacontroller) {
      this.#say('', `${verbOf(write)} ${label(write)}`)
    }
  }

  /** Prints the end. */
  onOutcome ({ syncs, writes, parents, findings, notes, atRest, exitCode }: Outcome, allowed: Fault[]): void {
    console.log()
    print('', `Metacontroller called the hook ${times(syncs)}. It wrote:`)
    for (const [kind, counts] of Object.entries(writes)) {
      const parts = Object.entries(counts).filter(([, count]) => count > 0).map(([what, count]) => what === 'unchanged' ? `${count} of them changed nothing` : `${what} ${times(count)}`)
      say(`${kind}: `, parts.join(', '))
    }
    if (Object.keys(writes).length === 0) say('', 'nothing')
    for (const { readyAfterSeconds, ...parent } of parents) {
      if (readyAfterSeconds !== undefined) print('', `${label(parent)} was Ready after ${readyAfterSeconds} s in the cluster.`)
    }
    for (const note of notes) print('Note: ', note, '  ')
    for (const { fault, object, message, moves } of findings) {
      print(`${allowed.includes(fault) ? 'Allowed' : 'Fault'}: `, `${fault}: ${object} ${message}`, '  ')
      for (const { path, was, is } of moves.slice(0, mostMoves)) say('', `${path}: was ${shown(was)}, is ${shown(is)}`)
      if (moves.length > mostMoves) say('', `and ${moves.length - mostMoves} more`)
    }
    const isRefused = findings.some(({ fault }) => fault === 'refused')
    print('', `${atRest ? 'It came to rest: 10 more syncs wrote nothing.' : isRefused ? 'Not everything was applied.' : 'It did not come to rest.'}${exitCode === 0 ? '' : ' See the faults above.'}`)
  }

  #say (who: string, text: string): void {
    if (this.#isNew(text)) say(who, text)
  }

  #printOften (line: string): void {
    // Without the age at the end.
    if (this.#isNew(line.replace(/\S+$/, ''))) console.log(line)
  }

  /** Prints a line that repeats only a few times. */
  #isNew (text: string): boolean {
    const count = this.#printed.get(text) ?? 0
    this.#printed.set(text, count + 1)
    if (count === mostTimes && !this.#goesOn) say('', '… and so on')
    this.#goesOn ||= count === mostTimes
    return count < mostTimes
  }
}

const times = (count: number) => count === 1 ? 'once' : `${count} times`

function verbOf ({ verb, subresource, old }: Write): string {
  if (verb === 'delete') return 'deleted'
  return subresource === 'status' ? 'wrote the status of' : old === undefined ? 'created' : 'updated'
}

function shown (value: unknown): string {
  if (value === undefined) return 'absent'
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 59)}…` : text
}
