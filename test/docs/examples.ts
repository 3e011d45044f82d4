import { cpSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { run, type Result } from './copy.js'
import { codeBlocks } from './markdown.js'

/* The examples of the documents, each as a change of a repository. */

/** Whether this is a source that `npm run new-source` has made: its author may have changed what an example changes. */
export const isMade = existsSync('NOTICE')

/** The page that leads to a source of one's own. */
export const page = readFileSync('docs/your-own-source.md', 'utf8')

/** Its code blocks of a language, each with a line break at its end. */
export const blocks = (language: string): string[] => codeBlocks(page).filter(block => block.language === language).map(({ text }) => `${text}\n`)

/** The field of the page. */
export const fieldPatch = blocks('diff').join('')

const webhook = 'docs/examples/webhook'
const service = 'docs/examples/service'

/** Each puts itself into a copy of this repository. */
export const examples: Record<'field' | 'webhook' | 'service', (folder: string) => Promise<Result>> = {
  field: async folder => await run(folder, 'git', ['apply'], fieldPatch),
  async webhook (folder) {
    for (const part of ['src', 'test']) cpSync(join(webhook, part), join(folder, part), { recursive: true })
    return await run(folder, 'git', ['apply', '--unidiff-zero'], readFileSync(join(webhook, 'adapter.patch'), 'utf8'))
  },
  async service (folder) {
    cpSync(join(service, 'src'), join(folder, 'src'), { recursive: true })
    return await run(folder, 'git', ['apply'], readFileSync(join(service, 'service.patch'), 'utf8'))
  }
}
