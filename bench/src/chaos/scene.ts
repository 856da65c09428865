import type { Event } from '../checker/history.ts'
import type { Random } from '../random.ts'
import type { Fleet, FleetWish } from './fleet.ts'
import type { LoadProcess } from './load-process.ts'
import type { Measure } from './measure.ts'
import type { ChaosOptions } from './options.ts'
import type { ChaosUser } from './setup.ts'

/** A running fleet under load. */
export interface Scene {
  readonly options: ChaosOptions
  readonly fleet: Fleet
  readonly load: LoadProcess
  readonly users: readonly ChaosUser[]
  readonly random: Random
  say(progress: string): void
}

/** What one fault found: measured while it ran, and to be looked for in the histories. */
export interface Findings {
  readonly measures: readonly Measure[]
  inHistories?(events: readonly Event[]): readonly Measure[]
}

export interface Fault {
  /** Several servers in front of what is hurt? */
  readonly fleet: Pick<FleetWish, 'nodes' | 'isProxied' | 'settings'>
  readonly defaultTimes: number
  /** How long a client waits before it takes a send for lost. */
  readonly patienceMs: number
  /** Does the damage, `times` times. */
  run(scene: Scene, times: number): Promise<Findings>
}
