import { resolve } from 'node:path'
import { argvToNodeOptions, nodeOptionsToArgv } from 'node-options-to-argv'
import processOnSpawn from 'process-on-spawn'

/*
 * Each process that tap starts imports this. tap adds its loader to the options of every child process, where loading it
 * takes longer than loading the program. Here it is taken out again. A program that counts for the coverage, which runs
 * files of build/src/, has Node itself write its coverage to where tap reads it.
 */

const isCovered = process.env._TAPJS_PROCESSINFO_COVERAGE_ === '1'
const counts = ({ args, cwd }) => isCovered && resolve(cwd) === process.cwd() && args.some(arg => arg.includes('build/src/'))
const isOfTap = option => option.includes('/@tapjs/processinfo/')

processOnSpawn.addListener(child => {
  const options = nodeOptionsToArgv(child.env.NODE_OPTIONS).filter(option => !isOfTap(option))
  child.env = { ...child.env, NODE_OPTIONS: argvToNodeOptions(options), ...(counts(child) && { NODE_V8_COVERAGE: resolve('.tap/coverage') }) }
})
