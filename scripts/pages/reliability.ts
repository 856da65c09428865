import { wordsOf } from '../../bench/src/figures.ts'
import { benchCommand, chaosCommand, reportCommand } from './commands.ts'
import { groupsOf, typicalOf, type Variant, variantsOf } from './groups.ts'
import { code, number, plural, table } from './markdown.ts'
import { mutantsPart } from './mutants.ts'
import type { ChaosLine, ReportLine, Results, ScenarioLine } from './results.ts'
import { parts, type Score } from './scoreboard.ts'
import { type Machines, machinesOf, type Stamp, stampWords } from './stamp.ts'
import { head, letters, unknownLines } from './text.ts'

/** `docs/reliability.md`. */
export function reliabilityPage(results: Results): string {
  const machines = machinesOf([
    ...results.scenarios.map(({ line }) => line.environment),
    ...results.chaos.map(({ line }) => line.environment),
    ...results.reports.map(({ line }) => stampOfReport(line)),
  ])
  return [
    head('Reliability', 'What happens when things break, and who can get in'),
    howToRead,
    letters,
    ...parts.flatMap(({ title, scores }) => [
      `## ${title}`,
      table(
        ['', 'what must hold', 'result', 'found', 'from'],
        scores.flatMap((score) => scoreRows(score, results, machines)),
      ),
    ]),
    ...strangers(results, machines),
    '## What the checker looked at',
    rulesTable(results),
    ...casesParts(results),
    '## Planted bugs',
    mutantsPart(results),
    '## Machines',
    results.chaos.length + results.reports.length + results.scenarios.length === 0
      ? 'None yet.'
      : machines.table(),
    ...unknownLines(results),
  ]
    .join('\n\n')
    .concat('\n')
}

const howToRead = `A fault is played under load; every client writes down what it sent, was told and read, and a checker that knows nothing of
the server's code judges these histories. Of several runs of one fault at one commit a single failure makes the row
**FAIL**. **not run** is what this machine refused, and why. **not measured** means just that; *tests, no figure* are suites that
each \`npm test\` runs. Behind ×: how often, of how often it must be at the least. All of it again:
\`npm run chaos -- ci --out bench/results/FILE.jsonl\`, \`npm run fuzz -- ci --out …\`, then \`npm run pages\`.`

type Row = readonly [id: string, says: string, result: string, found: string, from: string]

function scoreRows(score: Score, results: Results, machines: Machines): Row[] {
  const { beside } = score
  if (beside === undefined) return plainRows(score, results, machines)
  const isBeside = ({ line }: Results['chaos'][number]): boolean => line.options.fault === beside.fault
  const [own, others] = [
    results.chaos.filter((placed) => !isBeside(placed)),
    results.chaos.filter((placed) => placed.line.id !== score.id || isBeside(placed)),
  ]
  const other: Score = {
    ...{ id: score.id, says: beside.says, times: { ci: beside.ci, full: beside.ci } },
    command: `npm run chaos -- ${beside.fault}`,
  }
  return [
    ...plainRows(score, { ...results, chaos: own }, machines),
    ...plainRows(other, { ...results, chaos: others, reports: [] }, machines),
  ]
}

function plainRows(score: Score, results: Results, machines: Machines): Row[] {
  const { id, says, scenario, suites, command } = score
  const rows = [
    ...chaosRows(score, results, machines),
    ...reportRows(score, results, machines),
    ...benchRows(scenario, results, machines),
  ]
  const [first, ...rest] = rows
  if (first !== undefined) return [[id, says, ...first], ...rest.map((row): Row => ['', '', ...row])]
  const links = (suites ?? []).map((file) => `[${file.split('/').at(-1)}](../${file})`)
  const result = links.length > 0 ? 'tests, no figure' : '**not measured**'
  return [[id, says, result, links.join(', ') || '–', command === '' ? '' : code(command)]]
}

type Cells = readonly [result: string, found: string, from: string]

