import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'

/** What a stub does when it is called with certain arguments. */
export interface Answer {
  /** A shell pattern for the arguments: `get nodes *`. The first that matches counts. */
  args: string
  stdout?: string | object
  stderr?: string
  code?: number
  /** A line of shell instead of the answer; `$*` are the arguments. */
  shell?: string
}

/**
 * Puts stubs for commands on the PATH of this process until the test ends. Nothing else is on it but what they need. Each
 * answers from its list, and records its calls.
 *
 * @returns the calls of the stubs in order, such as `kubectl get nodes`, and the input of each call
 */
export function stubCommands (t: Test, commands: Record<string, Answer[]>): { calls: () => string[], inputs: () => Record<string, string> } {
  const folder = t.testdir()
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  const log = join(folder, 'calls')
  for (const [command, answers] of Object.entries(commands)) {
    const path = join(bin, command)
    writeFileSync(path, ['#!/bin/sh', 'PATH=/usr/bin:/bin', `set -- ${command} "$@"`, `echo "$*" >> ${quote(log)}`, 'shift', `case "$*" in${answers.map((answer, index) => branch(join(folder, `${command}-${index}`), answer)).join('')}`,
      `*) echo "the stub of ${command} knows no answer to: $*" >&2; exit 99;;`, 'esac', ''].join('\n'))
    chmodSync(path, 0o755)
  }
  const path = process.env['PATH']
  process.env['PATH'] = bin
  t.teardown(() => { process.env['PATH'] = path })
  return {
    calls: () => existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n') : [],
    inputs: () => Object.fromEntries(Object.entries(commands).flatMap(([command, answers]) => answers.flatMap(({ args }, index) => {
      const file = join(folder, `${command}-${index}.input`)
      return existsSync(file) ? [[`${command} ${args}`, readFileSync(file, 'utf8')]] : []
    })))
  }
}

/** Only builtins of the shell, unless there is input: there are thousands of calls. */
function branch (file: string, { args, stdout = '', stderr = '', code = 0, shell }: Answer): string {
  const pattern = args.split('*').map(quote).join('*')
  const input = `case "$*" in *"--filename -"*) cat > ${quote(file)}.input;; esac`
  const output = `printf %s ${quote(typeof stdout === 'string' ? stdout : JSON.stringify(stdout))}; printf %s ${quote(stderr)} >&2`
  return `\n${pattern}) ${shell ?? `${input}; ${output}; exit ${code}`};;`
}

function quote (text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

/** The answer of `kubectl get` for more than one object. */
export const list = (...items: object[]) => ({ kind: 'List', items })
