import { readFileSync } from 'node:fs'
import t from 'tap'
import { drawDashboard, picture } from './dashboard.js'
import { pages, withTables } from './tables.js'

for (const page of pages) {
  t.test(`${page} has what \`npm run generate\` writes`, async t => {
    const text = readFileSync(page, 'utf8')
    t.match(text, /^<!-- table: /m)
    t.equal(await withTables(text), text)
  })
}

t.test('only the text between the marks is replaced', async t => {
  const page = (table: string) => `# A\n<!-- table: metrics of the hook -->\n${table}<!-- end -->\nb\n`
  const written = await withTables(page('| old |\n'))
  t.match(written, /^# A\n<!-- table: metrics of the hook -->\n\| metric \|[^]*\|\n<!-- end -->\nb\n$/)
  t.notMatch(written, 'old')
  t.equal(await withTables(written), written)
  await t.rejects(withTables('<!-- table: none -->\n<!-- end -->\n'), { message: 'no table "none"' })
})

t.test('the picture of the dashboard is up to date', async t => {
  t.equal(drawDashboard(), readFileSync(picture, 'utf8'))
})

t.test('docs/metrics.md explains every alert', async t => {
  const alerts = [...readFileSync('manifests/components/monitoring/prometheus-rule.yaml', 'utf8').matchAll(/- alert: (\w+)$/gm)].map(([, name]) => name)
  const section = readFileSync('docs/metrics.md', 'utf8').split('\n## Alerts\n')[1] ?? ''
  t.strictSame([...section.matchAll(/`(\w+)`/g)].map(([, name]) => name), alerts)
})
