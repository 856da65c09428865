import type { Event } from '../checker/history.ts'
import type { Random } from '../random.ts'
import type { Fleet, FleetWish } from './fleet.ts'
import type { LoadProcess } from './load-process.ts'
import type { Measure } from './measure.ts'
import type { ChaosOptions } from './options.ts'
import type { ChaosUser } from './setup.ts'

/** What a run is made from, before anything runs. */
export interface Work {
  readonly options: ChaosOptions
  /** Everything temporary lies below it. */
  readonly folder: string
  readonly random: Random
  say(progress: string): void
}

/** What stands around the fleet before it is opened: a disk, links, a clock. */
export interface Ground {
  readonly fleet?: Partial<FleetWish>
  close(): Promise<void>
}

/** A running fleet under load. */
export interface Scene<G extends Ground = Ground> extends Work {
  readonly ground: G
  readonly fleet: Fleet
  readonly load: LoadProcess
  readonly users: readonly ChaosUser[]
}

/** What one fault found: measured while it ran, and to be looked for in the histories. */
export interface Findings {
  readonly measures: readonly Measure[]
  /** Messages that it had acked itself, which stand in no history. */
  readonly sentAside?: number
  /** Called when everything has ended; the data folders still lie there. */
  inHistories?(events: readonly Event[]): readonly Measure[] | Promise<readonly Measure[]>
}

export interface Fault<G extends Ground = Ground> {
  /** Its row in the notes on reliability. */
  readonly id: string
  /** Several servers in front of what is hurt? */
  readonly fleet: Pick<FleetWish, 'nodes' | 'isProxied' | 'settings'>
  /** How often as a rule, and before a release. */
  readonly times: { readonly ci: number; readonly full: number }
  /** How long a client waits before it takes a send for lost. */
  readonly patienceMs: number
  /** Why it cannot be played on this machine; undefined = it can. */
  whyNot?(options: ChaosOptions): Promise<string | undefined>
  ground?(work: Work): Promise<G>
  /** Does the damage, `times` times. */
  run(scene: Scene<G>, times: number): Promise<Findings>
}
