import { ImError } from '@nexo-im/protocol'
import type { Clock } from './ports.ts'

/**
 * How long somebody waits in all, whatever is done for him: each question to a store ends within the store's timeout, but
 * what takes several could wait that long for every one of them.
 */
export interface Patience {
  /**
   * The outcome of the work, or `unavailable` when it took too long. The work goes on: it may still be stored, so only what can
   * be repeated without being done twice may end like this.
   * @param since when it was asked for, by the same clock; now unless given
   */
  wait<T>(work: Promise<T>, since?: number): Promise<T>
}

interface Waiting {
  readonly until: number
  readonly giveUp: (error: Error) => void
}

/** @param limit ms; without one, nobody gives up */
export function createPatience(clock: Pick<Clock, 'now' | 'after'>, limit?: number): Patience {
  if (limit === undefined) return { wait: (work) => work }
  // One timer, for the first whose time is over, serves all.
  const waiting = new Set<Waiting>()
  let due = Number.POSITIVE_INFINITY

  function watch(until: number): void {
    if (until >= due) return
    due = until
    clock.after(Math.max(1, until - clock.now()), sweep)
  }

  function sweep(): void {
    const now = clock.now()
    due = Number.POSITIVE_INFINITY
    let next = due
    for (const one of waiting) {
      if (one.until > now) next = Math.min(next, one.until)
      else {
        waiting.delete(one)
        one.giveUp(new ImError('unavailable', { detail: 'the store takes too long', retryAfter: 1 }))
      }
    }
    if (waiting.size > 0) watch(next)
  }

  return {
    wait: (work, since = clock.now()) =>
      new Promise((resolve, reject) => {
        const one = { until: since + limit, giveUp: reject }
        waiting.add(one)
        watch(one.until)
        const settled = (): void => void waiting.delete(one)
        work.then(resolve, reject).then(settled, settled)
      }),
  }
}
