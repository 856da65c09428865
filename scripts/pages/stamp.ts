import type { Environment } from '../../bench/src/environment.ts'
import { number, table } from './markdown.ts'

/** When and of what a line was measured; any part may be unknown of lines that are foreign to this page. */
export type Stamp = Partial<Environment>

/** The machines of a page: each is described once, and called by a letter beside its figures. */
export interface Machines {
  letterOf(stamp: Stamp): string
  table(): string
}

/** @param stamps all of the page; letters go by when a machine was first used */
export function machinesOf(stamps: readonly Stamp[]): Machines {
  const known = [...stamps].filter(isWhole).toSorted(byDate)
  const keys = [...new Set(known.map(keyOf))]
  const letter = (key: string): string => {
    const at = keys.indexOf(key)
    return at < 0 ? '?' : at < 26 ? String.fromCharCode(65 + at) : String(at)
  }
  return {
    letterOf: (stamp) => letter(keyOf(stamp)),
    table: () =>
      table(
        ['', 'cores', 'processor', 'memory', 'kernel', 'Node'],
        keys.flatMap((key) => {
          const one = known.find((stamp) => keyOf(stamp) === key)
          if (one === undefined) return []
          const gib = `${number((one.memoryBytes ?? 0) / 2 ** 30, 1)} GiB`
          return [[letter(key), number(one.cpus), one.cpuModel ?? '', gib, one.kernel ?? '', one.node ?? '']]
        }),
      ),
  }
}

function isWhole({ cpus, kernel }: Stamp): boolean {
  return cpus !== undefined && kernel !== undefined
}

export function byDate(a: Stamp, b: Stamp): number {
  return (a.date ?? '').localeCompare(b.date ?? '')
}

function keyOf({ cpus, cpuModel, memoryBytes, kernel, node }: Stamp): string {
  return [cpus, cpuModel, memoryBytes, kernel, node].join()
}

/** `f83250d, 2026-11-25, machine A, load 0.4` */
export function stampWords(stamp: Stamp, machines: Machines): string {
  const { commit, date, loadAverage } = stamp
  const load = loadAverage === undefined ? '' : `, load ${number(loadAverage)}`
  return `${commit ?? 'no commit'}, ${date?.slice(0, 10) ?? 'no date'}, machine ${machines.letterOf(stamp)}${load}`
}
