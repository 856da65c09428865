import type { Environment } from '../environment.ts'
import { peerNames } from './options.ts'
import { metricWords, type Spread } from './ratio.ts'
import type { Comparison, Outcome } from './rounds.ts'
import type { Run } from './run.ts'

const none = 'n/a'

function number(value: number | null, places = 0): string {
  return value === null ? none : value.toLocaleString('en', { maximumFractionDigits: places })
}

function pair(low: number | null, high: number | null): string {
  return low === null || high === null ? none : `${number(low, 1)} / ${number(high, 1)}`
}

const columns: readonly (readonly [string, (run: Run) => string])[] = [
  ['verdict', ({ verdict }) => verdict],
  ['sent', ({ sent }) => number(sent)],
  ['acked', ({ acked }) => number(acked)],
  ['read back', ({ readBack }) => number(readBack)],
  ['acks/s', ({ acksPerSecond }) => number(acksPerSecond)],
  ['deliveries/s', ({ deliveriesPerSecond }) => number(deliveriesPerSecond)],
  ['rows/s', ({ rowsPerSecond }) => number(rowsPerSecond)],
  ['ack p50/p99 ms', ({ ackP50Ms, ackP99Ms }) => pair(ackP50Ms, ackP99Ms)],
  ['delivery ms', ({ deliveryP50Ms, deliveryP99Ms }) => pair(deliveryP50Ms, deliveryP99Ms)],
  ['last member ms', ({ lastMemberP50Ms, lastMemberP99Ms }) => pair(lastMemberP50Ms, lastMemberP99Ms)],
  ['CPU µs', ({ serverCpuUsPerUnit }) => number(serverCpuUsPerUnit, 1)],
  ['store µs', ({ storeCpuUsPerUnit }) => number(storeCpuUsPerUnit, 1)],
  ['MiB', ({ rssBytes }) => number(rssBytes === null ? null : rssBytes / 2 ** 20)],
  ['generator', ({ generatorCpu }) => (generatorCpu === null ? none : `${number(generatorCpu * 100)} %`)],
  ['lag p99 ms', ({ generatorLagP99Ms }) => number(generatorLagP99Ms, 1)],
]

/** Columns to the right under their heads, the first one to the left. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => (row[at] ?? '').length)))
  return rows.map((row) =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
}

function spreadWords({ median, min, max, of }: Spread): string {
  const [a, b, c] = [median, min, max].map((ratio) => number(ratio, ratio < 10 ? 2 : 1))
  return `median ${a}  min ${b}  max ${c}  (${of} round${of === 1 ? '' : 's'})`
}

function ratioLine({ who, spread, letters }: Comparison): string {
  const words = spread === null ? `${none}: no round of it counts` : spreadWords(spread)
  return `  against ${who}: ${words}${letters === undefined ? '' : `  – ${letters}: not a comparison of equals`}`
}

/** One match as lines for people. */
export function outcomeTable({ matchup, rounds, comparisons, repeated, notRun }: Outcome): string {
  const lines = [`\n${matchup.scenario} – ${matchup.peer}: ${matchup.load}, ours on ${matchup.store}`]
  const runs = rounds.flatMap(({ ours, theirs }, i) =>
    [ours, ...theirs].map((run) => ({ run, round: i + 1 })),
  )
  // What applies to nobody here is left out.
  const shown = columns.filter(([, cell]) => runs.some(({ run }) => cell(run) !== none))
  const rows = runs.map(({ run, round }) => [`${round} ${run.who}`, ...shown.map(([, cell]) => cell(run))])
  if (rows.length > 0)
    lines.push(...aligned([['round', ...shown.map(([head]) => head)], ...rows]).map((row) => `  ${row}`))
  for (const { run, round } of runs)
    for (const reason of run.reasons) lines.push(`  ${run.verdict} in round ${round}, ${run.who}: ${reason}`)
  for (const run of [rounds[0]?.ours, ...(rounds[0]?.theirs ?? [])])
    if (run !== undefined) lines.push(`  ${run.who}: ${run.durability}, ${run.setting}`)
  if (rounds.length > 0) {
    const fsyncs = rounds.map(({ fsyncBeforeMs, fsyncAfterMs }) => `${fsyncBeforeMs} -> ${fsyncAfterMs}`)
    const loads = rounds.map(({ loadBefore, loadAfter }) => `${loadBefore} -> ${loadAfter}`)
    lines.push(
      `  of each round: fsync p50 ${fsyncs.join(', ')} ms; load ${loads.join(', ')}; ${repeated} played again`,
    )
    lines.push(`  ratio of ${metricWords[matchup.metric]}`, ...comparisons.map(ratioLine))
  }
  if (notRun !== undefined) lines.push(`  not run: ${notRun}`)
  return lines.join('\n')
}

/** What a peer has not got at all: it keeps nothing, so it has no acks to count. */
const lacking: Readonly<Record<string, readonly string[]>> = { socketio: ['P1', 'P2'] }

/** Scenarios down, peers across: the median ratio, or why there is none. */
export function overview(outcomes: readonly Outcome[]): string {
  const matches = outcomes.filter(({ matchup }) => matchup.peer !== 'ceilings')
  const scenarios = [...new Set(matches.map(({ matchup }) => matchup.scenario))]
  const peers = peerNames.filter((peer) => matches.some(({ matchup }) => matchup.peer === peer))
  if (peers.length === 0) return ''
  const cell = (scenario: string, peer: string): string => {
    const outcome = matches.find(({ matchup }) => matchup.scenario === scenario && matchup.peer === peer)
    if (outcome === undefined) return lacking[peer]?.some((id) => scenario.startsWith(id)) ? none : '–'
    const [comparison] = outcome.comparisons
    if (comparison === undefined) return 'not run'
    if (comparison.spread === null) return 'no round counts'
    const median = number(comparison.spread.median, 2)
    return comparison.letters === undefined ? median : `${median} (letters differ)`
  }
  const rows = scenarios.map((scenario) => [scenario, ...peers.map((peer) => cell(scenario, peer))])
  return [
    `\nmedian ratios (${none}: it has no such thing; –: not asked of it)`,
    ...aligned([['', ...peers], ...rows]).map((row) => `  ${row}`),
  ].join('\n')
}

export function machineLine(environment: Environment): string {
  const { cpus, cpuModel, memoryBytes, kernel, node, loadAverage, commit } = environment
  return `machine: ${cpus} × ${cpuModel}, ${Math.round(memoryBytes / 2 ** 30)} GiB, ${kernel}, node ${node}, load ${loadAverage}, commit ${commit ?? none}`
}
