import { copyFileSync, existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { reference } from '../reference.js'
import { run, type Result } from './copy.js'

/* The examples of the documents, each as a change of a repository. */

/** Whether this is a source that `npm run new-source` has made: its author may have changed what an example changes. */
export const isMade = existsSync('NOTICE')

/** The page that leads to a source of one's own. */
export const page = readFileSync('docs/your-own-source.md', 'utf8')

/** Its code blocks of a language. */
export const blocks = (language: string): string[] => [...page.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'))].map(([, block]) => block as string)

/** The field of the page. What a source that was made has in docs/reference.md is in the README here. */
export const fieldPatch = blocks('diff').join('').replaceAll(/(?<=^[-+]{3} [ab]\/)docs\/reference\.md$/gm, reference)

const webhook = 'docs/examples/webhook'

/** The files that the receiver has in place of ours. */
export const webhookFiles = ['heartbeat.ts', 'adapter.ts']

/** Each puts itself into a copy of this repository. */
export const examples: Record<'field' | 'webhook' | 'service', (folder: string) => Promise<Result>> = {
  field: async folder => await run(folder, 'git', ['apply'], fieldPatch),
  async webhook (folder) {
    for (const file of webhookFiles) copyFileSync(join(webhook, file), join(folder, 'src/adapter', file))
    return { code: 0, output: '' }
  },
  async service (folder) {
    copyFileSync(join(webhook, 'service.ts'), join(folder, 'src/samplesource/service.ts'))
    return await run(folder, 'git', ['apply', resolve(webhook, 'service.patch')])
  }
}
