import { readFileSync } from 'node:fs'

/* A picture of the Grafana dashboard: its panels where they stand, made of the dashboard itself. */

/** Where the picture is. */
export const picture = 'docs/dashboard.svg'

interface Panel {
  type: string
  title: string
  description?: string
  gridPos: { x: number, y: number, w: number, h: number }
}

/** Grafana's grid is 24 columns wide; pixels for each, and for each row. */
const column = 42
const row = 10
const gap = 4

const escape = (text: string) => text.replace(/[&<>]/g, character => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[character] as string)

/** Breaks a text into lines of at most so many characters. */
function linesOf (text: string, width: number): string[] {
  const lines = ['']
  for (const word of text.split(' ')) {
    if (lines.at(-1) !== '' && `${lines.at(-1)} ${word}`.length > width) lines.push('')
    lines.push(`${lines.pop()} ${word}`.trim())
  }
  return lines
}

function draw ({ type, title, description = '', gridPos: { x, y, w, h } }: Panel): string {
  const [left, top, width, height] = [x * column + gap, y * row + gap, w * column - 2 * gap, h * row - 2 * gap]
  if (type === 'row') return `<text class="row" x="${left}" y="${top + 8}">${escape(title)}</text>`
  const lines = linesOf(description, Math.floor((width - 20) / 6.6))
  return [
    `<rect x="${left}" y="${top}" width="${width}" height="${height}" rx="3"/>`,
    `<text x="${left + 10}" y="${top + 20}">${escape(title)}</text>`,
    ...lines.map((line, index) => `<text class="description" x="${left + 10}" y="${top + 38 + 15 * index}">${escape(line)}</text>`)
  ].join('\n')
}

/** Draws the dashboard, as SVG. */
export function drawDashboard (): string {
  const { title, panels } = JSON.parse(readFileSync('manifests/components/monitoring/dashboard.json', 'utf8')) as { title: string, panels: Panel[] }
  const height = Math.max(...panels.map(({ gridPos: { y, h } }) => y + h)) * row
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${24 * column} ${height + gap}" role="img" aria-label="${escape(title)}">
<style>
svg { background: #f4f5f5; font-family: sans-serif } rect { fill: #fff; stroke: #d5d6d8 }
text { font-size: 13px; font-weight: 600; fill: #24292e } .row { font-size: 13px } .description { font-size: 12px; font-weight: 400; fill: #57606a }
</style>
${panels.map(draw).join('\n')}
</svg>
`
}
