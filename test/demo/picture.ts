import { colours } from '../story/table.js'

/* The picture of the demo: a terminal in which its output appears, line after line, as an animated SVG without scripts. */

/** Where the picture is. `npm run pictures` draws it. */
export const picture = 'docs/demo.svg'

/** The size of the terminal, in characters, and of a character, in pixels. */
const [columns, rows] = [80, 25]
const [characterWidth, lineHeight] = [9, 20]
const [padding, titleBar] = [18, 34]
const [width, height] = [columns * characterWidth + 2 * padding + 44, rows * lineHeight + 2 * padding + titleBar]

/** How long the viewer has, in seconds: to read a command, for each line that it prints, and at the end. */
const pauses = { command: 1.4, line: 0.35, end: 5 }

/** Whatever differs from run to run, and what stands in its place where it comes for the nth time. */
const varying: Array<[pattern: RegExp, constant: (nth: number) => string]> = [
  [/127\.0\.0\.1:\d+/g, () => '127.0.0.1:43707'],
  [/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, nth => `e5548a28-8f76-4e82-84cf-69b4b5b49d5${nth}`],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z/g, nth => `2026-01-01T00:00:0${nth}.000Z`],
  [/00-[0-9a-f]{32}-[0-9a-f]{16}-00/g, nth => `00-59a938795cbd299b7c0893a04114819c-c09c293b82f767e${nth}-00`],
  [/"sequence": \d+/g, nth => `"sequence": ${nth}`]
]

/**
 * The lines of a run of the demo, from its first command on, the same for every run: ports, ids and times are constants.
 * That an event was delivered, which the adapter says whenever it happens, stands once, where the demo waits for it. That
 * ticks were skipped, which it says on a busy machine, is left out.
 *
 * @param output of the demo, without colours
 */
export function storyOf (output: string): string[] {
  const constant = varying.reduce((text, [pattern, value]) => {
    let count = 0
    return text.replace(pattern, () => value(count++))
  }, output)
  const [story = '', ...others] = constant.slice(constant.indexOf('\n$ ') + 1).replaceAll(skipped, '').trimEnd().split(delivered)
  return (others.length === 0 ? story : [story, ...others].join('').replace(/^\$ kubectl logs .*…\n/m, `$&${delivered}`)).split('\n')
}

const delivered = '   adapter: event delivered\n'
const skipped = /^ {3}adapter: ticks skipped: .*\n/gm

/**
 * Draws the picture.
 *
 * @param story see {@link storyOf}
 * @returns SVG
 */
export function drawStory (story: string[]): string {
  const frames = framesOf(story)
  const seconds = frames.at(-1)!.until
  /** The stops of an animation: from each frame's beginning on, so many lines further down. */
  const stops = (linesAt: (shown: number) => number) => {
    let last: number | undefined
    return frames.flatMap(({ from, shown }) => {
      const lines = linesAt(shown)
      if (lines === last) return []
      last = lines
      return [`${round(100 * from / seconds)}%{transform:translateY(${lines * lineHeight}px)}`]
    }).join('')
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="The demo in a terminal">
<style>
text { font: 15px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace; fill: #d0d7de; white-space: pre }
.command { font-weight: bold; fill: #fff } .green { fill: #56d364 } .yellow { fill: #e3b341 } .red { fill: #ff7b72 } .title { fill: #8b949e; font-size: 13px }
.screen, .page { fill: #161b22 }
.cover { transform: translateY(${story.length * lineHeight}px); animation: show ${round(seconds)}s step-end infinite }
.scroll { animation: scroll ${round(seconds)}s step-end infinite }
@keyframes show {${stops(shown => shown)}}
@keyframes scroll {${stops(shown => Math.min(0, rows - shown))}}
@media (prefers-reduced-motion: reduce) { .cover, .scroll { animation: none } }
</style>
<rect class="screen" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8" stroke="#6e7681"/>
<circle cx="22" cy="18" r="6" fill="#ff5f57"/><circle cx="42" cy="18" r="6" fill="#febc2e"/><circle cx="62" cy="18" r="6" fill="#28c840"/>
<text class="title" x="${width / 2}" y="23" text-anchor="middle">npm run demo</text>
<svg x="${padding}" y="${titleBar + padding / 2}" width="${width - 2 * padding}" height="${rows * lineHeight}"><g class="scroll" xml:space="preserve">
${story.map((line, index) => drawLine(line, (index + 0.75) * lineHeight)).filter(text => text !== '').join('\n')}
<rect class="page cover" width="${width}" height="${story.length * lineHeight}"/>
</g></svg>
</svg>
`
}

/** How many lines are shown, from when until when, in seconds. */
function framesOf (story: string[]): Array<{ shown: number, from: number, until: number }> {
  let now = 0
  return story.flatMap((line, index) => {
    // A blank line comes with what is after it.
    if (line === '') return []
    const from = now
    now += index === story.length - 1 ? pauses.end : isCommand(line) ? pauses.command : pauses.line
    return [{ shown: index + 1, from, until: now }]
  })
}

function drawLine (line: string, y: number): string {
  if (line === '') return ''
  if (isCommand(line)) return `<text class="command" y="${y}">${escape(line)}</text>`
  const [, name, ready = '', rest = ''] = /^(\S+ +)(True|False|Unknown)( .*)$/.exec(line) ?? []
  if (name === undefined) return `<text y="${y}">${escape(line)}</text>`
  return `<text y="${y}">${escape(name)}<tspan class="${colours[ready as keyof typeof colours]}">${ready}</tspan>${escape(rest)}</text>`
}

const isCommand = (line: string) => line.startsWith('$ ')

const escape = (text: string) => text.replace(/[&<>]/g, character => `&#${character.charCodeAt(0)};`)

const round = (number: number) => Number(number.toFixed(2))