function chaosRows({ id, times }: Score, results: Results, machines: Machines): Cells[] {
  const own = results.chaos.filter(({ line }) => line.id === id)
  const keyOf = ({ options }: ChaosLine): string => [options.fault, options.store, options.bus].join(' ')
  return groupsOf(own, keyOf, ({ environment }) => environment).map(({ lines }) => {
    const line = worstOf(lines)
    const { verdict, reason, place, options, environment } = line
    const often = times === undefined ? `×${line.times}` : `×${line.times} of ${number(times.ci)}`
    const few = times !== undefined && verdict === 'pass' && line.times < times.ci ? ', **too few**' : ''
    const result = verdict === 'not run' ? `**not run**: ${reason ?? ''}` : `${word(verdict)} ${often}${few}`
    return [
      result,
      [
        `${options.fault}, ${place ?? options.store}`,
        ...(verdict !== 'not run' && reason !== undefined ? [reason.split('\n')[0] ?? ''] : []),
        ...foundBy(line),
      ].join('\n'),
      [stampWords(environment, machines), code(chaosCommand(line))].join('\n'),
    ]
  })
}

/** A failure before anything; else the one that did it most often. */
function worstOf(lines: readonly [ChaosLine, ...ChaosLine[]]): ChaosLine {
  const order = ['not run', 'pass', 'fail']
  return lines.reduce((worst, line) => {
    const [a, b] = [order.indexOf(worst.verdict), order.indexOf(line.verdict)]
    return b > a || (b === a && line.times >= worst.times) ? line : worst
  })
}

function foundBy({ judgement, measures = [], seconds }: ChaosLine): string[] {
  const counts = Object.entries(judgement?.figures ?? {}).map(([what, count]) => `${number(count)} ${what}`)
  const broken = (judgement?.rulings ?? []).filter(({ violations }) => violations > 0)
  return [
    ...(counts.length > 0 ? [counts.join(', ')] : []),
    ...broken.map(({ id, says, violations }) => `**${id} violated** ${number(violations)} times: ${says}`),
    ...measures.map(({ name, unit, limit, values }) => {
      const most = values.length === 0 ? 'n/a' : number(Math.max(...values))
      const kept = values.length > 0 && values.every((value) => value <= limit)
      return `${name}: most ${most} ${unit} of ${values.length}, limit ${number(limit)}${kept ? '' : ' **too much**'}`
    }),
    `${number(seconds, 0)} s`,
  ]
}

function reportRows({ id, counted }: Score, results: Results, machines: Machines): Cells[] {
  const own = results.reports.filter(({ line }) => line.id === id)
  return reportCells(own, machines, counted)
}

function reportCells(own: Results['reports'], machines: Machines, counted?: Score['counted']): Cells[] {
  const keyOf = ({ id, fields }: ReportLine): string => [id, fields['name'], fields['store']].join(' ')
  return groupsOf(own, keyOf, stampOfReport).map(({ lines }) => {
    const line = lines.find(({ verdict }) => /fail/i.test(verdict)) ?? (lines.at(-1) as ReportLine)
    const { name, store, seed } = line.fields
    const command =
      reportCommand(line) ||
      (typeof name === 'string'
        ? `npm run fuzz -- ${name}${seed === undefined ? '' : ` --seed ${String(seed)}`}`
        : '')
    return [
      `${word(line.verdict)}${countedWords(line, counted)}`,
      [[name, store].filter((part) => typeof part === 'string').join(', '), ...fieldWords(line.fields)]
        .filter((text) => text !== '')
        .join('\n'),
      [stampWords(stampOfReport(line), machines), ...(command === '' ? [] : [code(command)])].join('\n'),
    ]
  })
}

function countedWords({ verdict, fields }: ReportLine, counted: Score['counted']): string {
  if (counted === undefined || !isObject(fields['counts'])) return ''
  const count = Number(fields['counts'][counted.what] ?? 0)
  const few = word(verdict) === 'pass' && count < counted.ci ? ', **too few**' : ''
  return ` ×${number(count)} of ${number(counted.ci)}${few}`
}

