import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/*
 * Collects the licenses of the packages in a bundle, which must be distributed with it.
 *
 *   node .ci/third-party-licenses.mjs METAFILE OUTPUT
 *
 * METAFILE is esbuild's. Fails if a package has neither a license file nor the name of a license.
 */

const [metafile, output] = process.argv.slice(2)
const { outputs } = JSON.parse(readFileSync(metafile, 'utf8'))
const used = Object.values(outputs).flatMap(({ inputs }) => Object.entries(inputs)).filter(([, { bytesInOutput }]) => bytesInOutput > 0)
const folders = new Set(used.flatMap(([path]) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []))

const texts = [...folders].sort().map(folder => {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const files = readdirSync(folder).filter(file => /^(licen[cs]e|notice|copying)/i.test(file))
  if (files.length === 0 && typeof license !== 'string') throw new Error(`${folder} has no license`)
  return [`${name} ${version}${typeof license === 'string' ? `: ${license}` : ''}`, ...files.map(file => readFileSync(join(folder, file), 'utf8').trim())].join('\n\n')
})
writeFileSync(output, `${texts.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`)
