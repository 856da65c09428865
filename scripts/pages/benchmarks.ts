import { type Figure, wordsOf } from '../../bench/src/figures.ts'
import type { Run } from '../../bench/src/peers/run.ts'
import { benchCommand, compareCommand } from './commands.ts'
import { groupsOf, spreadOf, typicalOf, type Variant, variantsOf } from './groups.ts'
import { code, number, plural, table } from './markdown.ts'
import { type Drawing, drawingsOf, drawnAt } from './plots.ts'
import type { CompareLine, Results, ScenarioLine } from './results.ts'
import { scenarios } from './scenarios.ts'
import { type Machines, machinesOf, stampWords } from './stamp.ts'
import { type Judged, judgeTargets } from './targets.ts'
import { head, letters, unknownLines } from './text.ts'

/** `docs/benchmarks.md`. */
export function benchmarksPage(results: Results): string {
  const machines = machinesOf([
    ...results.scenarios.map(({ line }) => line.environment),
    ...results.comparisons.map(({ line }) => line.environment),
  ])
  const variants = variantsOf(results.scenarios)
  const superseded = variants.reduce((sum, variant) => sum + variant.superseded, 0)
  return [
    head('Benchmarks', 'How much it holds and how fast it is'),
    howToRead,
    letters,
    '## Targets',
    'For two cores that the server shares with its database and the generator.',
    targetsTable(judgeTargets(results), machines),
    '## Scenarios',
    overview(variants),
    ...drawingsOf(results).flatMap(drawingText),
    '## Every run',
    `Lines of earlier commits about the same thing: ${number(superseded)}, not shown.`,
    ...scenarios.flatMap(({ id, name, says, command }) => [
      `### ${id} ${name}`,
      `${says[0]?.toUpperCase()}${says.slice(1)}.`,
      runsTable(
        variants.filter(({ lines: [line] }) => line.id === id),
        machines,
      ) ?? `Not measured: ${code(`npm run bench -- ${command} --out bench/results/…`)}`,
    ]),
    ...others(variants, machines),
    '## Beside others',
    comparisons(results, machines),
    '## Machines',
    results.scenarios.length + results.comparisons.length === 0 ? 'None yet.' : machines.table(),
    ...unknownLines(results),
  ]
    .join('\n\n')
    .concat('\n')
}

const howToRead = `Every acknowledged message of a run is read back from the history of both sides before its speed counts: one that is
missing, doubled or misplaced makes it **FAIL**, and a FAIL has no speed. **VOID** is a run in which the generator was in
its own way: it says nothing. Latency counts from the moment at which a message was *meant* to be sent. Of several runs at
one commit the median is shown, with least and greatest; never the best. What was not measured says so. The rules are in
\`bench/\`; all of it again: \`npm run bench -- all --out bench/results/FILE.jsonl\`, then \`npm run pages\`.`

function targetsTable(judged: readonly Judged[], machines: Machines): string {
  return table(
    ['', 'target', 'measured', '', 'from', 'command'],
    judged.map(({ target, status, spread, line }) => {
      const { id, says, goal, unit } = target
      const bound = `${goal.better === 'more' ? '≥' : '≤'} ${number(goal.value)}${unit}`
      const shown =
        spread === undefined
          ? '–'
          : `${number(spread.median)}${unit}${spread.of > 1 ? ` (${number(spread.min)} – ${number(spread.max)})` : ''}`
      return [
        id,
        `${says}: ${bound}`,
        shown,
        status === 'met' ? 'met' : `**${status}**`,
        line === undefined ? '' : sourceOf(line, machines),
        line === undefined ? '' : code(commandOf(line)),
      ]
    }),
  )
}

function sourceOf(line: ScenarioLine | CompareLine, machines: Machines): string {
  const stamp = stampWords(line.environment, machines)
  if ('comparisons' in line) return `${line.rounds[0]?.ours.durability ?? ''}, ${stamp}`
  return `${line.durability}, ${stamp}`
}

function commandOf(line: ScenarioLine | CompareLine): string {
  return 'comparisons' in line ? compareCommand(line) : benchCommand(line)
}

/** One row per id, measured or not. */
function overview(variants: readonly Variant[]): string {
  return table(
    ['', 'scenario', 'figures', ''],
    scenarios.map(({ id, name, says }) => {
      const own = variants.filter(({ lines: [line] }) => line.id === id)
      const figures = own.map(
        (variant) =>
          `${placeWords(variant.lines[0])}, ${variant.load}: ${figureWords(variant).join(', ') || variant.verdict}`,
      )
      return [id, `${name}: ${says}`, figures.join('\n') || '–', statusOf(own)]
    }),
  )
}

