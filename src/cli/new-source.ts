import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import * as ours from '../samplesource/names.js'
import { isEmptyFolder, isInside, makeSource, readTexts } from './make-source.js'
import { checkNames, completeNames, type SourceNames } from './source-names.js'
import { branch, updateSource } from './update-source.js'
import { withoutAdvice } from './usage.js'

const help = `Usage: npm run new-source -- KIND --group GROUP --to FOLDER [options]

Makes a source of your own from this one: a new repository in FOLDER with the
history of this one, and one commit in which every name is yours.

      --group GROUP         API group, a DNS name
      --to FOLDER           where to make it; the folder must be empty or not exist
      --plural PLURAL       plural of the resource; by default the kind in lower case
                            and an s
      --namespace NAMESPACE namespace of the hook; by default the kind in words
      --event-type TYPE     CloudEvents type of its events; by default the group
                            backwards and the kind
      --event-source SOURCE CloudEvents source of its events; by default the group
                            and the kind
      --update              FOLDER has a source that was made earlier with these names:
                            put what is new in this one on its branch ${branch}
  -h, --help                this text

Exit status: 0; 2 if the names or the folder cannot be used, and then nothing has
been written.
`

/** The result of the command. */
export interface Outcome {
  stdout: string
  stderr: string
  exitCode: number
}

/**
 * Runs `npm run new-source`.
 *
 * @param args without Node's own
 * @param cwd the user's folder
 * @param from the repository to make the source from
 */
export function newSource (args: string[], cwd: string, from: string): Outcome {
  try {
    return { stdout: execute(args, cwd, from), stderr: '', exitCode: 0 }
  } catch (error) {
    return { stdout: '', stderr: `new-source: ${withoutAdvice((error as Error).message)}\n`, exitCode: 2 }
  }
}

function execute (args: string[], cwd: string, from: string): string {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      group: { type: 'string' },
      to: { type: 'string' },
      plural: { type: 'string' },
      namespace: { type: 'string' },
      'event-type': { type: 'string' },
      'event-source': { type: 'string' },
      update: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' }
    }
  })
  if (values.help) return help
  const [kind, ...others] = positionals
  const { group, to: folder } = values
  if (kind === undefined || others.length > 0) throw new Error('expected one KIND: see npm run new-source -- --help')
  if (group === undefined) throw new Error('expected --group GROUP: see npm run new-source -- --help')
  if (folder === undefined) throw new Error('expected --to FOLDER: see npm run new-source -- --help')

  const given = { plural: values.plural, systemNamespace: values.namespace, eventType: values['event-type'], eventSource: values['event-source'] }
  const names = completeNames({ kind, group, ...withoutUndefined(given) })
  const code = [...readTexts(from)].filter(([path]) => path.startsWith('src/') && !path.endsWith('/names.ts')).map(entry => entry.join('\n')).join('\n')
  const problems = checkNames(names, ours, code)
  if (problems.length > 0) throw new Error(problems.join('; '))
  const to = resolve(cwd, folder)
  if (isInside(to, from)) throw new Error(`--to: expected a folder outside of this repository, got ${folder}`)
  if (values.update) {
    updateSource({ from, old: ours, names, to })
    return `Made ${kind}.${group} once more, on the branch ${branch} of ${folder}. Merge it:
  cd ${folder}
  git merge ${branch}
`
  }
  if (!isEmptyFolder(to)) throw new Error(`--to: expected a folder that is empty or does not exist, got ${folder}`)
  makeSource({ from, old: ours, names, to })
  return nextSteps(names, folder)
}

function withoutUndefined (given: Record<string, string | undefined>): Partial<SourceNames> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

function nextSteps ({ kind, group }: SourceNames, folder: string): string {
  const domain = `src/${kind.toLowerCase()}`
  const files: Array<[path: string, what: string]> = [
    [`${domain}/schema.ts`, 'the fields of its spec'],
    [`${domain}/receive-adapter.ts`, 'what its adapter gets from it'],
    ['src/adapter/heartbeat.ts', 'what it sends']
  ]
  const width = Math.max(...files.map(([path]) => path.length))
  return `Made ${kind}.${group} in ${folder}, with one commit on top of the history of this repository.

See it run:
  cd ${folder}
  npm ci && npm run demo

Then make it yours. Open
${files.map(([path, what]) => `  ${path.padEnd(width)}  ${what}\n`).join('')}docs/your-own-source.md explains the steps.
`
}
