import { cpSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { run, type Result } from './copy.js'
import { codeBlocks } from './markdown.js'

/* The examples of the documents, each as a change to a repository. */

/** Whether `npm run new-source` made this source: its author may have changed the same code as an example. */
export const isMade = existsSync('NOTICE')

/** The page about your own source. */
export const page = readFileSync('docs/your-own-source.md', 'utf8')

/** Its code blocks of a language, each with a line break at its end. */
export const blocks = (language: string): string[] => codeBlocks(page).filter(block => block.language === language).map(({ text }) => `${text}\n`)

/** The field of the page. */
export const fieldPatch = blocks('diff').join('')

const webhook = 'docs/examples/webhook'
const service = 'docs/examples/service'

/** The examples; each applies itself to a copy of this repository. */
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
