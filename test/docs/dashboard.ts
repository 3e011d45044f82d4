import { readFileSync } from 'node:fs'
import { scaleLinear } from 'd3-scale'
import { readDashboard, withVariables, type Panel } from './panels.js'
import { evaluate, keyOf } from './promql.js'
import type { Recording } from './recording.js'
import { stepFor } from './units.js'

/* A picture of the Grafana dashboard: its panels where they stand, with recorded metrics in them. */

/** The path of the picture. */
export const picture = 'docs/dashboard.svg'

/** What it is drawn of: `npm run pictures` records it anew. */
export const data = 'test/docs/dashboard-data.json'

/** Grafana's grid is 24 columns wide; pixels for each, and for each row. */
const column = 42
const row = 26
const gap = 4

/** Between the border of a panel and its chart, in pixels. */
const margin = { left: 76, right: 20, top: 34, bottom: 68 }

/** The most lines of a legend, and their height. */
const [legendLines, legendLine] = [3, 14]

/** How wide a letter of a legend is at most, in pixels. */
const letter = 6.4

/** The same of a title. */
const titleLetter = 7.4

/** The colours of lines, in Grafana's order. */
const palette = ['#73bf69', '#f2cc0c', '#8ab8ff', '#ff780a', '#f2495c', '#5794f2', '#b877d9', '#b2a4ff', '#96d98d', '#ffa6b0']

/** A line of a chart. */
export interface Line {
  name: string
  /** A value for each scrape; undefined where there is none. */
  values: Array<number | undefined>
}

/**
 * Evaluates a panel at each scrape.
 *
 * @throws Error where an expression cannot be evaluated
 */
export function linesOf ({ targets = [] }: Pick<Panel, 'targets'>, recording: Recording): Line[] {
  return targets.flatMap(({ expr, legendFormat }) => {
    const lines = new Map<string, Line>()
    for (const [scrape, time] of recording.times.entries()) {
      const value = evaluate(withVariables(expr, recording.interval), recording, time)
      for (const { labels, value: number } of typeof value === 'number' ? [{ labels: {}, value }] : value) {
        const line = lines.get(keyOf(labels)) ?? { name: nameOf(legendFormat, labels), values: Array<number | undefined>(recording.times.length).fill(undefined) }
        line.values[scrape] = Number.isFinite(number) ? number : undefined
        lines.set(keyOf(labels), line)
      }
    }
    return [...lines.values()].sort((left, right) => left.name < right.name ? -1 : 1)
  })
}

/** What a legend calls a line. */
function nameOf (format: string, labels: Record<string, string>): string {
  return format.replace(/\{\{(\w+)\}\}/g, (_, name: string) => labels[name] ?? '')
}

const escape = (text: string) => text.replace(/[&<>]/g, character => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[character] as string)

const shortened = (text: string, length: number) => text.length > length ? `${text.slice(0, length - 1)}…` : text

/** Tenths of a pixel are fine enough, and the same on every machine. */
const round = (pixels: number) => Number(pixels.toFixed(1))

interface Box {
  left: number
  top: number
  width: number
  height: number
}

function draw (panel: Panel, recording: Recording): string {
  const { type, title, description = '', gridPos: { x, y, w, h } } = panel
  const box = { left: x * column + gap, top: y * row + gap, width: w * column - 2 * gap, height: h * row - 2 * gap }
  if (type === 'row') return `<text class="title" x="${box.left + 4}" y="${box.top + 12}">${escape(title)}</text>`
  const lines = linesOf(panel, recording)
  const content = type === 'stat' ? drawStat(lines, box) : drawChart(lines, panel.fieldConfig!.defaults.unit, recording, box)
  return [
    `<g>${description === '' ? '' : `<title>${escape(description)}</title>`}<rect x="${box.left}" y="${box.top}" width="${box.width}" height="${box.height}" rx="2"/>`,
    `<text class="title" x="${box.left + 10}" y="${box.top + 20}">${escape(shortened(title, Math.floor((box.width - 20) / titleLetter)))}</text>`,
    ...content,
    '</g>'
  ].join('\n')
}

