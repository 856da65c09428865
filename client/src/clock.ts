/** Time, as everything here sees it; tests own one. */
export interface Clock {
  /** Unix ms. */
  now(): number
  /** Runs `task` once after `ms`; the answer takes it back. */
  after(ms: number, task: () => void): () => void
}

export function systemClock(): Clock {
  return {
    now: () => Date.now(),
    after: (ms, task) => {
      const timer = setTimeout(task, ms)
      return () => clearTimeout(timer)
    },
  }
}
