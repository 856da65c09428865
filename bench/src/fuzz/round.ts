import type { StoreName } from '../engines/engine.ts'

/** How long one round goes on, and what it is made from. */
export interface Round {
  readonly store: StoreName
  readonly count: number
  readonly seed: number
  /** Whether its time is up, where it has one. */
  isLate(): boolean
  say(progress: string): void
}
