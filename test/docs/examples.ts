import { cpSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { reference } from '../reference.js'
import { run, type Result } from './copy.js'

/* The examples of the documents, each as a change of a repository. */

/** Whether this is a source that `npm run new-source` has made: its author may have changed what an example changes. */
export const isMade = existsSync('NOTICE')

/** The page that leads to a source of one's own. */
export const page = readFileSync('docs/your-own-source.md', 'utf8')

/** Its code blocks of a language. */
export const blocks = (language: string): string[] => [...page.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'))].map(([, block]) => block as string)

/** A patch as it is for this repository. What a source that was made has in docs/reference.md is in the README here. */
const ofHere = (patch: string): string => patch.replaceAll(/(?<=^[-+]{3} [ab]\/)docs\/reference\.md$/gm, reference)

/** The field of the page. */
export const fieldPatch = ofHere(blocks('diff').join(''))

const webhook = 'docs/examples/webhook'
const service = 'docs/examples/service'

/** Each puts itself into a copy of this repository. */
export const examples: Record<'field' | 'webhook' | 'service', (folder: string) => Promise<Result>> = {
  field: async folder => await run(folder, 'git', ['apply'], fieldPatch),
  async webhook (folder) {
    for (const part of ['src', 'test']) cpSync(join(webhook, part), join(folder, part), { recursive: true })
    return await run(folder, 'git', ['apply', '--unidiff-zero'], ofHere(readFileSync(join(webhook, 'reference.patch'), 'utf8')))
  },
  async service (folder) {
    cpSync(join(service, 'src'), join(folder, 'src'), { recursive: true })
    return await run(folder, 'git', ['apply'], ofHere(readFileSync(join(service, 'service.patch'), 'utf8')))
  }
}
