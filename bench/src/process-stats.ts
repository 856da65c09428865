import { readdirSync, readFileSync } from 'node:fs'

/** What a process has used so far. */
export interface ProcessUse {
  /** User and system time of all its threads, in steps of 10 ms. */
  readonly cpuUs: number
  readonly rssBytes: number
}

const tickUs = 10_000

/** Undefined where there is no /proc, or no such process. */
export function readProcess(pid: number): ProcessUse | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name stands in brackets and may hold anything, so fields are counted from the last bracket.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const rss = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
    return {
      cpuUs: (Number(fields[11]) + Number(fields[12])) * tickUs,
      rssBytes: Number(rss?.[1] ?? 0) * 1024,
    }
  } catch {
    return undefined
  }
}

/** Of several processes together; undefined when one of them cannot be read. */
export function readProcesses(pids: readonly number[]): ProcessUse | undefined {
  let sum: ProcessUse = { cpuUs: 0, rssBytes: 0 }
  for (const pid of pids) {
    const use = readProcess(pid)
    if (use === undefined) return undefined
    sum = { cpuUs: sum.cpuUs + use.cpuUs, rssBytes: sum.rssBytes + use.rssBytes }
  }
  return sum
}

/** Files and sockets that a process has open; undefined where that cannot be seen. */
export function descriptorsOf(pid: number): number | undefined {
  try {
    return readdirSync(`/proc/${pid}/fd`).length
  } catch {
    return undefined
  }
}
