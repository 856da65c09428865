import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'

const ticksPerSecond = 100

/**
 * Watches how much of the machine is used by others than this process and the children it waited for.
 * @returns when called: their share of all cores since then, 0…1; undefined where the system does not say
 */
export function watchOthers(): () => number | undefined {
  const began = sample()
  return () => {
    const now = sample()
    if (began === undefined || now === undefined) return undefined
    const seconds = (now.at - began.at) / 1000
    const ticks = Math.max(0, now.busy - began.busy - (now.own - began.own))
    return Math.min(1, ticks / ticksPerSecond / seconds / cpus().length)
  }
}

interface Sample {
  readonly at: number
  /** Ticks of all cores that were not idle. */
  readonly busy: number
  readonly own: number
}

function sample(): Sample | undefined {
  try {
    const all = /^cpu +(.*)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1]?.split(' ').map(Number) ?? []
    const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = all
    const stat = readFileSync('/proc/self/stat', 'utf8')
    // The name stands in brackets and may hold anything, so fields are counted from the last bracket.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const own = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
    return { at: performance.now(), busy: user + nice + system + irq + softirq + steal, own }
  } catch {
    // No /proc: nobody knows.
    return undefined
  }
}
