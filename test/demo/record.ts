import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { drawStory, picture, storyOf } from './picture.js'

/* Part of `npm run pictures`: runs the demo, and draws its picture. */

writeFileSync(picture, drawStory(storyOf(execFileSync(process.execPath, ['--import=tsx', 'test/demo/main.ts'], { encoding: 'utf8' }))))
