import type { Figure } from '../../bench/src/figures.ts'
import type { Placed, ScenarioLine } from './results.ts'
import { byDate, type Stamp } from './stamp.ts'

/** Lines about one and the same thing, all of the newest commit that there is one of. */
export interface Group<T> {
  readonly key: string
  /** Oldest first, never empty. */
  readonly lines: readonly [T, ...T[]]
  /** How many there are of other commits, which say nothing of this one. */
  readonly superseded: number
}

/** In the order in which their keys appear. */
export function groupsOf<T>(
  placed: readonly Placed<T>[],
  keyOf: (line: T) => string,
  stampOf: (line: T) => Stamp,
): Group<T>[] {
  const lines = placed.map(({ line }) => line)
  const keys = [...new Set(lines.map(keyOf))]
  return keys.flatMap((key) => {
    const all = lines.filter((line) => keyOf(line) === key).toSorted((a, b) => byDate(stampOf(a), stampOf(b)))
    const last = all.at(-1)
    const [first, ...rest] = all.filter((line) => last && stampOf(line).commit === stampOf(last).commit)
    if (first === undefined) return []
    return [{ key, lines: [first, ...rest] as const, superseded: all.length - rest.length - 1 }]
  })
}

/** Runs of one scenario with the same load on the same store. */
export interface Variant extends Group<ScenarioLine> {
  /** Which load and place. */
  readonly load: string
  readonly verdict: ScenarioLine['verdict']
  /** Those that count; empty when one failed or all were void. */
  readonly counted: readonly ScenarioLine[]
  readonly voided: number
}

export function variantsOf(placed: readonly Placed<ScenarioLine>[]): Variant[] {
  const keyOf = (line: ScenarioLine): string =>
    [line.id, line.scenario, line.store, line.durability, line.nodes, line.bus, loadOf(line)].join(' · ')
  return groupsOf(placed, keyOf, ({ environment }) => environment).map((group) => {
    const { lines } = group
    const passed = lines.filter(({ verdict }) => verdict === 'PASS')
    const isFailed = lines.some(({ verdict }) => verdict === 'FAIL')
    return {
      ...group,
      load: loadOf(lines[0]),
      verdict: isFailed ? 'FAIL' : passed.length > 0 ? 'PASS' : 'VOID',
      counted: isFailed ? [] : passed,
      voided: lines.filter(({ verdict }) => verdict === 'VOID').length,
    }
  })
}

const sizes = ['sessions', 'messages', 'conversations', 'members', 'accounts']

/** What was asked for, of what a size says; the rest of it was found. */
export function askedOf(size: Readonly<Record<string, number>>): [what: string, count: number][] {
  const asked = Object.entries(size).filter(([what]) => sizes.includes(what))
  // A storm also counts the messages that came meanwhile.
  return 'sessions' in size ? asked.filter(([what]) => what === 'sessions') : asked
}

function loadOf(line: ScenarioLine): string {
  if ('calls' in line) {
    const size = askedOf(line.size).map(([what, count]) => `${count.toLocaleString('en')} ${what}`)
    return size.join(', ') || 'its own load'
  }
  const { clients, inFlight, offeredPerSecond, seconds, codec } = line
  const pace =
    inFlight !== null
      ? `, ${inFlight} in flight`
      : offeredPerSecond !== null
        ? `, ${offeredPerSecond.toLocaleString('en')} messages/s`
        : ''
  const length = Math.round(seconds)
  return `${clients.toLocaleString('en')} clients${pace}, ${length} s${codec === 'nexo.v1' ? '' : `, ${codec}`}`
}

export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
  readonly of: number
}

/** The figure of this name in each; the median is that of a real run, the worse one of two in the middle. */
export function spreadOf(lines: readonly ScenarioLine[], name: string): Spread | undefined {
  const found = lines.flatMap(({ figures }) => figures.filter((figure) => figure.name === name))
  return spreadOfFigures(found)
}

function spreadOfFigures(figures: readonly Figure[]): Spread | undefined {
  const values = figures.flatMap(({ value }) => (value === null ? [] : [value])).toSorted((a, b) => a - b)
  const [min, max] = [values[0], values.at(-1)]
  if (min === undefined || max === undefined) return undefined
  const middle = figures[0]?.better === 'more' ? (values.length - 1) >> 1 : values.length >> 1
  return { median: values[middle] ?? min, min, max, of: values.length }
}

/** The run whose first figure is the median: all other columns are this one's. */
export function typicalOf({ counted }: Variant): ScenarioLine | undefined {
  const [name] = counted[0]?.figures.map((figure) => figure.name) ?? []
  if (name === undefined) return counted[0]
  const spread = spreadOf(counted, name)
  return (
    counted.find(({ figures }) => figures.some((f) => f.name === name && f.value === spread?.median)) ??
    counted[0]
  )
}