function statusOf(variants: readonly Variant[]): string {
  if (variants.length === 0) return '**not measured**'
  if (variants.some(({ verdict }) => verdict === 'FAIL')) return '**FAIL**'
  const figures = variants
    .flatMap(mediansOf)
    .filter(({ goal, value }) => goal !== undefined && value !== null)
  const missed = figures.filter((figure) => !isMet(figure))
  if (missed.length > 0) return `**not met**: ${plural(missed.length, 'figure')} of ${figures.length}`
  if (variants.every(({ verdict }) => verdict === 'VOID')) return '**VOID**'
  return figures.length > 0 ? 'met' : 'measured'
}

function isMet({ value, goal, better }: Figure): boolean {
  if (value === null || goal === undefined) return true
  return better === 'more' ? value >= goal : value <= goal
}

/** Each figure of a variant with the median of its runs. */
function mediansOf({ counted }: Variant): Figure[] {
  return (counted.at(-1)?.figures ?? []).map((figure) => ({
    ...figure,
    value: spreadOf(counted, figure.name)?.median ?? null,
  }))
}

function figureWords(variant: Variant): string[] {
  return mediansOf(variant).map((figure) => {
    const spread = spreadOf(variant.counted, figure.name)
    const range =
      spread && spread.of > 1 ? `, ${number(spread.min)} – ${number(spread.max)} of ${spread.of}` : ''
    const miss = isMet(figure) ? '' : ' **not met**'
    return `${wordsOf(figure)}${range}${miss}`
  })
}

function placeWords({ store, durability, nodes }: ScenarioLine): string {
  return `${store} ${durability}${nodes > 1 ? `, ${nodes} nodes` : ''}`
}

/** Undefined when there is none. */
function runsTable(variants: readonly Variant[], machines: Machines): string | undefined {
  if (variants.length === 0) return undefined
  return table(
    ['load', 'verdict, figures', 'latency ms', 'checked', 'cost', 'from'],
    variants.map((variant) => {
      const line = typicalOf(variant) ?? (variant.lines.at(-1) as ScenarioLine)
      const { storeVersion, fsyncP50Ms, fsyncAfterP50Ms, environment, raised, notes } = line
      const counted = variant.verdict === 'PASS'
      const shown = [
        `**${variant.verdict}**${variant.voided > 0 && counted ? ` (${variant.voided} more void)` : ''}`,
        ...(counted
          ? figureWords(variant)
          : [...new Set(variant.lines.flatMap((each) => each.reasons ?? []))]),
      ]
      const setting = [...(raised ?? []), ...(notes ?? [])]
      return [
        [variant.load, `${placeWords(line)}, ${storeVersion ?? ''}`, ...setting].join('\n'),
        shown.join('\n'),
        counted ? latencyWords(line) : '–',
        checkedWords(line),
        counted ? costWords(line) : '–',
        [
          `${stampWords(environment, machines)}, fsync p50 ${number(fsyncP50Ms)} → ${number(fsyncAfterP50Ms)} ms`,
          code(benchCommand(line)),
        ].join('\n'),
      ]
    }),
  )
}

function latencyWords(line: ScenarioLine): string {
  if ('calls' in line) {
    return line.calls
      .map(({ name, perSecond, p50Ms, p99Ms, maxMs }) => {
        const rate = perSecond === null ? '' : `${number(perSecond)}/s, `
        return `${name}: ${rate}p50 ${number(p50Ms)}, p99 ${number(p99Ms)}, max ${number(maxMs)}`
      })
      .join('\n')
  }
  const { latencyOf, p50Ms, p90Ms, p99Ms, p999Ms, maxMs, ackP50Ms, ackP99Ms, serviceP99Ms } = line
  const { lastMemberP50Ms, lastMemberP99Ms } = line
  const lines = []
  if (p50Ms !== null)
    lines.push(
      `${latencyOf}: p50 ${number(p50Ms)}, p90 ${number(p90Ms)}, p99 ${number(p99Ms)}, p99.9 ${number(p999Ms)}, max ${number(maxMs)}`,
    )
  if (latencyOf !== 'ack' && ackP50Ms !== null)
    lines.push(`ack: p50 ${number(ackP50Ms)}, p99 ${number(ackP99Ms)}`)
  if (serviceP99Ms !== null) lines.push(`from when it was really sent: p99 ${number(serviceP99Ms)}`)
  if (lastMemberP50Ms !== null)
    lines.push(`last member: p50 ${number(lastMemberP50Ms)}, p99 ${number(lastMemberP99Ms)}`)
  return lines.join('\n') || 'n/a'
}

function checkedWords(line: ScenarioLine): string {
  if ('calls' in line) {
    return Object.entries(line.size)
      .map(([what, count]) => `${number(count)} ${what}`)
      .join('\n')
  }
  const { sent, acked, errors, missing, duplicates, outOfOrder } = line
  return `${number(sent)} sent, ${number(acked)} acked, ${number(errors)} errors\n${missing} missing, ${duplicates} twice, ${outOfOrder} out of order`
}

