import { Histogram, type Latency } from '../histogram.ts'
import type { ScenarioName } from '../options.ts'
import { inParallel } from '../parallel.ts'
import { lineOf, type Stamped, stampLines } from '../report.ts'
import { stampOf } from './row.ts'
import type { Stage } from './stage.ts'

/** How long calls of one kind took, one after the other or a few at once, over HTTP. */
export interface CallFigures extends Latency {
  readonly name: string
  /** `null` = they were not made one after the other. */
  readonly perSecond: number | null
  /** The very first one, which finds nothing in memory; not part of the other figures; null = not told apart. */
  readonly firstMs: number | null
}

/** The report of a scenario that asks instead of sending. */
export interface CallRow extends Stamped {
  /** What was asked of how much. */
  readonly size: Readonly<Record<string, number>>
  readonly calls: readonly CallFigures[]
}

/** Runs `call` for every item, `atOnce` at a time, and times each. */
export async function timeCalls<T>(
  name: string,
  items: readonly T[],
  atOnce: number,
  call: (item: T) => Promise<unknown>,
): Promise<CallFigures> {
  const [first, ...rest] = items
  if (first === undefined || rest.length === 0) throw new Error(`${name}: nothing to time`)
  const cold = performance.now()
  await call(first)
  const firstMs = Math.round((performance.now() - cold) * 1000) / 1000
  const histogram = new Histogram()
  const started = performance.now()
  await inParallel(rest, atOnce, async (item) => {
    const before = performance.now()
    await call(item)
    histogram.record((performance.now() - before) * 1000)
  })
  const perSecond = Math.round((rest.length / (performance.now() - started)) * 10_000) / 10
  return { name, perSecond, firstMs, ...histogram.latency() }
}

/** Wrong answers, the `reasons`, come before any figure. */
export function callRow(
  stage: Stage,
  scenario: ScenarioName,
  row: Pick<CallRow, 'reasons' | 'size'> & Partial<Pick<CallRow, 'calls' | 'figures' | 'notes'>>,
): CallRow {
  return { ...stampOf(stage, scenario), calls: [], verdict: row.reasons.length > 0 ? 'FAIL' : 'PASS', ...row }
}

export function callTable(row: CallRow): string {
  const size = Object.entries(row.size).map(([what, count]) => `${count} ${what}`)
  const lines = row.calls.map(
    (c) =>
      `  ${c.name.padEnd(22)}${String(c.count).padStart(6)} calls  ${c.perSecond === null ? ' '.repeat(10) : `${String(c.perSecond).padStart(8)}/s`}  ` +
      `p50 ${c.p50Ms}  p99 ${c.p99Ms}  max ${c.maxMs} ms${c.firstMs === null ? '' : `  (first ${c.firstMs} ms)`}`,
  )
  const reasons = row.reasons.map((reason) => `  ${reason}`)
  const head = `\n${row.id} ${row.scenario}  ${row.verdict}  ${size.join(', ')}`
  const place = `  ${row.store} ${row.durability}, ${row.storeVersion}, ${row.nodes} node(s)`
  return [head, ...reasons, place, ...lines, ...stampLines(row).map(lineOf)].join('\n')
}
