/* Metrics as Prometheus would have scraped them, in a file. */

/** One time series. */
export interface Series {
  /** With the name of the metric as `__name__`. */
  labels: Record<string, string>
  /** A value for each scrape; null where the series was not there. */
  values: Array<number | null>
}

/** What was scraped. */
export interface Recording {
  /** Time between two scrapes, in seconds, as it was meant. */
  interval: number
  /** When each scrape was, in seconds since 1970. */
  times: number[]
  series: Series[]
}

/** Writes a recording as JSON, a line for each series. */
export function formatRecording ({ interval, times, series }: Recording): string {
  return `{\n"interval": ${interval},\n"times": ${JSON.stringify(times)},\n"series": [\n${series.map(one => JSON.stringify(one)).join(',\n')}\n]\n}\n`
}

/** What a process answers at `/metrics`. */
export type Sample = Pick<Series, 'labels'> & { value: number }

/**
 * Reads the text that a process answers at `/metrics`.
 * https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 *
 * @throws Error for a line that it cannot read
 */
export function parseMetrics (text: string): Sample[] {
  return text.split('\n').filter(line => line !== '' && !line.startsWith('#')).map(line => {
    const [, name, labels = '', value] = /^([\w:]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
    if (name === undefined) throw new Error(`expected a sample, got ${line}`)
    const pairs = [...labels.matchAll(/(\w+)="((?:\\.|[^"\\])*)"/g)].map(([, key, quoted]) => [key, (quoted as string).replace(/\\(.)/g, (_, character) => character === 'n' ? '\n' : character)])
    return { labels: { __name__: name, ...Object.fromEntries(pairs) }, value: Number(value!.replace('Inf', 'Infinity')) }
  })
}
