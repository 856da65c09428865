import type { Store } from '../../core/ports.ts'
import { everyCall } from './every-call.ts'

/** A store of which one call fails. */
export interface FailingStore {
  readonly store: Store
  /** Calls so far since `fail`. */
  readonly calls: number
  /**
   * From here on the n-th call fails: `before` it did anything, or `after` it did, so that only its answer is lost. Calls that
   * are made by a commit's proposal count as well.
   */
  fail(n: number, when: 'before' | 'after'): void
}

/** @param away what a call that fails is rejected with */
export function failing(inner: Store, away: () => Error): FailingStore {
  let calls = 0
  let trap: { readonly n: number; readonly when: 'before' | 'after' } | undefined

  async function call<T>(work: () => Promise<T>): Promise<T> {
    calls += 1
    const isHit = trap?.n === calls
    if (isHit && trap?.when === 'before') throw away()
    const result = await work()
    if (isHit) throw away()
    return result
  }

  return {
    store: {
      ...everyCall(inner, call),
      commit: (propose) => call(() => inner.commit(propose)),
    },
    get calls() {
      return calls
    },
    fail: (n, when) => {
      calls = 0
      trap = { n, when }
    },
  }
}
