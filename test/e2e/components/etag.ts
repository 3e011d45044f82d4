import { Unexpected } from '../expect.js'
import { becomeReady } from '../steps/ready.js'
import { expectNoWrite } from '../steps/steady.js'
import type { Trial } from './trials.js'

/** An answer that Metacontroller already has is not sent again, and nothing is written. */
export async function answersAreKept ({ run, source: { metadata: { name } } }: Trial): Promise<string | undefined> {
  await becomeReady(run, name)
  await expectNoWrite(run, name)
  const unchanged = await run.hook.syncs(304)
  if (unchanged === 0) throw new Unexpected('syncs answered 304', unchanged)
  return `${unchanged} syncs answered 304`
}
