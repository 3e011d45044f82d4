import { readFile, readdir, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { withoutAdvice } from '../../src/cli/usage.js'
import * as names from '../../src/samplesource/names.js'
import { CommandError, execute } from '../e2e/command.js'
import { startHookProcess } from '../story/hook-process.js'
import { notesOf } from './changelog.js'
import { checkImage, lackedForImage } from './image.js'
import { makeInstallYaml } from './install-yaml.js'
import { findPins, pinned, setPin, unpinnedActions } from './pins.js'
import { installSimulated } from './simulated-install.js'
import { disagreements, readVersions } from './versions.js'

/* `npm run release:check` and the other commands for a release; .github/workflows/release.yaml calls it. */

const help = `Usage: npm run release:check [-- --draft] [-- --without-image]
       npm run -s release:notes
       npm run -s release:install -- IMAGE@DIGEST
       npm run release:pin

check    does all of a release that takes no registry: the versions agree, the
         changelog tells of this one, all images and actions of others are pinned,
         install.yaml builds and works in the simulated cluster, and the image
         builds and runs, of bases that are made of this machine.
         --draft: what is not pinned, and a changelog without this version, is told
         of and is no failure; --without-image: the image is not built
notes    prints what CHANGELOG.md tells of this version
install  prints install.yaml, with that image
pin      has docker look up what the tags of the images of others stand for now,
         and writes that where they are named: needs the registries

Exit status: 0; 1 if something is not as a release needs it; 2 for wrong usage.
`

process.exitCode = await main(process.argv.slice(2))

async function main (args: string[]): Promise<number> {
  let parsed
  try {
    parsed = parseArgs({ args, allowPositionals: true, options: { draft: { type: 'boolean', default: false }, 'without-image': { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } } })
  } catch (error) {
    return fail(withoutAdvice((error as Error).message))
  }
  const { values, positionals: [command, image, ...others] } = parsed
  if (values.help) {
    process.stdout.write(help)
    return 0
  }
  if (others.length === 0 && command === 'install' && image !== undefined && /^[^\s@]+@sha256:[0-9a-f]{64}$/.test(image)) {
    process.stdout.write(await makeInstallYaml(image))
    return 0
  }
  if (image === undefined && command === 'check') return await check(values.draft, !values['without-image'])
  if (image === undefined && command === 'notes') return await notes()
  if (image === undefined && command === 'pin') return await pin()
  return fail(command === 'install' ? 'expected one IMAGE@sha256:…' : `expected check, notes, install or pin, got ${args.join(' ')}`)
}

function fail (message: string): number {
  process.stderr.write(`release: ${message}; see npm run release:check -- --help\n`)
  return 2
}

async function check (isDraft: boolean, withImage: boolean): Promise<number> {
  const failures: string[] = []
  const tell = (title: string, problems: string[], note = '', isNeeded = true) => {
    const isBad = problems.length > 0 && isNeeded
    console.log(`${isBad ? 'FAILED ' : problems.length > 0 ? 'not yet' : 'ok     '} ${title}${note === '' ? '' : `: ${note}`}`)
    for (const problem of problems) console.log(`        ${problem}`)
    if (isBad) failures.push(...problems)
  }

  const [first, ...others] = readVersions()
  const version = first?.version ?? ''
  tell('the versions agree', disagreements([first!, ...others]), version)
  tell('the changelog has it', notesOf(await readFile('CHANGELOG.md', 'utf8'), version) === undefined ? [`CHANGELOG.md has no section "## [${version}] - <date>" with something in it`] : [], '', !isDraft)

  const pins = await Promise.all(pinned.map(async ({ file, pattern }) => findPins(file, pattern, await readFile(file, 'utf8'))))
  tell('images of others are pinned', pins.flat().filter(({ digest }) => digest === undefined).map(({ file, image }) => `${file}: ${image} has no digest; npm run release:pin looks it up`), '', !isDraft)
  const workflows = await readdir('.github/workflows')
  const actions = await Promise.all(workflows.map(async file => unpinnedActions(await readFile(`.github/workflows/${file}`, 'utf8')).map(action => `${file}: ${action}`)))
  tell('actions of others are pinned', actions.flat())

  const image = `registry.example/${names.packageName}@sha256:${'0'.repeat(64)}`
  const hook = await startHookProcess()
  try {
    const { objects, images, ready } = await installSimulated(await makeInstallYaml(image), hook.url)
    tell('install.yaml builds, with the image by its digest', images.filter(found => found !== image).map(found => `it has the image ${found}`), `${objects} objects`)
    tell('and a source gets ready by it in the simulated cluster', ready === 'True' ? [] : [`its condition Ready is ${ready}`])
  } finally {
    await hook.stop()
  }

  const lacked = withImage ? await lackedForImage() : 'not asked for'
  if (lacked !== undefined) console.log(`not done the image builds and runs${withImage ? `: it needs ${lacked}` : ''}`)
  else {
    try {
      tell('the image builds, and runs read-only as its user', [], await checkImage())
    } catch (error) {
      tell('the image builds, and runs read-only as its user', (error as Error).message.split('\n'))
    }
  }
  return failures.length > 0 ? 1 : 0
}

async function notes (): Promise<number> {
  const version = readVersions()[0]?.version ?? ''
  const found = notesOf(await readFile('CHANGELOG.md', 'utf8'), version)
  if (found === undefined) {
    process.stderr.write(`CHANGELOG.md does not tell of ${version}\n`)
    return 1
  }
  process.stdout.write(`${found}\n`)
  return 0
}

async function pin (): Promise<number> {
  let code = 0
  for (const { file, pattern } of pinned) {
    let text = await readFile(file, 'utf8')
    for (const pin of findPins(file, pattern, text)) {
      try {
        const digest = (await execute('docker', ['buildx', 'imagetools', 'inspect', pin.image, '--format', '{{.Manifest.Digest}}'])).stdout.trim()
        if (!/^sha256:[0-9a-f]{64}$/.test(digest)) throw new Error(`docker has answered ${digest}`)
        console.log(`${pin.image} ${digest === pin.digest ? 'is' : 'is now'} ${digest}`)
        text = setPin(text, pin, digest)
      } catch (error) {
        if (!(error instanceof CommandError) && !(error as Error).message.startsWith('docker ')) throw error
        process.stderr.write(`${pin.image}: ${(error as Error).message}\n`)
        code = 1
      }
    }
    await writeFile(file, text)
  }
  return code
}
