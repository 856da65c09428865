import { ImError } from '@nexo-im/protocol'
import type { Clock } from './ports.ts'

/** At most `perMinute` takes per key and minute; a whole minute's allowance may come at once (nexo-wire section 15). */
export interface Limit {
  /** Throws `too_many_requests` with `retryAfter` seconds. */
  take(key: string): void
  /** Whether a take would be refused now. */
  isSpent(key: string): boolean
  clear(key: string): void
}

const keyLimit = 100_000

export function createLimit(clock: Clock, perMinute: number): Limit {
  const windows = new Map<string, { start: number; count: number }>()

  function current(key: string): { start: number; count: number } {
    const now = clock.now()
    const window = windows.get(key)
    if (window && now - window.start < 60_000 && now >= window.start) return window
    // Bounded memory: when too many keys are alive, windows that ran out go first.
    if (windows.size >= keyLimit) {
      for (const [k, w] of windows) if (now - w.start >= 60_000) windows.delete(k)
      if (windows.size >= keyLimit) windows.clear()
    }
    const fresh = { start: now, count: 0 }
    windows.set(key, fresh)
    return fresh
  }

  return {
    take: (key) => {
      const window = current(key)
      if (window.count >= perMinute) {
        const retryAfter = Math.max(1, Math.ceil((window.start + 60_000 - clock.now()) / 1000))
        throw new ImError('too_many_requests', { retryAfter })
      }
      window.count += 1
    },
    isSpent: (key) => current(key).count >= perMinute,
    clear: (key) => void windows.delete(key),
  }
}
