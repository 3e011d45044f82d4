import type { Step } from '../harness/cluster.js'
import { TooManyRequests } from '../harness/hook-client.js'
import { label, onOneLine, type Finding } from './finding.js'

/**
 * The syncs that failed, from Metacontroller's events: a finding for each object and message.
 *
 * @param ofCustomize the messages that are about the customize hook, which they do not say
 */
export function failedSyncs (steps: Step[], ofCustomize: ReadonlySet<string>): Finding[] {
  const counts = new Map<string, { object: string, message: string, times: number }>()
  for (const step of steps) {
    if (step.type !== 'event' || step.event.reason !== 'SyncError') continue
    const said = step.event.message.replace(/^Sync error: /, '')
    const message = onOneLine(`${ofCustomize.has(said) ? 'customize hook: ' : ''}${said}`)
    const object = label(step.event)
    const key = JSON.stringify([object, message])
    counts.set(key, { object, message, times: (counts.get(key)?.times ?? 0) + 1 })
  }
  return [...counts.values()].map(({ object, message, times }) => ({
    fault: 'sync-error',
    object,
    message: `could not be synced${times === 1 ? '' : `, ${times} times`}: ${message}`,
    moves: []
  }))
}

/** Why the hook is called again and again, if its own answers ask for it; empty if they do not. */
export function askedForMore (steps: Step[]): string {
  const syncs = steps.flatMap(step => step.type === 'sync' ? [step.sync] : [])
  const last = syncs.at(-1)
  if (last?.error instanceof TooManyRequests) {
    const times = syncs.slice(syncs.findLastIndex(({ error }) => !(error instanceof TooManyRequests)) + 1).length
    return `; the hook has answered 429${times === 1 ? '' : ` ${times} times in a row`}, and asks to be called again after ${last.error.afterSeconds} s`
  }
  const seconds = last?.response?.resyncAfterSeconds ?? 0
  return seconds > 0 ? `; the hook answers resyncAfterSeconds: ${seconds}` : ''
}
