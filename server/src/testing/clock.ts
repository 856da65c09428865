import type { Clock, Log } from '../index.ts'

export interface ManualClock extends Clock {
  /** Moves time and runs what is due, in order. */
  advance(ms: number): void
}

/** A clock a test owns: `soon` and `afterTurn` are real, so that promises settle as they do in service. */
export function manualClock(start = 1_700_000_000_000): ManualClock {
  let now = start
  let due: { at: number; run: () => void }[] = []
  return {
    now: () => now,
    soon: (run) => void setImmediate(run),
    afterTurn: (run) => process.nextTick(run),
    after: (ms, run) => {
      const timer = { at: now + ms, run }
      due.push(timer)
      return () => {
        due = due.filter((t) => t !== timer)
      }
    },
    advance: (ms) => {
      now += ms
      const ready = due.filter((t) => t.at <= now).sort((a, b) => a.at - b.at)
      due = due.filter((t) => t.at > now)
      for (const timer of ready) timer.run()
    },
  }
}

export const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
