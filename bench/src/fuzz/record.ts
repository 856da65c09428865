import { appendFileSync } from 'node:fs'
import { describeEnvironment } from '../environment.ts'
import { readProcess } from '../process-stats.ts'

/** What one round of fuzzing found, as it is kept: one line of JSON. */
export interface FuzzRecord {
  /** Its row in the notes on reliability: R24… */
  readonly id: string
  readonly name: string
  readonly store: string
  readonly seed: number
  readonly counts: Readonly<Record<string, number>>
  readonly seconds: number
  /** Of the server, bytes: after the warm-up, and at the end; the heap after a full collection. */
  readonly rssBefore?: number
  readonly rssAfter?: number
  readonly heapBefore?: number
  readonly heapAfter?: number
  /** What differs from the shipped settings, in words. */
  readonly settings: readonly string[]
  /** Groups of cases, where there are such. */
  readonly table?: readonly Row[]
  readonly verdict: 'pass' | 'fail'
  /** The first of them, each with what it takes to see it again. */
  readonly failures: readonly string[]
  readonly environment: ReturnType<typeof describeEnvironment>
}

export interface Row {
  readonly group: string
  readonly cases: number
  readonly passed: number
  /** How it was mapped. */
  readonly note: string
}

const failuresKept = 20

/** Collects while a round runs. */
export interface Tally {
  add(name: string, by?: number): void
  /** Keeps the first twenty and counts all. */
  fail(what: string): void
  readonly counts: Readonly<Record<string, number>>
  readonly failures: readonly string[]
}

export function openTally(): Tally {
  const counts: Record<string, number> = {}
  const failures: string[] = []
  const add = (name: string, by = 1): void => {
    counts[name] = (counts[name] ?? 0) + by
  }
  return {
    add,
    fail: (what) => {
      add('failures')
      if (failures.length < failuresKept) failures.push(what.slice(0, 2000))
    },
    counts,
    failures,
  }
}

const mebibyte = 2 ** 20

const inMebibytes = (bytes: number): number => Math.round(bytes / mebibyte)

/** Bytes of a process, 0 where that cannot be read. */
export const rssOf = (pid: number): number => readProcess(pid)?.rssBytes ?? 0

const heapMayGrow = 16 * mebibyte
/** The runtime keeps pages of a heap that was larger once, so this says less than the heap itself. */
const rssMayGrow = 256 * mebibyte

/** What grew although everything was over. */
export function judgeMemory(before: Memory, after: Memory, tally: Tally): Partial<FuzzRecord> {
  const sizes = { rssBefore: before.rss, rssAfter: after.rss, heapBefore: before.heap, heapAfter: after.heap }
  if (after.heap - before.heap > heapMayGrow || after.rss - before.rss > rssMayGrow) {
    tally.fail(`memory grew: ${JSON.stringify(sizes)}`)
  }
  return sizes
}

/** Bytes: still used after a full collection, and taken from the system. */
export interface Memory {
  readonly heap: number
  readonly rss: number
}

export type Finding = Omit<FuzzRecord, 'seconds' | 'verdict' | 'environment'>

export function completed(finding: Finding, began: number): FuzzRecord {
  const seconds = Math.round((performance.now() - began) / 100) / 10
  const verdict = finding.failures.length === 0 ? 'pass' : 'fail'
  return { ...finding, seconds, verdict, environment: describeEnvironment() }
}

export function keep(record: FuzzRecord, file: string | undefined): void {
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(record)}\n`)
}

/** One line of the scoreboard. */
export function rowOf(record: FuzzRecord): string {
  const { id, name, store, verdict, counts, seconds, rssBefore, rssAfter, heapBefore, heapAfter } = record
  const shown = Object.entries(counts).map(([what, n]) => `${what} ${n}`)
  const grown = (what: string, before = 0, after = 0): string =>
    before === 0 ? '' : ` · ${what} ${inMebibytes(before)} → ${inMebibytes(after)} MiB`
  const memory = `${grown('RSS', rssBefore, rssAfter)}${grown('heap', heapBefore, heapAfter)}`
  return `${id} ${verdict.toUpperCase()} ${name} ${store} · ${shown.join(' · ')}${memory} · ${seconds} s`
}

export function tableOf(rows: readonly Row[]): string {
  const lines = rows.map(
    ({ group, cases, passed, note }) =>
      `  ${group.padEnd(6)} ${String(passed).padStart(3)}/${String(cases).padEnd(3)} ${note}`,
  )
  return lines.join('\n')
}
