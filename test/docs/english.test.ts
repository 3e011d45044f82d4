import t from 'tap'
import { readPages } from './pages.js'

/** Phrases that read as if translated, with better ones. */
const phrases: Array<[phrase: RegExp, instead: string]> = [
  [/\bbeside\b/i, 'besides, next to, in addition to'],
  [/\bwhoever\b/i, 'anyone who, the caller'],
  [/\bfor ever\b/i, 'forever, without end'],
  [/\bnobody has said\b/i, 'not configured'],
  [/\bon its way out\b/i, 'during shutdown, being deleted'],
  [/\bit goes by\b/i, 'it uses']
]

t.test('the documents are in plain English', async t => {
  for (const [page, text] of readPages()) {
    for (const [phrase, instead] of phrases) t.notMatch(text, phrase, `${page}: instead, write "${instead}"`)
  }
})

t.test('each page says what its reader can do after reading it', async t => {
  for (const [page, text] of readPages()) {
    if (page.startsWith('docs/')) t.match(text, /^# .+\n\nAfter reading this page you /, page)
  }
})
