import type { World } from './world.ts'

/** One invariant of the reliability notes. */
export interface Rule {
  readonly id: string
  readonly says: string
  /** Calls `fail` for each violation; returns how many cases it looked at. */
  check(world: World, fail: Fail): number
}

/** `weight` = how many messages the violation concerns, 1 unless given. */
export type Fail = (text: string, weight?: number) => void
