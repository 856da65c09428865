import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ChaosRecord } from '../../bench/src/chaos/record.ts'
import type { Environment } from '../../bench/src/environment.ts'
import type { Round, Outcome as Rounds } from '../../bench/src/peers/rounds.ts'
import type { Row } from '../../bench/src/report.ts'
import type { CallRow } from '../../bench/src/scenarios/calls.ts'

/** Where a line stands: `p2.jsonl:3`. */
export interface Placed<T> {
  readonly place: string
  readonly line: T
}

/** What a row of the bench may say besides, in time. */
interface Commanded {
  /** The command that made it; told from the other fields where it is not there. */
  readonly command?: string
}

export type ScenarioLine = (Row | CallRow) & Commanded

/** One pair of servers, side by side. */
export interface CompareLine extends Omit<Rounds, 'matchup'>, Commanded {
  readonly kind: 'compare'
  readonly scenario: string
  readonly peer: string
  readonly load: string
  readonly seconds: number
  readonly store: string
  readonly metric: string
  readonly rounds: readonly Round[]
  readonly environment: Environment
}

export type ChaosLine = ChaosRecord & Commanded

/** Any other line about a row of the scoreboard: its fields are shown as they are. */
export interface ReportLine extends Commanded {
  readonly id: string
  readonly verdict: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** One planted bug. */
export interface MutantLine extends Commanded {
  readonly id: string
  readonly what: string
  readonly verdict: string
  /** The test that caught it. */
  readonly by: string
  readonly fields: Readonly<Record<string, unknown>>
}

export interface Results {
  readonly scenarios: readonly Placed<ScenarioLine>[]
  readonly comparisons: readonly Placed<CompareLine>[]
  readonly chaos: readonly Placed<ChaosLine>[]
  readonly reports: readonly Placed<ReportLine>[]
  readonly mutants: readonly Placed<MutantLine>[]
  /** Lines that nothing here can read: they are listed, not left out. */
  readonly unknown: readonly Placed<string>[]
}

type Fields = Readonly<Record<string, unknown>>

/** Every line of every result file, in the order of their names. */
export function readResults(folder: string): Results {
  const names = readdirSync(folder).filter((name) => name.endsWith('.jsonl'))
  return sortResults(
    names.toSorted().map((name) => ({ place: name, line: readFileSync(join(folder, name), 'utf8') })),
  )
}

/** @param files name and text of each */
export function sortResults(files: readonly Placed<string>[]): Results {
  const results = {
    scenarios: [] as Placed<ScenarioLine>[],
    comparisons: [] as Placed<CompareLine>[],
    chaos: [] as Placed<ChaosLine>[],
    reports: [] as Placed<ReportLine>[],
    mutants: [] as Placed<MutantLine>[],
    unknown: [] as Placed<string>[],
  }
  for (const file of files) {
    for (const [i, text] of file.line.split('\n').entries()) {
      if (text.trim() === '') continue
      const place = `${file.place}:${i + 1}`
      const fields = fieldsOf(text)
      if (fields === undefined) results.unknown.push({ place, line: text })
      else if (isScenario(fields)) results.scenarios.push({ place, line: fields })
      else if (isComparison(fields)) results.comparisons.push({ place, line: fields })
      else if (isChaos(fields)) results.chaos.push({ place, line: fields })
      else if (isMutant(fields)) results.mutants.push({ place, line: mutantOf(fields) })
      else if (isReport(fields)) results.reports.push({ place, line: reportOf(fields) })
      else results.unknown.push({ place, line: text })
    }
  }
  return results
}

function fieldsOf(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    // Cut off while it was written: shown as it is.
    return undefined
  }
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isStamp(value: unknown): boolean {
  return isObject(value) && isText(value['date'])
}

/** What the pages read of it beyond this is read where it may be missing. */
function isScenario(fields: Fields): fields is Fields & ScenarioLine {
  const { id, scenario, verdict, figures, reasons, durability, environment, calls, size, clients } = fields
  return (
    [id, scenario, verdict, durability].every(isText) &&
    Array.isArray(figures) &&
    Array.isArray(reasons) &&
    (Array.isArray(calls) ? isObject(size) : typeof clients === 'number') &&
    isStamp(environment)
  )
}

function isComparison(fields: Fields): fields is Fields & CompareLine {
  const { kind, scenario, comparisons, rounds, environment } = fields
  return (
    kind === 'compare' &&
    isText(scenario) &&
    Array.isArray(comparisons) &&
    Array.isArray(rounds) &&
    isStamp(environment)
  )
}

function isChaos(fields: Fields): fields is Fields & ChaosLine {
  const { id, options, verdict, environment } = fields
  return (
    isText(id) && isText(verdict) && isObject(options) && isText(options['fault']) && isStamp(environment)
  )
}

function isReport(fields: Fields): boolean {
  return isText(fields['id']) && /^R\d+$/.test(fields['id']) && isText(fields['verdict'])
}

function reportOf(fields: Fields): ReportLine {
  return { id: String(fields['id']), verdict: String(fields['verdict']), ...commandOf(fields), fields }
}

function isMutant(fields: Fields): boolean {
  const { kind, id, what, verdict, outcome } = fields
  return isText(id) && isText(what) && isText(verdict ?? outcome) && (kind === 'mutant' || !/^R\d+$/.test(id))
}

function mutantOf(fields: Fields): MutantLine {
  const { id, what, verdict, outcome, by, caughtBy } = fields
  const tests = by ?? caughtBy ?? ''
  return {
    id: String(id),
    what: String(what),
    verdict: String(verdict ?? outcome),
    by: Array.isArray(tests) ? tests.join(', ') : String(tests),
    ...commandOf(fields),
    fields,
  }
}

function commandOf({ command }: Fields): Commanded {
  return isText(command) ? { command } : {}
}
