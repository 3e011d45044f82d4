import { json } from 'node:stream/consumers'
import { ESLint } from 'eslint'

/* Reads `[{ filePath, code }, …]` and prints the rules that each breaks. ESLint needs a process without tsx. */

const eslint = new ESLint({ overrideConfigFile: '.eslint.config.js' })
const files = await json(process.stdin)
const results = await Promise.all(files.map(({ filePath, code }) => eslint.lintText(`${code}\n`, { filePath })))
process.stdout.write(JSON.stringify(results.map(([{ messages }]) => messages.map(({ ruleId }) => ruleId).sort())))
