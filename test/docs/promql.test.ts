import fc from 'fast-check'
import t from 'tap'
import { linesOf } from './dashboard.js'
import { readDashboard, withVariables } from './panels.js'
import { evaluate, makeFilter } from './promql.js'
import { formatRecording, parseMetrics, type Recording, type Sample } from './recording.js'
import { stepFor } from './units.js'

const series = (__name__: string, labels: Record<string, string>, ...values: Array<number | null>) => ({ labels: { __name__, ...labels }, values })

const recording: Recording = {
  interval: 5,
  times: [0, 5, 10, 15, 20],
  series: [
    series('a_total', { x: '1', y: '1' }, 0, 10, 20, 5, 15),
    series('a_total', { x: '1', y: '2' }, null, null, null, 4, 10),
    series('a_total', { x: '2', y: '1' }, 1, 1, 1, 1, 1),
    series('b_total', {}, 100, 101, 103, 106, 110),
    series('c', { x: '1' }, 1, 2, 3, 4, 5),
    series('c', { x: '2' }, 7, 7, 7, 7, null),
    series('c', { x: '3' }, 6, 6, 6, 6, 6),
    series('d', { x: '1' }, 2, 2, 2, 2, 2),
    ...([['0.1', 4, 40], ['0.5', 6, 60], ['1', 6, 64], ['+Inf', 6, 80]] as const).map(([le, before, after]) => series('e_bucket', { le, z: 'e' }, before, before, before, before, after)),
    ...['0.1', '+Inf'].map(le => series('f_bucket', { le }, 0, 0, 0, 0, 0))
  ]
}

/** What Prometheus 3 makes of them at 20 s. */
const known: Array<[expression: string, value: ReturnType<typeof evaluate>]> = [
  ['time()', 20],
  ['(2)', 2],
  ['6 / 4', 1.5],
  ['c', [{ labels: { __name__: 'c', x: '1' }, value: 5 }, { labels: { __name__: 'c', x: '3' }, value: 6 }]],
  ['c{x="3"}', [{ labels: { __name__: 'c', x: '3' }, value: 6 }]],
  ['c{x!="3", z=""}', [{ labels: { __name__: 'c', x: '1' }, value: 5 }]],
  ['nothing', []],
  ['time() - c{x="1"}', [{ labels: { x: '1' }, value: 15 }]],
  ['c - 1', [{ labels: { x: '1' }, value: 4 }, { labels: { x: '3' }, value: 5 }]],
  ['c / d', [{ labels: { x: '1' }, value: 2.5 }]],
  ['sum(c)', [{ labels: {}, value: 11 }]],
  ['min(c)', [{ labels: {}, value: 5 }]],
  ['max by (z) (c)', [{ labels: {}, value: 6 }]],
  ['count by (x) (a_total)', [{ labels: { x: '1' }, value: 2 }, { labels: { x: '2' }, value: 1 }]],
  ['topk(1, c)', [{ labels: { __name__: 'c', x: '3' }, value: 6 }]],
  ['rate(a_total[18s])', [{ labels: { x: '1', y: '1' }, value: 25 / 15 }, { labels: { x: '1', y: '2' }, value: 6 * (5 + 2.5) / 5 / 18 }, { labels: { x: '2', y: '1' }, value: 0 }]],
  ['rate(b_total[18s])', [{ labels: {}, value: 9 / 15 }]],
  ['rate(b_total[4s])', []],
  ['sum by (x) (rate(a_total[18s]))', [{ labels: { x: '1' }, value: 25 / 15 + 0.5 }, { labels: { x: '2' }, value: 0 }]],
  ['histogram_quantile(0.5, e_bucket)', [{ labels: { z: 'e' }, value: 0.1 }]],
  ['histogram_quantile(0.25, e_bucket)', [{ labels: { z: 'e' }, value: 0.05 }]],
  ['histogram_quantile(0.6, e_bucket)', [{ labels: { z: 'e' }, value: 0.26 }]],
  ['histogram_quantile(0.99, e_bucket)', [{ labels: { z: 'e' }, value: 1 }]],
  ['histogram_quantile(0.5, sum by (le) (rate(e_bucket[18s])))', [{ labels: {}, value: 0.1 }]],
  ['histogram_quantile(0.7, sum by (le) (rate(e_bucket[18s])))', [{ labels: {}, value: 0.42 }]],
  ['histogram_quantile(0.5, f_bucket)', [{ labels: {}, value: NaN }]]
]

