import type { Durability, StoreName } from './engines/engine.ts'
import type { Environment } from './environment.ts'
import { distanceOf, type Figure, wordsOf } from './figures.ts'
import type { Latency } from './histogram.ts'
import type { LoadResult } from './load/plan.ts'
import type { ReadBack } from './scenarios/read-back.ts'

export type Verdict = 'PASS' | 'FAIL' | 'VOID'

/** What every line of the report says. `null` = does not apply or could not be measured; never a zero in its place. */
export interface Stamped {
  /** Of the list of scenarios in the design, "P1". */
  readonly id: string
  readonly scenario: string
  readonly verdict: Verdict
  /** Why it failed or is void. */
  readonly reasons: readonly string[]
  /** What the scenario is about. */
  readonly figures: readonly Figure[]
  readonly store: StoreName
  readonly durability: Durability
  /** Name, version and the setting that the letter rests on. */
  readonly storeVersion: string
  readonly nodes: number
  readonly bus: string | null
  readonly fsyncP50Ms: number
  readonly fsyncAfterP50Ms: number
  /** Of one minute; that after the run stands in `environment`. */
  readonly loadBefore: number
  readonly raised: readonly string[]
  /** What a reader must know of how it was measured. */
  readonly notes: readonly string[]
  readonly environment: Environment
}

/** A line about a load. */
export interface Row extends Stamped {
  readonly void: boolean
  readonly codec: string
  readonly seconds: number
  readonly clients: number
  readonly inFlight: number | null
  readonly offeredPerSecond: number | null
  readonly acksPerSecond: number | null
  readonly deliveriesPerSecond: number | null
  /** Latency of the scenario's own subject, see `latencyOf`. */
  readonly latencyOf: string
  readonly p50Ms: number | null
  readonly p90Ms: number | null
  readonly p99Ms: number | null
  readonly p999Ms: number | null
  readonly maxMs: number | null
  readonly ackP50Ms: number | null
  readonly ackP99Ms: number | null
  readonly serviceP99Ms: number | null
  readonly lastMemberP50Ms: number | null
  readonly lastMemberP99Ms: number | null
  readonly sent: number
  readonly acked: number
  readonly errors: number
  readonly missing: number
  readonly duplicates: number
  readonly outOfOrder: number
  readonly resyncs: number
  readonly leftOut: number
  /** CPU of the server process per ack, delivery, or (idle) per session and second. */
  readonly serverCpuUsPerUnit: number | null
  /** CPU of the store's process, where we started it. */
  readonly storeCpuUsPerUnit: number | null
  readonly rssBytes: number | null
  readonly bytesPerSession: number | null
  /** The bare WebSocket library in the same run: the same unit as the scenario's rate. */
  readonly ceilingPerSecond: number | null
  readonly ceilingP50Ms: number | null
  readonly ceilingP99Ms: number | null
  /** Ours divided by the ceiling. */
  readonly ratio: number | null
  readonly baseline?: Baseline
  readonly generatorCpu: number
  readonly generatorLagP99Ms: number
}

/** One transaction per message on the same database server, and the same rows in batches, a second. */
export interface Baseline {
  readonly single: number
  readonly at32: number
  readonly batched: number
  /** Our acks over these. */
  readonly ratioToSingle: number
  readonly ratioTo32: number
}

const cpuLimit = 0.8
const lagLimitMs = 5

/** Why a run must not count as one, from what was sent, pushed and read back. */
export function faults(result: LoadResult, back: ReadBack | undefined): string[] {
  const counts: readonly (readonly [number, string])[] = [
    [back?.missing ?? 0, 'acked messages are missing from the history'],
    [(back?.duplicates ?? 0) + result.duplicatePushes, 'messages were stored or pushed twice'],
    [(back?.outOfOrder ?? 0) + result.outOfOrder, 'messages out of order, or holes without a resync notice'],
    [back?.invented ?? 0, 'stored messages were never sent'],
    [result.unpushed, 'pushes never came'],
    // Phases ask for too much on purpose: their scenario judges what was refused, and how.
    [result.phases === undefined ? result.refused : 0, 'sends were refused'],
    [result.unanswered, 'sends were never answered'],
    [result.lost, 'connections were lost'],
    [result.broken, 'frames broke the contract'],
  ]
  const found = counts.flatMap(([count, what]) => (count > 0 ? [`${count} ${what}`] : []))
  if (back !== undefined && result.acked === 0) found.push('nothing was acked')
  return [...found, ...result.complaints]
}

/** Why an open-loop run says nothing: the generator itself was in the way. */
export function hindrances(result: LoadResult): string[] {
  const found: string[] = []
  const { generatorCpu } = result.window
  if (generatorCpu > cpuLimit)
    found.push(`the generator used ${(generatorCpu * 100).toFixed(0)} % of a core (limit 80 %)`)
  if (result.lag.p99Ms > lagLimitMs)
    found.push(`the generator was ${result.lag.p99Ms} ms late at p99 (limit 5 ms)`)
  return found
}

export function verdictOf(failed: readonly string[], hindered: readonly string[]): Verdict {
  return failed.length > 0 ? 'FAIL' : hindered.length > 0 ? 'VOID' : 'PASS'
}

export function latencyColumns(
  latency: Latency,
): Pick<Row, 'p50Ms' | 'p90Ms' | 'p99Ms' | 'p999Ms' | 'maxMs'> {
  const { p50Ms, p90Ms, p99Ms, p999Ms, maxMs } = latency
  return { p50Ms, p90Ms, p99Ms, p999Ms, maxMs }
}

