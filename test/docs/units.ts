/* Numbers on an axis, as Grafana writes them. */

/** A step of a unit, and how it is written. */
export interface Step {
  size: number
  suffix: string
}

const day = 24 * 3600

/** The steps of each unit that the dashboard uses, the largest first. https://github.com/grafana/grafana/blob/main/packages/grafana-data/src/valueFormats/categories.ts */
const units: Record<string, Step[]> = {
  s: [[7 * day, ' weeks'], [day, ' days'], [3600, ' hours'], [60, ' mins'], [1, ' s'], [1e-3, ' ms'], [1e-6, ' µs']].map(toStep),
  bytes: [[1024 ** 3, ' GiB'], [1024 ** 2, ' MiB'], [1024, ' KiB'], [1, ' B']].map(toStep),
  reqps: thousands(' req/s'),
  ops: thousands(' ops/s'),
  eps: thousands(' evt/s'),
  short: thousands(''),
  none: [{ size: 1, suffix: '' }]
}

function toStep ([size, suffix]: Array<number | string>): Step {
  return { size: size as number, suffix: suffix as string }
}

function thousands (suffix: string): Step[] {
  return [{ size: 1000, suffix: ` K${suffix.trimStart()}` }, { size: 1, suffix }]
}

/**
 * The step in which the values of an axis are written.
 *
 * @param unit as Grafana calls it
 * @param largest value of the axis
 * @throws Error for a unit that is not known here
 */
export function stepFor (unit: string, largest: number): Step {
  const steps = units[unit]
  if (steps === undefined) throw new Error(`no unit ${unit}`)
  return steps.find(({ size }) => largest >= size) ?? steps.at(-1) as Step
}