/** The last value of each line, large. */
function drawStat (lines: Line[], { left, top, width, height }: Box): string[] {
  return lines.map(({ name, values }, index) => {
    const middle = round(left + width * (index + 0.5) / lines.length)
    return `<text class="stat" x="${middle}" y="${top + height / 2 + 12}">${values.at(-1) ?? ''}</text><text class="middle" x="${middle}" y="${top + height / 2 + 30}">${escape(name)}</text>`
  })
}

function drawChart (lines: Line[], unit: string, { times }: Recording, { left, top, width, height }: Box): string[] {
  const present = lines.flatMap(({ values }) => values.filter(value => value !== undefined))
  const { size, suffix } = stepFor(unit, Math.max(0, ...present))
  const start = times[0]!
  const legend = layOut(lines.map(({ name }) => name), width - 20)
  const [from, until] = [left + margin.left, left + width - margin.right]
  const x = scaleLinear([start, times.at(-1)!], [from, until])
  const y = scaleLinear([Math.min(0, ...present) / size, Math.max(0, ...present) / size || 1], [top + height - margin.bottom, top + margin.top]).nice(4)
  const numbers = y.tickFormat(4)
  const minutes = Math.round((times.at(-1)! - start) / 60)
  return [
    ...y.ticks(4).map(tick => `<path class="grid" d="M${from} ${round(y(tick))}H${until}"/><text class="axis" x="${from - 6}" y="${round(y(tick) + 4)}">${numbers(tick)}${suffix}</text>`),
    ...Array.from({ length: minutes + 1 }, (_, minute) => `<text class="middle" x="${round(x(start + 60 * minute))}" y="${top + height - margin.bottom + 16}">${minute}:00</text>`),
    ...lines.map(({ values }, index) => `<path class="line" stroke="${colourOf(index)}" d="${pathOf(values.map((value, scrape) => value === undefined ? undefined : [round(x(times[scrape]!)), round(y(value / size))]))}"/>`),
    ...legend.map(({ name, x, line }, index) => {
      const y = top + height - margin.bottom + 34 + line * legendLine
      return `<path class="line" stroke="${colourOf(index)}" d="M${round(left + 10 + x)} ${y - 4}h12"/><text class="legend" x="${round(left + 28 + x)}" y="${y}">${escape(name)}</text>`
    })
  ]
}

/** Where each name of a legend goes, in lines of a width; those beyond the last line are left out. */
function layOut (names: string[], width: number): Array<{ name: string, x: number, line: number }> {
  let [x, line] = [0, 0]
  return names.map(name => {
    const length = 28 + name.length * letter
    if (x > 0 && x + length > width) [x, line] = [0, line + 1]
    x += length
    return { name, x: round(x - length), line }
  }).filter(({ line }) => line < legendLines)
}

const colourOf = (index: number) => palette[index % palette.length] as string

/** A line through points, with a gap where one is missing. */
function pathOf (points: Array<[x: number, y: number] | undefined>): string {
  return points.map((point, index) => point === undefined ? '' : `${points[index - 1] === undefined ? 'M' : 'L'}${point.join(' ')}`).join('')
}

/** Draws the dashboard, as SVG. */
export function drawDashboard (recording = JSON.parse(readFileSync(data, 'utf8')) as Recording): string {
  const { title, panels } = readDashboard()
  const height = Math.max(...panels.map(({ gridPos: { y, h } }) => y + h)) * row + gap
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${24 * column} ${height}" role="img" aria-label="${escape(title)}">
<style>
rect { fill: #181b1f; stroke: #2c3235 } .page { fill: #111217; stroke: none } .grid { stroke: #2c3235 } .line { fill: none; stroke-width: 1.5; stroke-linejoin: round }
text { font: 11px sans-serif; fill: #9fa7b3 } .title { font-size: 13px; font-weight: 600; fill: #d8d9da } .axis { text-anchor: end } .middle, .stat { text-anchor: middle } .legend { fill: #ccccdc } .stat { font-size: 30px; fill: #73bf69 }
</style>
<rect class="page" width="${24 * column}" height="${height}"/>
${panels.map(panel => draw(panel, recording)).join('\n')}
</svg>
`
}
