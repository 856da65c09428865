/** What a fault run found beyond the checker's rules: each value must stay at or below the limit. */
export interface Measure {
  readonly name: string
  readonly unit: 'ms' | ''
  readonly limit: number
  /** One per fault. */
  readonly values: readonly number[]
}

/** A measure without a value has proven nothing. */
export function isKept({ values, limit }: Measure): boolean {
  return values.length > 0 && values.every((value) => value <= limit)
}

export function lineOf(measure: Measure): string {
  const { name, unit, limit, values } = measure
  const sorted = values.toSorted((a, b) => a - b)
  const figure = (value: number | undefined): string =>
    value === undefined ? 'n/a' : `${Math.round(value)}${unit === '' ? '' : ` ${unit}`}`
  const median = figure(sorted[Math.floor(sorted.length / 2)])
  const verdict = isKept(measure) ? 'ok' : 'TOO MUCH'
  return `${verdict.padEnd(9)} ${name}: median ${median}, most ${figure(sorted.at(-1))}, limit ${figure(limit)}, of ${values.length}`
}
