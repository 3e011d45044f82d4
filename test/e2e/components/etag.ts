import { Unexpected } from '../expect.js'
import { becomeReady } from '../steps/ready.js'
import { expectNoWrite } from '../steps/steady.js'
import type { Trial } from './trials.js'

/** What Metacontroller has already is not sent again, and does as well: nothing is written. */
export async function answersAreKept ({ run, source: { metadata: { name } } }: Trial): Promise<string | undefined> {
  await becomeReady(run, name)
  await expectNoWrite(run, name)
  const unchanged = await run.hook.syncs(304)
  if (unchanged === 0) throw new Unexpected('syncs that are answered 304', unchanged)
  return `${unchanged} syncs answered 304`
}
