import type { SyntaxNode } from '@lezer/common'
import { parser } from '@prometheus-io/lezer-promql'
import type { Recording, Sample, Series } from './recording.js'

/*
 * The part of PromQL that the dashboard uses, evaluated over a recording as Prometheus does it. The parser is its own.
 * https://prometheus.io/docs/prometheus/latest/querying/basics/
 */

/** What an expression comes to: a number, or a number for each set of labels. */
export type Value = number | Sample[]

/** How long a value counts that is not followed by another, in seconds. */
const lookback = 300

/** How samples with the same labels become one. */
const aggregations: Record<string, (values: number[]) => number> = {
  sum: values => values.reduce((sum, value) => sum + value),
  min: values => Math.min(...values),
  max: values => Math.max(...values),
  count: values => values.length
}

const operators: Record<string, (left: number, right: number) => number> = {
  '-': (left, right) => left - right,
  '/': (left, right) => left / right
}

/**
 * Evaluates an expression.
 *
 * @param at when, in seconds since 1970
 * @throws Error for what this does not know
 */
export function evaluate (expression: string, recording: Recording, at: number): Value {
  const textOf = (node: SyntaxNode) => expression.slice(node.from, node.to)
  const refuse = (node: SyntaxNode): never => { throw new Error(`cannot evaluate ${node.type.isError ? expression : textOf(node)}`) }
  const vector = (node: SyntaxNode): Sample[] => {
    const value = valueOf(node)
    return typeof value === 'number' ? refuse(node) : value
  }

  function valueOf (node: SyntaxNode): Value {
    const parts = childrenOf(node)
    switch (node.name) {
      case 'NumberDurationLiteral': return Number.isNaN(Number(textOf(node))) ? refuse(node) : Number(textOf(node))
      case 'ParenExpr': return valueOf(parts[0]!)
      case 'VectorSelector': return latest(node)
      case 'FunctionCall': return call(node, textOf(parts[0]!), childrenOf(parts[1]!))
      case 'AggregateExpr': return aggregate(node, parts)
      case 'BinaryExpr': return binary(node, parts)
      default: return refuse(node)
    }
  }

  function latest (node: SyntaxNode): Sample[] {
    return selected(node).flatMap(({ labels, points }) => {
      const { time, value } = points.findLast(({ time }) => time <= at) ?? { time: NaN, value: null }
      return value !== null && time > at - lookback ? [{ labels, value }] : []
    })
  }

  /** The series of a selector, with the time of each value. */
  function selected (node: SyntaxNode): Array<Pick<Series, 'labels'> & { points: Array<{ time: number, value: number | null }> }> {
    const [name, matchers] = childrenOf(node)
    if (name?.name !== 'Identifier') return refuse(node)
    const matching = childrenOf(matchers).map(matcher => {
      const [label, operator, quoted] = childrenOf(matcher).map(textOf)
      if (matcher.name !== 'UnquotedLabelMatcher' || (operator !== '=' && operator !== '!=')) return refuse(matcher)
      return (labels: Series['labels']) => (labels[label as string] ?? '') === JSON.parse(quoted as string) === (operator === '=')
    })
    return recording.series.filter(({ labels }) => labels['__name__'] === textOf(name) && matching.every(matches => matches(labels)))
      .map(({ labels, values }) => ({ labels, points: values.map((value, scrape) => ({ time: recording.times[scrape]!, value })) }))
  }

  function call (node: SyntaxNode, name: string, parameters: SyntaxNode[]): Value {
    if (name === 'time' && parameters.length === 0) return at
    if (name === 'rate' && parameters[0]?.name === 'MatrixSelector') return rates(parameters[0])
    if (name === 'histogram_quantile') return quantiles(valueOf(parameters[0]!) as number, vector(parameters[1]!))
    return refuse(node)
  }

  function rates (node: SyntaxNode): Sample[] {
    const [selector, duration] = childrenOf(node)
    const range = Number(/^(\d+)s$/.exec(textOf(duration!))?.[1] ?? refuse(duration!))
    return selected(selector!).flatMap(({ labels, points }) => {
      const inRange = points.filter((point): point is Point => point.time > at - range && point.time <= at && point.value !== null)
      return inRange.length < 2 ? [] : [{ labels: without(['__name__'], labels), value: rate(inRange, at - range, at) }]
    })
  }

  function aggregate (node: SyntaxNode, [operator, ...rest]: SyntaxNode[]): Sample[] {
    const name = textOf(operator!)
    const modifier = rest.find(part => part.name === 'AggregateModifier')
    const parameters = childrenOf(rest.find(part => part.name === 'FunctionCallBody')!)
    if (name === 'topk' && modifier === undefined) {
      return vector(parameters[1]!).sort((left, right) => right.value - left.value).slice(0, valueOf(parameters[0]!) as number)
    }
    const combine = aggregations[name] ?? refuse(node)
    const [by, grouping] = childrenOf(modifier)
    if (by !== undefined && by.name !== 'By') refuse(node)
    const labels = childrenOf(grouping).map(textOf)
    return groups(vector(parameters[0]!), sample => only(labels, sample)).map(([group, samples]) => ({ labels: group, value: combine(samples.map(({ value }) => value)) }))
  }

  function binary (node: SyntaxNode, parts: SyntaxNode[]): Value {
    const [left, operator, right] = parts as [SyntaxNode, SyntaxNode, SyntaxNode]
    const combine = operators[textOf(operator)] ?? refuse(node)
    if (parts.length !== 3) refuse(node)
    const [one, other] = [valueOf(left), valueOf(right)]
    if (typeof one === 'number') return typeof other === 'number' ? combine(one, other) : withValues(other, value => combine(one, value))
    if (typeof other === 'number') return withValues(one, value => combine(value, other))
    const others = new Map(other.map(({ labels, value }) => [keyOf(without(['__name__'], labels)), value]))
    return one.map(({ labels, value }) => ({ labels: without(['__name__'], labels), value })).flatMap(({ labels, value }) => {
      const match = others.get(keyOf(labels))
      return match === undefined ? [] : [{ labels, value: combine(value, match) }]
    })
  }

  return valueOf(childrenOf(parser.parse(expression).topNode)[0]!)
}

