import { accessSync, constants, readFileSync, readdirSync } from 'node:fs'
import t from 'tap'
import { parse } from 'yaml'

/* The configuration for GitHub. `npm run actionlint` checks its syntax; these tests check what it does. */

interface Step { uses?: string, run?: string, with?: Record<string, unknown> }
interface Job { 'timeout-minutes'?: number, strategy?: { matrix: Record<string, string[]> }, permissions?: Record<string, string>, steps: Step[] }
interface Workflow { name: string, on: Record<string, unknown>, permissions?: Record<string, string>, jobs: Record<string, Job> }

const folder = '.github/workflows'
const texts = Object.fromEntries(readdirSync(folder).map(file => [file, readFileSync(`${folder}/${file}`, 'utf8')]))
const workflows = Object.fromEntries(Object.entries(texts).map(([file, text]) => [file, parse(text) as Workflow]))
const runs = ({ steps }: Job) => steps.map(({ run }) => run ?? '').join('\n')

t.test('each job has only the rights that it needs, and a timeout', async t => {
  for (const [file, { permissions, jobs }] of Object.entries(workflows)) {
    t.strictSame(permissions, { contents: 'read' }, file)
    for (const [name, job] of Object.entries(jobs)) t.ok(job['timeout-minutes'], `${file}: ${name}`)
  }
  const writers = Object.entries(workflows).filter(([, { jobs }]) => Object.values(jobs).some(({ permissions = {} }) => permissions['contents'] === 'write'))
  t.strictSame(writers.map(([file]) => file), ['pins.yaml', 'release.yaml'])
  for (const [file, { on }] of writers) t.notOk(Object.keys(on).some(event => event.startsWith('pull_request')), `${file}: nobody else can start it`)
  for (const [file, text] of Object.entries(texts)) t.notMatch(text, /pull_request_target|run:.*\$\{\{ *(github\.event|github\.head_ref)/, file)
})

t.test('every change goes through .ci/run, on the oldest Node and on the image\'s', async t => {
  const { on, jobs } = workflows['ci.yaml']!
  t.ok('pull_request' in on)
  const ci = jobs['ci']!
  t.strictSame(ci.strategy?.matrix['node'], ['20', readFileSync('.nvmrc', 'utf8').trim()])
  t.match(runs(ci), /^\.ci\/run$/m)
  t.equal(ci.steps.find(({ uses }) => uses?.startsWith('actions/checkout'))?.with?.['fetch-depth'], 0, 'with the history, which the tests clone')
})

t.test('the e2e runs at the level full, with both apply strategies', async t => {
  const { jobs: { e2e } } = workflows['e2e.yaml']!
  t.strictSame(e2e?.strategy?.matrix['apply-strategy'], ['dynamic-apply', 'server-side-apply'])
  t.match(runs(e2e!), /npm run e2e -- --level full/)
  const cluster = readFileSync('.github/kind-cluster', 'utf8')
  accessSync('.github/kind-cluster', constants.X_OK)
  const preflight = readFileSync('test/e2e/preflight.ts', 'utf8')
  for (const pattern of [/ref=(v[\d.]+)/, /knative-(v[\d.]+)/]) t.ok(cluster.includes(pattern.exec(preflight)![1]!), `the version that the script tells of: ${pattern.source}`)
})

t.test('a release is for both platforms, with SBOM and provenance, signed, and has what it promises', async t => {
  const { on, jobs } = workflows['release.yaml']!
  t.strictSame(on, { push: { tags: ['v*'] } })
  const text = runs(Object.values(jobs)[0]!)
  for (const part of ['release:check', '--platform linux/amd64,linux/arm64', '--sbom=true', '--provenance=mode=max', 'cosign sign', 'cosign verify', 'release:install', 'checksums.txt', 'release:notes', 'gh release create']) t.ok(text.includes(part), part)
  for (const label of ['version', 'revision', 'created', 'source', 'url', 'documentation']) t.ok(text.includes(`org.opencontainers.image.${label}=`), label)
  for (const label of ['title', 'description', 'licenses']) t.ok(readFileSync('Dockerfile', 'utf8').includes(`org.opencontainers.image.${label}=`), label)
})

t.test('code is scanned, dependencies are updated, and issue forms ask what matters', async t => {
  t.match(workflows['codeql.yaml']?.jobs['analyze']?.strategy?.matrix['language'], ['javascript-typescript', 'actions'])
  const { updates } = parse(readFileSync('.github/dependabot.yml', 'utf8')) as { updates: Array<{ 'package-ecosystem': string }> }
  t.strictSame(updates.map(update => update['package-ecosystem']), ['npm', 'github-actions'])
  t.match(runs(workflows['pins.yaml']!.jobs['pins']!), 'release:pin', 'and the bases of the image')
  for (const form of ['bug.yml', 'feature.yml']) t.match(parse(readFileSync(`.github/ISSUE_TEMPLATE/${form}`, 'utf8')), { name: String, description: String, body: Array })
  t.match(readFileSync('.github/pull_request_template.md', 'utf8'), /- \[ \] /)
})
