import type { Clock } from './core/ports.ts'

/** Time of this process. */
export function systemClock(): Clock {
  return {
    now: () => Date.now(),
    soon: (run) => void setImmediate(run),
    // nextTick, called from a promise's continuation, runs when all of them are through.
    afterTurn: (run) => process.nextTick(run),
    after: (ms, run) => {
      const timer = setTimeout(run, ms)
      timer.unref()
      return () => clearTimeout(timer)
    },
  }
}
