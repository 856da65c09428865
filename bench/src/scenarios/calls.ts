import { describeEnvironment, type Environment } from '../environment.ts'
import { Histogram, type Latency } from '../histogram.ts'
import type { ScenarioName } from '../options.ts'
import { inParallel } from '../parallel.ts'
import type { Verdict } from '../report.ts'

/** How long calls of one kind took, one after the other or a few at once, over HTTP. */
export interface CallFigures extends Latency {
  readonly name: string
  readonly perSecond: number
  /** The very first one, which finds nothing in memory; not part of the other figures. */
  readonly firstMs: number
}

/** The report of a scenario that asks instead of sending. */
export interface CallRow {
  readonly scenario: ScenarioName
  readonly verdict: Verdict
  /** Why it failed: wrong answers come before any figure. */
  readonly reasons: readonly string[]
  readonly store: 'sqlite'
  readonly durability: 'D2'
  /** What was asked of how much. */
  readonly size: Readonly<Record<string, number>>
  readonly calls: readonly CallFigures[]
  readonly environment: Environment
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

export function callRow(
  scenario: ScenarioName,
  reasons: readonly string[],
  size: Readonly<Record<string, number>>,
  calls: readonly CallFigures[],
): CallRow {
  return {
    scenario,
    verdict: reasons.length > 0 ? 'FAIL' : 'PASS',
    reasons,
    store: 'sqlite',
    durability: 'D2',
    size,
    calls,
    environment: describeEnvironment(),
  }
}

export function callTable(row: CallRow): string {
  const size = Object.entries(row.size).map(([what, count]) => `${count} ${what}`)
  const lines = row.calls.map(
    (c) =>
      `  ${c.name.padEnd(22)}${String(c.count).padStart(6)} calls  ${String(c.perSecond).padStart(8)}/s  ` +
      `p50 ${c.p50Ms}  p99 ${c.p99Ms}  max ${c.maxMs} ms  (first ${c.firstMs} ms)`,
  )
  const reasons = row.reasons.map((reason) => `  ${reason}`)
  return [`\n${row.scenario}  ${row.verdict}  ${size.join(', ')}`, ...reasons, ...lines].join('\n')
}
