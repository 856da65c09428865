import type { Run } from './run.ts'

/** What a match is about; more is better for rates, less for the latency. */
export type Metric = 'acks' | 'deliveries' | 'delivery p99'

export const metricWords: Readonly<Record<Metric, string>> = {
  acks: 'acks a second, ours / theirs',
  deliveries: 'deliveries a second, ours / theirs',
  'delivery p99': 'delivery p99, theirs / ours',
}

/** The figure of a run; null when it has none. */
function figureOf(run: Run, metric: Metric): number | null {
  if (metric === 'acks') return run.acksPerSecond ?? run.rowsPerSecond
  return metric === 'deliveries' ? run.deliveriesPerSecond : run.deliveryP99Ms
}

/** How many times better ours did in one round; null unless both runs count. */
export function ratioOf(ours: Run, theirs: Run, metric: Metric): number | null {
  if (ours.verdict !== 'PASS' || theirs.verdict !== 'PASS') return null
  const [our, their] = [figureOf(ours, metric), figureOf(theirs, metric)]
  if (our === null || their === null || our <= 0 || their <= 0) return null
  return metric === 'delivery p99' ? their / our : our / their
}

export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
  /** Of how many rounds. */
  readonly of: number
}

/** Null when no round counts; the median of an even number is the mean of the two in the middle. */
export function spreadOf(ratios: readonly (number | null)[]): Spread | null {
  const sorted = ratios.filter((ratio) => ratio !== null).toSorted((a, b) => a - b)
  const [min, max] = [sorted[0], sorted.at(-1)]
  if (min === undefined || max === undefined) return null
  const middle = sorted.slice((sorted.length - 1) >> 1, (sorted.length >> 1) + 1)
  const median = middle.reduce((sum, ratio) => sum + ratio, 0) / middle.length
  return { median, min, max, of: sorted.length }
}

/** Undefined when both promise the same; a ratio of unlike promises compares nothing. */
export function letterNote(ours: Run, theirs: Run): string | undefined {
  if (ours.durability === theirs.durability) return undefined
  return `letters differ: ours ${ours.durability}, theirs ${theirs.durability}`
}

/** Whether the disk was another one before and after: its fsync moved by more than a factor of two. */
export function diskMoved(beforeMs: number, afterMs: number): boolean {
  return beforeMs > afterMs * 2 || afterMs > beforeMs * 2
}