/** Tells for a sample whether an expression looks at it. */
export function makeFilter (expressions: string[]): (sample: Sample) => boolean {
  return sample => expressions.some(expression => selectorsIn(expression).some(selector => {
    const value = evaluate(selector, { interval: 1, times: [0], series: [{ labels: sample.labels, values: [sample.value] }] }, 0)
    return (value as Sample[]).length > 0
  }))
}

function selectorsIn (expression: string): string[] {
  const selectors: string[] = []
  parser.parse(expression).iterate({ enter: ({ name, from, to }) => { if (name === 'VectorSelector') selectors.push(expression.slice(from, to)) } })
  return selectors
}

interface Point {
  time: number
  value: number
}

/**
 * The increase of a counter per second, extrapolated to the ends of the range.
 * https://github.com/prometheus/prometheus/blob/main/promql/functions.go (extrapolatedRate, as it is in Prometheus 3)
 *
 * @param points in the range, two at least
 */
function rate (points: Point[], from: number, to: number): number {
  const [first, last] = [points[0] as Point, points.at(-1) as Point]
  // A counter that is lower than before has begun again at 0.
  const increase = points.slice(1).reduce((sum, { value }, index) => sum + value - (value < points[index]!.value ? 0 : points[index]!.value), 0)
  const sampled = last.time - first.time
  const average = sampled / (points.length - 1)
  const bounded = (gap: number) => gap >= average * 1.1 ? average / 2 : gap
  // It was not below 0.
  const toZero = increase > 0 ? sampled * first.value / increase : Infinity
  return increase * (sampled + Math.min(bounded(first.time - from), toZero) + bounded(to - last.time)) / sampled / (to - from)
}

/** The quantile of each histogram, from its buckets. https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile */
function quantiles (quantile: number, samples: Sample[]): Sample[] {
  return groups(samples, labels => without(['__name__', 'le'], labels)).map(([labels, samples]) => {
    const buckets = samples.map(({ labels, value }) => ({ bound: Number(labels['le']?.replace('+Inf', 'Infinity')), count: value })).sort((left, right) => left.bound - right.bound)
    return { labels, value: quantileOf(quantile, buckets) }
  })
}

function quantileOf (quantile: number, buckets: Array<{ bound: number, count: number }>): number {
  const total = buckets.at(-1)
  if (total?.bound !== Infinity || buckets.length < 2 || total.count === 0) return NaN
  const rank = quantile * total.count
  const index = buckets.findIndex(({ count }) => count >= rank)
  const { bound: end, count } = buckets[index]!
  const { bound: start, count: before } = buckets[index - 1] ?? { bound: 0, count: 0 }
  return end === Infinity ? start : start + (end - start) * (rank - before) / (count - before)
}

function groups (samples: Sample[], labelsOf: (labels: Series['labels']) => Series['labels']): Array<[Series['labels'], Sample[]]> {
  const found = new Map<string, [Series['labels'], Sample[]]>()
  for (const sample of samples) {
    const labels = labelsOf(sample.labels)
    const group = found.get(keyOf(labels)) ?? [labels, []]
    group[1].push(sample)
    found.set(keyOf(labels), group)
  }
  return [...found.values()]
}

/** A text for a set of labels. */
export const keyOf = (labels: Series['labels']) => JSON.stringify(Object.entries(labels).sort(([left], [right]) => left < right ? -1 : 1))

const only = (names: string[], labels: Series['labels']) => Object.fromEntries(Object.entries(labels).filter(([name]) => names.includes(name)))
const without = (names: string[], labels: Series['labels']) => Object.fromEntries(Object.entries(labels).filter(([name]) => !names.includes(name)))
const withValues = (samples: Sample[], change: (value: number) => number): Sample[] => samples.map(({ labels, value }) => ({ labels: without(['__name__'], labels), value: change(value) }))

/** The parts of an expression; what is no part of it, a comment, is left out. */
function childrenOf (node: SyntaxNode | undefined): SyntaxNode[] {
  const children: SyntaxNode[] = []
  for (let child = node?.firstChild; child != null; child = child.nextSibling) if (child.name !== 'LineComment') children.push(child)
  return children
}
