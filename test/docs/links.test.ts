import { existsSync } from 'node:fs'
import t from 'tap'
import { brokenLinks } from './markdown.js'
import { readPages } from './pages.js'

t.test('every relative link leads to a file, and to a heading of it', async t => {
  const pages = readPages()
  t.ok(pages.has('README.md') && pages.has('docs/your-own-source.md'))
  t.strictSame(brokenLinks(pages, existsSync), [])
})

t.test('a broken link is found', async t => {
  const pages = new Map([
    ['a.md', '# One `two`, [three](b/c.md)!\n[a](#one-two-three) [b](#one) [c](b/c.md#x-1) [d](b/c.md#y) [e](b) [f](d.md) ![g](h.svg) [i](https://i.example/#j)\n'],
    ['b/c.md', '## X\n## X\n```\n# y\n[no](link)\n```\n| table |\n|---|\n| [k](../l) and [m](../a.md) |\n']
  ])
  const files = ['a.md', 'b/c.md', 'b']
  t.strictSame(brokenLinks(pages, path => files.includes(path)), ['a.md: #one', 'a.md: b/c.md#y', 'a.md: d.md', 'a.md: h.svg', 'b/c.md: ../l'])
})
