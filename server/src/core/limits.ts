import { ImError } from '@nexo-im/protocol'
import type { Clock } from './ports.ts'

/** At most `perMinute` takes per key and minute; a whole minute's allowance may come at once (nexo-wire section 15). */
export interface Limit {
  /** Throws `too_many_requests` with `retryAfter` seconds. */
  take(key: string): void
  /** Whether a take would be refused now. */
  isSpent(key: string): boolean
  clear(key: string): void
  /**
   * What was taken here since the last report, for other nodes to count too; where it is next to nothing, it waits. A
   * limit thus holds over all nodes, but for what is taken between two reports.
   */
  report(): Use[]
  /** Taken on another node. */
  spend(uses: readonly Use[]): void
}

export type Use = readonly [key: string, count: number]

interface Window {
  start: number
  count: number
  /** How much of it other nodes know. */
  told: number
}

const keyLimit = 100_000
/** Parts of a limit that are not worth a report of their own. */
const crumb = 0.02

export function createLimit(clock: Clock, perMinute: number): Limit {
  const windows = new Map<string, Window>()
  const untold = new Set<string>()

  function current(key: string): Window {
    const window = alive(key)
    if (window) return window
    // Taken out first, so that the map stays in the order of starts: what must go stands in front.
    windows.delete(key)
    for (const oldest of windows.keys()) {
      if (windows.size < keyLimit) break
      windows.delete(oldest)
    }
    const fresh = { start: clock.now(), count: 0, told: 0 }
    windows.set(key, fresh)
    return fresh
  }

  /** Asking leaves nothing behind: who only asks for many keys pushes nobody's window out. */
  function alive(key: string): Window | undefined {
    const now = clock.now()
    const window = windows.get(key)
    return window && now - window.start < 60_000 && now >= window.start ? window : undefined
  }

  return {
    take: (key) => {
      const window = current(key)
      if (window.count >= perMinute) {
        const retryAfter = Math.max(1, Math.ceil((window.start + 60_000 - clock.now()) / 1000))
        throw new ImError('too_many_requests', { retryAfter })
      }
      window.count += 1
      // Only once it is worth telling: most keys never get there, and cost nothing.
      if (window.count - window.told > perMinute * crumb) untold.add(key)
    },
    isSpent: (key) => (alive(key)?.count ?? 0) >= perMinute,
    clear: (key) => void windows.delete(key),
    report: () => {
      const uses: Use[] = []
      for (const key of untold) {
        const window = windows.get(key)
        if (!window || window.count === window.told) continue
        uses.push([key, window.count - window.told])
        window.told = window.count
      }
      untold.clear()
      return uses
    },
    spend: (uses) => {
      for (const [key, count] of uses) {
        const window = current(key)
        window.count += count
        window.told += count
      }
    },
  }
}