function costWords(line: ScenarioLine): string {
  if ('calls' in line) return 'n/a'
  const { serverCpuUsPerUnit, storeCpuUsPerUnit, rssBytes, generatorCpu, generatorLagP99Ms } = line
  const { acksPerSecond, deliveriesPerSecond, ceilingPerSecond, ratio } = line
  const rates = [
    ...(acksPerSecond === null ? [] : [`${number(acksPerSecond)} acks/s`]),
    ...(deliveriesPerSecond === null ? [] : [`${number(deliveriesPerSecond)} deliveries/s`]),
  ]
  return [
    ...(rates.length > 0 ? [rates.join(', ')] : []),
    `server ${number(serverCpuUsPerUnit)} µs, store ${number(storeCpuUsPerUnit)} µs a unit`,
    `RSS ${number(rssBytes === null ? null : rssBytes / 2 ** 20, 0)} MiB`,
    `generator ${number(generatorCpu * 100, 0)} % of a core, lag p99 ${number(generatorLagP99Ms)} ms`,
    ...(ceilingPerSecond === null
      ? []
      : [`bare ws ${number(ceilingPerSecond)}/s, ratio ${number(ratio, 3)}`]),
  ].join('\n')
}

/** Runs that no scenario of the design is about. */
function others(variants: readonly Variant[], machines: Machines): string[] {
  const ids = scenarios.map(({ id }) => id)
  const rest = variants.filter(({ lines: [line] }) => !ids.includes(line.id))
  return [...new Set(rest.map(({ lines: [line] }) => line.scenario))].flatMap((scenario) => [
    `### ${scenario}`,
    runsTable(
      rest.filter(({ lines: [line] }) => line.scenario === scenario),
      machines,
    ) ?? '',
  ])
}

function comparisons({ comparisons: placed }: Results, machines: Machines): string {
  const intro = `In turns on one machine: ours, theirs, ours, theirs …, with the same load, disk and database server; above 1 ours is
ahead. The ratio is the median of those of the rounds. Where letters differ it compares unlike promises, and says so.`
  const keyOf = ({ scenario, peer, load, store }: CompareLine): string =>
    [scenario, peer, load, store].join(' · ')
  const groups = groupsOf(placed, keyOf, ({ environment }) => environment)
  if (groups.length === 0)
    return `${intro}\n\nNot measured: ${code('npm run bench -- compare --out bench/results/…')}`
  const rows = groups.map(({ lines }) => comparisonRow(lines.at(-1) as CompareLine, machines))
  return `${intro}\n\n${table(['scenario', 'against', 'ratio', 'ours', 'theirs', 'from'], rows)}`
}

function comparisonRow(line: CompareLine, machines: Machines): string[] {
  const { scenario, peer, load, store, metric, rounds, comparisons: against, notRun, environment } = line
  const ratios = against.map(({ who, spread, letters: differing }) => {
    const words =
      spread === null
        ? 'n/a: no round of it counts'
        : `**${number(spread.median)}** (${number(spread.min)} – ${number(spread.max)}, ${plural(spread.of, 'round')})`
    return `${who}: ${words}${differing === undefined ? '' : `; ${differing}`}`
  })
  const ours = rounds.map((round) => runWords(round.ours, metric))
  const theirs = rounds.map((round) => round.theirs.map((run) => runWords(run, metric)).join('; '))
  const [{ ours: first } = {}] = rounds
  const settings = [first, ...(rounds[0]?.theirs ?? [])].flatMap((run) =>
    run === undefined ? [] : [`${run.who}: ${run.durability}, ${run.setting}`],
  )
  return [
    `${scenario}\n${load}\nours on ${store}`,
    peer,
    [...ratios, ...(notRun === undefined ? [] : [`**not run**: ${notRun}`])].join('\n'),
    ours.join('\n') || '–',
    theirs.join('\n') || '–',
    [stampWords(environment, machines), ...settings, code(compareCommand(line))].join('\n'),
  ]
}

function runWords(run: Run, metric: string): string {
  if (run.verdict !== 'PASS') return `**${run.verdict}**: ${run.reasons.join(', ')}`
  if (metric === 'delivery p99')
    return `p50 ${number(run.deliveryP50Ms)}, p99 ${number(run.deliveryP99Ms)} ms`
  const rate = run.acksPerSecond ?? run.rowsPerSecond
  return metric === 'deliveries' ? `${number(run.deliveriesPerSecond)}/s` : `${number(rate)}/s`
}

function drawingText(drawing: Drawing): string[] {
  const { title, says, points, needs } = drawing
  if (points === 0) return [`### ${title}`, `Not drawn: ${needs}`]
  return [`### ${title}`, `![${says}](${drawnAt(drawing)})`]
}