function stampOfReport({ fields }: ReportLine): Stamp {
  return isObject(fields['environment']) ? fields['environment'] : fields
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Told elsewhere in the row. */
const told = [
  'id',
  'kind',
  'name',
  'store',
  'seed',
  'verdict',
  'environment',
  'command',
  'commit',
  'date',
  'table',
]

/** Whatever a line says of what it found, as it says it. */
function fieldWords(fields: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(fields).flatMap(([name, value]) => {
    if (told.includes(name) || value === null) return []
    if (isObject(value)) {
      const inner = Object.entries(value).map(([what, count]) => `${what} ${plain(count)}`)
      return inner.length > 0 ? [inner.join(', ')] : []
    }
    if (Array.isArray(value))
      return value.length > 0 ? [`${name}: ${value.slice(0, 3).map(plain).join('; ')}`] : []
    if (typeof value === 'number' && name.startsWith('rss'))
      return [`${name} ${number(value / 2 ** 20, 0)} MiB`]
    return [`${name} ${plain(value)}`]
  })
}

function plain(value: unknown): string {
  if (typeof value === 'number') return number(value)
  return typeof value === 'string' ? value.slice(0, 200) : JSON.stringify(value)
}

function word(verdict: string): string {
  return /^pass$/i.test(verdict) ? 'pass' : `**${verdict.toUpperCase()}**`
}

function benchRows(scenario: Score['scenario'], results: Results, machines: Machines): Cells[] {
  if (scenario === undefined) return []
  const own = variantsOf(results.scenarios).filter(({ lines: [line] }) => scenario(line))
  return own.map((variant) => {
    const line = typicalOf(variant) ?? (variant.lines.at(-1) as ScenarioLine)
    return [
      resultOf(variant, line),
      [`${line.store} ${line.durability}, ${variant.load}`, ...foundInBench(variant, line)].join('\n'),
      [stampWords(line.environment, machines), code(benchCommand(line))].join('\n'),
    ]
  })
}

function resultOf({ verdict }: Variant, { figures }: ScenarioLine): string {
  if (verdict !== 'PASS') return `**${verdict}**`
  const missed = figures.filter(
    ({ value, goal, better }) =>
      value !== null && goal !== undefined && (better === 'more' ? value < goal : value > goal),
  )
  return missed.length === 0 ? 'pass' : `correct, **${plural(missed.length, 'goal')} not met**`
}

function foundInBench({ verdict }: Variant, line: ScenarioLine): string[] {
  if (verdict !== 'PASS') return [...line.reasons]
  const counts =
    'calls' in line
      ? []
      : [
          `${number(line.acked)} acked, ${line.missing} missing, ${line.duplicates} twice, ${line.outOfOrder} out of order`,
        ]
  return [...counts, ...line.figures.map(wordsOf)]
}

/** Lines about rows that the scoreboard does not have. */
function strangers(results: Results, machines: Machines): string[] {
  const ids = parts.flatMap(({ scores }) => scores.map(({ id }) => id))
  const chaos = { ...results, chaos: results.chaos.filter(({ line }) => !ids.includes(line.id)) }
  const reports = results.reports.filter(({ line }) => !ids.includes(line.id))
  const rows = [
    ...[...new Set(chaos.chaos.map(({ line }) => line.id))].flatMap((id) =>
      chaosRows({ id, says: '', command: '' }, chaos, machines).map((cells) => [id, ...cells]),
    ),
    ...[...new Set(reports.map(({ line }) => line.id))].flatMap((id) =>
      reportCells(
        reports.filter(({ line }) => line.id === id),
        machines,
      ).map((cells) => [id, ...cells]),
    ),
  ]
  return rows.length === 0 ? [] : ['## Beside the scoreboard', table(['', 'result', 'found', 'from'], rows)]
}

/** The invariants, over all histories on this page. */
function rulesTable({ chaos }: Results): string {
  const rulings = chaos.flatMap(({ line }) => line.judgement?.rulings ?? [])
  const ids = [...new Set(rulings.map(({ id }) => id))]
  if (ids.length === 0) return 'Not measured: no history yet.'
  return table(
    ['', 'rule', 'cases', 'violations'],
    ids.map((id) => {
      const own = rulings.filter((ruling) => ruling.id === id)
      const sum = (of: (ruling: (typeof own)[number]) => number): number =>
        own.reduce((total, ruling) => total + of(ruling), 0)
      return [id, own[0]?.says ?? '', number(sum(({ cases }) => cases)), number(sum((r) => r.violations))]
    }),
  )
}

/** Groups of cases, where a line has such: the conformance suite. */
function casesParts({ reports }: Results): string[] {
  const last = groupsOf(reports, ({ id }) => id, stampOfReport).map(({ lines }) => lines.at(-1) as ReportLine)
  return last.flatMap(({ id, fields }) => {
    const rows = Array.isArray(fields['table']) ? fields['table'].filter(isObject) : []
    if (rows.length === 0) return []
    const heads = Object.keys(rows[0] ?? {})
    return [
      `## Cases of ${id}`,
      table(
        heads,
        rows.map((row) => heads.map((name) => plain(row[name] ?? ''))),
      ),
    ]
  })
}