export function rounded(value: number | undefined, places = 0): number | null {
  if (value === undefined || !Number.isFinite(value)) return null
  return Math.round(value * 10 ** places) / 10 ** places
}

function placeOf({ nodes, bus }: Stamped): string {
  return `${nodes} node${nodes === 1 ? '' : 's'}${bus === null ? '' : ` on ${bus}`}`
}

/** The row as lines for people. */
export function table(row: Row): string {
  const figure = (value: number | null, unit: string): string =>
    value === null ? 'n/a' : `${value.toLocaleString('en')}${unit}`
  const lines: Line[] = [
    ['verdict', [row.verdict, ...row.reasons].join('\n                  ')],
    ['load', `${row.clients} clients, ${row.seconds} s, ${row.codec}`],
    ['store', `${row.store} ${row.durability}, ${row.storeVersion}, ${placeOf(row)}`],
  ]
  if (row.inFlight !== null) lines.push(['in flight', figure(row.inFlight, '')])
  if (row.offeredPerSecond !== null) lines.push(['offered', figure(row.offeredPerSecond, '/s')])
  if (row.acksPerSecond !== null) lines.push(['acks', figure(row.acksPerSecond, '/s')])
  if (row.deliveriesPerSecond !== null) lines.push(['deliveries', figure(row.deliveriesPerSecond, '/s')])
  if (row.p50Ms !== null) {
    lines.push([
      row.latencyOf,
      `p50 ${row.p50Ms}  p90 ${row.p90Ms}  p99 ${row.p99Ms}  p99.9 ${row.p999Ms}  max ${row.maxMs} ms`,
    ])
    lines.push(['ack', `p50 ${figure(row.ackP50Ms, '')}  p99 ${figure(row.ackP99Ms, ' ms')}`])
  }
  if (row.lastMemberP99Ms !== null) {
    lines.push([
      'last member',
      `p50 ${figure(row.lastMemberP50Ms, '')}  p99 ${figure(row.lastMemberP99Ms, ' ms')}`,
    ])
  }
  if (row.bytesPerSession !== null) lines.push(['memory', `${figure(row.bytesPerSession, ' B')} a session`])
  lines.push(
    [
      'checked',
      `${row.sent} sent, ${row.acked} acked, ${row.errors} errors, ${row.missing} missing, ${row.duplicates} duplicates, ${row.outOfOrder} out of order, ${row.resyncs} resyncs (${row.leftOut} left out)`,
    ],
    [
      'server',
      `${figure(row.serverCpuUsPerUnit, ' µs CPU')} per unit (all nodes), its store ${figure(row.storeCpuUsPerUnit, ' µs')}, RSS ${figure(row.rssBytes === null ? null : Math.round(row.rssBytes / 2 ** 20), ' MiB')}`,
    ],
    [
      'bare ws',
      `${figure(row.ceilingPerSecond, '/s')}  p50 ${figure(row.ceilingP50Ms, '')}  p99 ${figure(row.ceilingP99Ms, ' ms')}  ratio ${figure(row.ratio, '')}`,
    ],
    [
      'generator',
      `${figure(rounded(row.generatorCpu * 100), ' %')} of a core, lag p99 ${row.generatorLagP99Ms} ms`,
    ],
  )
  if (row.baseline !== undefined) {
    const { single, at32, batched, ratioToSingle, ratioTo32 } = row.baseline
    lines.push([
      'baseline',
      `one transaction per message: ${figure(single, '/s')} with 1 connection, ${figure(at32, '/s')} with 32; in batches of 100 ${figure(batched, '/s')}`,
    ])
    lines.push([
      'against it',
      `${ratioTo32} times as many acks as with 32 connections, ${ratioToSingle} as with 1`,
    ])
  }
  lines.push(...stampLines(row))
  return [`\n${row.id} ${row.scenario}`, ...lines.map(lineOf)].join('\n')
}

/** The disk changed so much during the run that its figures compare with nothing. */
function isRestless({ fsyncP50Ms: before, fsyncAfterP50Ms: after }: Stamped): boolean {
  return Math.max(before, after) > 2 * Math.min(before, after)
}

type Line = readonly [name: string, value: string]

export function lineOf([name, value]: Line): string {
  return `  ${name.padEnd(16)}${value}`
}

/** What all lines of the report end with: the figures that count, how far they are from their goals, the machine. */
export function stampLines(row: Stamped): Line[] {
  const { environment: machine } = row
  return [
    ...row.figures.map((figure): Line => ['figure', wordsOf(figure)]),
    ...distanceOf(row.figures).short.map((words): Line => ['short of', words]),
    ...row.notes.map((note): Line => ['note', note]),
    [
      'machine',
      `${machine.cpus} × ${machine.cpuModel}, ${machine.kernel}, node ${machine.node}, commit ${machine.commit ?? 'n/a'}, ${machine.date}`,
    ],
    [
      'fsync p50',
      `${row.fsyncP50Ms} ms before, ${row.fsyncAfterP50Ms} ms after${isRestless(row) ? ': not the same disk any more, repeat it' : ''}`,
    ],
    ['load average', `${row.loadBefore} before, ${machine.loadAverage} after`],
    ...row.raised.map((words): Line => ['raised', words]),
  ]
}
