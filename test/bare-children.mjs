import { resolve } from 'node:path'
import { argvToNodeOptions, nodeOptionsToArgv } from 'node-options-to-argv'
import processOnSpawn from 'process-on-spawn'

/*
 * Each process of `npm test` imports this. tap adds its loader to the options of every child process, where loading it takes
 * longer than loading the program. Here it is taken out again, except for what counts for the coverage: files of build/src/.
 */

const counts = ({ args, cwd }) => resolve(cwd) === process.cwd() && args.some(arg => arg.includes('build/src/'))
const isOfTap = option => option.includes('/@tapjs/processinfo/')

processOnSpawn.addListener(child => {
  if (counts(child)) return
  const options = nodeOptionsToArgv(child.env.NODE_OPTIONS).filter(option => !isOfTap(option))
  child.env = { ...child.env, NODE_OPTIONS: argvToNodeOptions(options) }
})
