import type { Deployment } from 'kubernetes-types/apps/v1.js'
import type { TObject } from '@sinclair/typebox'
import type { Registry } from 'prom-client'
import { makeAdapter } from '../../src/adapter/adapter.js'
import { readConfig } from '../../src/adapter/config.js'
import { makeDelivery } from '../../src/adapter/delivery.js'
import { makeReader, type Read } from '../../src/adapter/environment.js'
import { component, eventType, metricsPrefix, readSettings } from '../../src/adapter/heartbeat.js'
import { variables, type Variable } from '../../src/adapter/variables.js'
import { Environment } from '../../src/hook/config.js'
import { makeMetrics } from '../../src/http/metrics.js'
import { SettingsEnvironment } from '../../src/samplesource/settings.js'
import { readManifests } from '../harness/cluster.js'
import { environment } from '../adapter/environment.js'
import { FakeClock } from '../adapter/fake-clock.js'
import { makeLog } from '../adapter/log.js'
import { makeReadableMetrics } from '../adapter/metrics.js'

/* The generated tables of the documents: `npm run generate` writes them, and a test checks that they are up to date. */

/** The pages with such tables: between `<!-- table: NAME -->` and `<!-- end -->`. */
export const pages = ['docs/configuration.md', 'docs/metrics.md']

const tables: Record<string, () => string | Promise<string>> = {
  'variables of the hook': () => hookVariables(Environment),
  'variables of the receive adapters': () => hookVariables(SettingsEnvironment),
  'variables of the adapter': adapterVariables,
  'metrics of the hook': async () => await metricsOf(makeMetrics(metricsPrefix, '1.2.3').registry),
  'metrics of the adapter': async () => await metricsOf(adapterMetrics())
}

/**
 * Puts the generated tables into a page.
 *
 * @param text of the page, with any tables
 * @returns the page with current tables
 * @throws Error if it names an unknown table
 */
export async function withTables (text: string): Promise<string> {
  const parts = text.split(/^(<!-- table: .* -->\n)[^]*?(?=^<!-- end -->$)/m)
  return (await Promise.all(parts.map(async part => {
    const name = /^<!-- table: (.*) -->\n$/.exec(part)?.[1]
    if (name === undefined) return part
    const makeTable = tables[name]
    if (makeTable === undefined) throw new Error(`no table "${name}"`)
    return `${part}${await makeTable()}`
  }))).join('')
}

function makeTable (head: string[], rows: string[][]): string {
  return [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |\n`).join('')
}

const code = (text: unknown) => `\`${text}\``

/** The settings in manifests/. */
function installed (): Map<string, string> {
  const deployment = readManifests('manifests/base').find(({ kind }) => kind === 'Deployment') as Deployment | undefined
  const env = deployment?.spec?.template.spec?.containers[0]?.env ?? []
  return new Map(env.map(({ name, value, valueFrom }) => [name, value === undefined ? `from ${code(valueFrom?.fieldRef?.fieldPath)}` : code(value)]))
}

function hookVariables ({ properties }: TObject): string {
  const set = installed()
  return makeTable(['variable', 'meaning', 'default', '`manifests/` set'], Object.entries(properties).map(([name, { description, default: value, unset }]) =>
    [code(name), description, unset ?? (value === undefined ? 'required' : withMebibytes(value)), set.get(name) ?? '']))
}

function withMebibytes (value: unknown): string {
  const mebibytes = Number(value) / 1024 ** 2
  return mebibytes >= 1 ? `${code(value)} (${mebibytes} MiB)` : code(value)
}

/** First the settings of the source, in the order in which they are read. */
function adapterVariables (): string {
  const rows: string[][] = []
  const read: Read = (name, defaultText, parse, expected, description) => {
    rows.push([code(name), `${description.replace(/\.$/, '')}: ${expected}.`, defaultText === '' ? withoutDefault(parse) : code(defaultText)])
    return makeReader(environment, [])(name, defaultText, parse, expected, description)
  }
  readSettings(read)
  const defaults: Partial<Record<string, string>> = { K_COMPONENT: code(component) }
  rows.push(...Object.entries<Variable>(variables).map(([name, variable]) =>
    [code(name), variable.description, variable.unset ?? defaults[name] ?? (variable.default === undefined ? '' : code(variable.default))]))
  return makeTable(['variable', 'meaning', 'default'], rows)
}

/** A setting is required if it cannot be read while unset. */
function withoutDefault (parse: (text: string) => unknown): string {
  return parse('') === undefined ? 'required' : ''
}

function adapterMetrics (): Registry {
  const { config } = readConfig({ K_SINK: 'http://sink.example', ...environment }, component, readSettings)
  const metrics = makeReadableMetrics(metricsPrefix, eventType)
  makeAdapter(config!, makeDelivery({ send: () => { throw new Error('it has not begun') }, clock: new FakeClock(), metrics, logger: makeLog().logger }))
  return metrics.registry
}

/** Without the metrics of every Node process. */
async function metricsOf (registry: Registry): Promise<string> {
  const metrics = registry.getMetricsAsArray() as unknown as Array<{ name: string, type: string, labelNames: string[], help: string }>
  return makeTable(['metric', 'type', 'labels', 'meaning'], metrics
    .filter(({ name }) => !/^(process|nodejs)_/.test(name))
    .map(({ name, type, labelNames, help }) => [code(name), type, labelNames.map(code).join(', '), help]))
}
