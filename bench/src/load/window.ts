import { performance } from 'node:perf_hooks'
import { type ProcessUse, readProcess, readProcesses } from '../process-stats.ts'
import type { Window } from './plan.ts'

/** What a window is cut out of, as far as it has come. */
export interface Sample {
  readonly at: number
  readonly acks: number
  readonly pushes: number
  readonly server: ProcessUse | undefined
  readonly store: ProcessUse | undefined
  readonly generatorCpuUs: number
}

/** Who is looked at besides this process. */
export interface Watched {
  readonly serverPids: readonly number[]
  readonly storePid?: number | undefined
}

export function sampleOf(
  counts: { readonly acks: number; readonly pushes: number },
  { serverPids, storePid }: Watched,
): Sample {
  const { user, system } = process.cpuUsage()
  return {
    at: performance.now(),
    acks: counts.acks,
    pushes: counts.pushes,
    server: readProcesses(serverPids),
    store: storePid === undefined ? undefined : readProcess(storePid),
    generatorCpuUs: user + system,
  }
}

export function windowOf(first: Sample, last: Sample): Window {
  const seconds = (last.at - first.at) / 1000
  return {
    seconds,
    acks: last.acks - first.acks,
    pushes: last.pushes - first.pushes,
    serverCpuUs: first.server && last.server ? last.server.cpuUs - first.server.cpuUs : undefined,
    storeCpuUs: first.store && last.store ? last.store.cpuUs - first.store.cpuUs : undefined,
    rssBytes: last.server?.rssBytes,
    generatorCpu: (last.generatorCpuUs - first.generatorCpuUs) / 1e6 / seconds,
  }
}

interface Timed {
  readonly lag: { record(us: number): void }
  isMeasured(at: number): boolean
}

/** A closed loop has no schedule to be late against; how late timers fire tells how busy the generator is. */
export function watchTimers(tally: Timed): NodeJS.Timeout {
  const everyMs = 10
  let due = performance.now() + everyMs
  return setInterval(() => {
    const now = performance.now()
    if (tally.isMeasured(now)) tally.lag.record((now - due) * 1000)
    due = now + everyMs
  }, everyMs)
}
