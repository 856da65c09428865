import type { Clock } from '../clock.ts'

/** Time that passes only when told to. */
export interface TestClock extends Clock {
  /** Lets everything that is under way finish without time passing. */
  settle(): Promise<void>
  /** Lets `ms` pass, running what falls due, in order. */
  advance(ms: number): Promise<void>
  /** ms until each waiting timer, soonest first. */
  waiting(): number[]
}

interface Timer {
  readonly at: number
  readonly task: () => void
}

export function createTestClock(start = 1_700_000_000_000): TestClock {
  let now = start
  const timers = new Set<Timer>()
  const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0))
  const soonest = (): Timer | undefined => [...timers].sort((a, b) => a.at - b.at)[0]
  return {
    now: () => now,
    after: (ms, task) => {
      const timer = { at: now + ms, task }
      timers.add(timer)
      return () => {
        timers.delete(timer)
      }
    },
    settle,
    advance: async (ms) => {
      const end = now + ms
      await settle()
      for (let due = soonest(); due !== undefined && due.at <= end; due = soonest()) {
        timers.delete(due)
        now = Math.max(now, due.at)
        due.task()
        await settle()
      }
      now = end
    },
    waiting: () => [...timers].map((timer) => timer.at - now).sort((a, b) => a - b),
  }
}
