/** One series of a metric, and its value. */
export interface Told {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface ToldMetric {
  readonly type: string
  readonly help: string
  readonly samples: Told[]
}

const comment = /^# (HELP|TYPE) ([a-z_][a-z0-9_]*) (.+)$/
const sample = /^([a-z_][a-z0-9_]*)(?:\{(.*)\})? (\S+)$/
const label = /([a-z_][a-z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/y
const number = /^(?:[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?|\+Inf)$/

/**
 * Reads Prometheus' text format 0.0.4 line by line, more strictly than Prometheus does. Throws for a line that is none,
 * a sample before its metric, a series told twice, a number that is none, a histogram that does not add up.
 */
export function readExposition(text: string): ReadonlyMap<string, ToldMetric> {
  if (!text.endsWith('\n')) throw new Error('the last line does not end')
  const metrics = new Map<string, { type: string; help: string; samples: Told[] }>()
  const seen = new Set<string>()
  let current = { type: '', help: '', samples: [] as Told[] }
  let currentName = ''
  for (const line of text.split('\n')) {
    if (line === '') continue
    const [, word, name = '', rest = ''] = comment.exec(line) ?? []
    if (word === 'HELP') {
      if (metrics.has(name)) throw new Error(`${name} is told twice`)
      current = { type: '', help: rest, samples: [] }
      currentName = name
      metrics.set(name, current)
    } else if (word === 'TYPE') {
      if (name !== currentName || current.type !== '') throw new Error(`misplaced: ${line}`)
      if (!['counter', 'gauge', 'histogram'].includes(rest)) throw new Error(`unknown type: ${line}`)
      current.type = rest
    } else {
      const told = readSample(line)
      if (seen.has(seriesOf(told))) throw new Error(`told twice: ${line}`)
      seen.add(seriesOf(told))
      if (!isOf(told.name, currentName, current.type)) throw new Error(`not of ${currentName}: ${line}`)
      current.samples.push(told)
    }
  }
  for (const [name, { type, samples }] of metrics) if (type === 'histogram') judgeHistogram(name, samples)
  return metrics
}

/** The value of one series. Throws when there is none. */
export function figure(
  metrics: ReadonlyMap<string, ToldMetric>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  const metric = metrics.get(name) ?? metrics.get(name.replace(/_(?:bucket|sum|count)$/, ''))
  const wanted = seriesOf({ name, labels, value: 0 })
  const found = metric?.samples.find((s) => seriesOf(s) === wanted)
  if (!found) throw new Error(`there is no ${wanted}`)
  return found.value
}

function readSample(line: string): Told {
  const [, name = '', inside = '', digits = ''] = sample.exec(line) ?? []
  if (name === '' || !number.test(digits)) throw new Error(`not a line of the format: ${line}`)
  const labels: Record<string, string> = {}
  label.lastIndex = 0
  while (label.lastIndex < inside.length) {
    const [, key, text] = label.exec(inside) ?? []
    if (key === undefined || text === undefined) throw new Error(`labels that cannot be read: ${line}`)
    labels[key] = text.replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c))
  }
  return { name, labels, value: digits === '+Inf' ? Number.POSITIVE_INFINITY : Number(digits) }
}

const seriesOf = ({ name, labels }: Told): string =>
  `${name}${JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)))}`

function isOf(name: string, metric: string, type: string): boolean {
  if (type !== 'histogram') return name === metric
  return ['bucket', 'sum', 'count'].some((series) => name === `${metric}_${series}`)
}

/** Buckets rise, the last is for everything, and is the count. */
function judgeHistogram(name: string, samples: readonly Told[]): void {
  const byLabels = Map.groupBy(samples, ({ labels: { le: _, ...others } }) => JSON.stringify(others))
  for (const [labels, group] of byLabels) {
    const buckets = group.filter((s) => s.name.endsWith('_bucket'))
    const bounds = buckets.map((b) => Number(b.labels['le']?.replace('+Inf', 'Infinity')))
    const rises = (values: readonly number[]): boolean =>
      values.every((v, i) => i === 0 || v >= (values[i - 1] ?? 0))
    const count = group.find((s) => s.name === `${name}_count`)?.value
    const sums = group.filter((s) => s.name === `${name}_sum`).length
    const isWhole = rises(bounds) && rises(buckets.map((b) => b.value)) && sums === 1
    if (!isWhole || bounds.at(-1) !== Number.POSITIVE_INFINITY || buckets.at(-1)?.value !== count)
      throw new Error(`${name}${labels} does not add up`)
  }
}