for (const [expression, value] of known) {
  t.test(expression, async t => {
    const found = evaluate(expression, recording, 20)
    if (typeof value === 'number' || typeof found === 'number') {
      t.equal(found, value)
      return
    }
    t.strictSame(found.map(({ labels }) => labels), value.map(({ labels }) => labels))
    for (const [index, { value: number }] of value.entries()) t.ok(Object.is(found[index]!.value, number) || Math.abs(found[index]!.value - number) < 1e-9, `${found[index]!.value}, expected ${number}`)
  })
}

t.test('a value counts for five minutes, and not before it is there', async t => {
  const at = (time: number) => evaluate('d', recording, time)
  t.match([at(-1), at(0), at(319), at(320)], [{ length: 0 }, [{ value: 2 }], [{ value: 2 }], { length: 0 }])
})

t.test('a counter that rises evenly has its slope as its rate, wherever it begins', async () => {
  fc.assert(fc.property(fc.integer({ min: 1_000, max: 1_000_000 }), fc.integer({ min: 0, max: 10 }), (first, slope) => {
    const value = evaluate('sum(rate(a[20s])) / 1', { ...recording, series: [series('a', {}, ...recording.times.map(time => first + slope * time))] }, 20) as Sample[]
    return Math.abs(value[0]!.value - slope) < 1e-9
  }))
})

for (const expression of ['a_total{x=~"1"}', 'a_total offset 5m', 'sum without (x) (a_total)', 'topk by (x) (1, c)', 'c +', 'c + d', 'c / on (x) d', 'c > bool 1', 'rate(b_total[1m:5s])', 'rate(b_total[1m])', 'irate(b_total[18s])', 'avg(c)', '-c', '{x="1"}', '5m', 'sum(1)', '']) {
  t.test(`refused: ${expression}`, async t => {
    t.throws(() => evaluate(expression, recording, 20))
  })
}

t.test('the filter takes what an expression looks at', async t => {
  const isWanted = makeFilter(['sum(rate(a_total{x="1"}[18s])) / c', 'd'])
  const sample = (__name__: string, x: string) => isWanted({ labels: { __name__, x }, value: 1 })
  t.strictSame([sample('a_total', '1'), sample('a_total', '2'), sample('c', '2'), sample('d', ''), sample('e', '1')], [true, false, true, true, false])
})

t.test('what a process answers at /metrics is read', async t => {
  t.strictSame(parseMetrics('# HELP a b\n# TYPE a counter\na 1\nb{c="d",e="\\"\\\\\\n}"} 2.5e-7\nc_bucket{le="+Inf"} +Inf\n'), [
    { labels: { __name__: 'a' }, value: 1 },
    { labels: { __name__: 'b', c: 'd', e: '"\\\n}' }, value: 2.5e-7 },
    { labels: { __name__: 'c_bucket', le: '+Inf' }, value: Infinity }
  ])
  t.throws(() => parseMetrics('a b c d'), { message: 'expected a sample, got a b c d' })
})

t.test('a recording is JSON, with a line for each series', async t => {
  const text = formatRecording(recording)
  t.strictSame(JSON.parse(text), recording)
  t.equal(text.split('\n').length, recording.series.length + 7)
})

t.test('a number is written in the largest step that it fills', async t => {
  const known = [['s', 0.02, ' ms'], ['s', 90, ' mins'], ['s', 0, ' µs'], ['bytes', 70 * 1024 ** 2, ' MiB'], ['reqps', 2, ' req/s'], ['ops', 2e3, ' Kops/s'], ['none', 5000, '']] as const
  for (const [unit, largest, suffix] of known) t.equal(stepFor(unit, largest).suffix, suffix)
  t.throws(() => stepFor('furlongs', 1), { message: 'no unit furlongs' })
})

t.test('every panel of the dashboard can be evaluated, and is drawn in a unit that is known', async t => {
  for (const panel of readDashboard().panels) {
    t.doesNotThrow(() => linesOf(panel, recording), panel.title)
    if (panel.type === 'timeseries') t.doesNotThrow(() => stepFor(panel.fieldConfig!.defaults.unit, 1), panel.title)
  }
})

t.test('a line is called as the legend has it, and has a gap where there is no value', async t => {
  const lines = linesOf({ targets: [{ expr: 'c', legendFormat: 'x {{x}}{{none}}' }, { expr: 'sum(rate(b_total[$__rate_interval]))', legendFormat: 'all' }] }, recording)
  t.strictSame(lines.map(({ name }) => name), ['x 1', 'x 2', 'x 3', 'all'])
  t.strictSame(lines[1]!.values, [7, 7, 7, 7, undefined])
  t.equal(lines[3]!.values[0], undefined)
  t.equal(withVariables('a[$__rate_interval]', 5), 'a[20s]')
})
