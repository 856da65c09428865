import type { Durability } from '../../engines/engine.ts'
import type { SentColumns } from '../../load/plan.ts'
import type { ReadBack } from '../../scenarios/read-back.ts'
import type { Speech } from '../dialects/dialect.ts'

/** What a peer is started for. */
export interface Seat {
  /** Its private folder, empty. */
  readonly folder: string
  /** How many people it must know. */
  readonly clients: number
  readonly text: string
  /** The database server that our own side uses as well: `mysql://user:password@host:port/…`. */
  readonly mysqlUrl: string | undefined
}

/** A peer that runs, with an empty store and its people in it. */
export interface PeerServer {
  readonly version: string
  readonly durability: Durability
  /** What the letter rests on, and what differs from how it is shipped. */
  readonly setting: string
  readonly pid: number
  readonly speech: Speech
  /** What its archive says about the acks; undefined for a peer that keeps none. */
  readonly readBack: ((sent: SentColumns) => Promise<ReadBack>) | undefined
  stop(): Promise<void>
}

export type StartPeer = (seat: Seat) => Promise<PeerServer>
