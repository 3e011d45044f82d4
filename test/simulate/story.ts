import type { KubeObject, Write } from '../harness/api-server.js'
import { manager as metacontroller } from '../harness/child-manager.js'
import type { Cluster, Step } from '../harness/cluster.js'
import { print, say } from '../story/lines.js'
import { WatchTable } from '../story/table.js'
import { label, onOneLine, type Fault } from './finding.js'
import type { Outcome } from './outcome.js'

/** How many times the same line is printed in a stage. */
const mostTimes = 3
/** How many lines with the same verb and kind are printed in a stage. */
const mostAlike = 20
/** How many fields of a finding are printed. */
const mostMoves = 5
/** How much of a value is printed, in characters. */
const mostShown = 60

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
      if (this.#isNew(`${verbOf(write)} ${write.kind}`, mostAlike)) this.#say('', `${verbOf(write)} ${label(write)}`)
    }
  }

  /** Prints the end. */
  onOutcome ({ syncs, customizeCalls, writes, parents, findings, notes, atRest, exitCode }: Outcome, allowed: Fault[]): void {
    console.log()
    print('', `Metacontroller called the hook ${times(syncs)}${customizeCalls > 0 ? `, and the customize hook ${times(customizeCalls)}` : ''}. It wrote:`)
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
      for (const { path, was, is } of moves.slice(0, mostMoves)) say('', `${path}: was ${shown(was, is)}, is ${shown(is, was)}`)
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

  /** Counts a text. Once it repeats too often, a line says so, and it is no longer printed. */
  #isNew (text: string, most = mostTimes): boolean {
    const count = this.#printed.get(text) ?? 0
    this.#printed.set(text, count + 1)
    if (count === most && !this.#goesOn) say('', '… and so on')
    this.#goesOn ||= count === most
    return count < most
  }
}

const times = (count: number) => count === 1 ? 'once' : `${count} times`

function verbOf ({ verb, subresource, old }: Write): string {
  if (verb === 'delete') return 'deleted'
  return subresource === 'status' ? 'wrote the status of' : old === undefined ? 'created' : 'updated'
}

/** A value as JSON; of a long one, the part in which it differs from the other one. */
function shown (value: unknown, other: unknown): string {
  if (value === undefined) return 'absent'
  const text = JSON.stringify(value)
  if (text.length <= mostShown) return text
  const otherText = other === undefined ? '' : JSON.stringify(other)
  const first = text.split('').findIndex((character, index) => character !== otherText[index])
  const from = first < mostShown - 10 ? 0 : first - 10
  return `${from > 0 ? '…' : ''}${text.slice(from, from + mostShown)}${from + mostShown < text.length ? '…' : ''}`
}
