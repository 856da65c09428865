import type { Latency } from '../../histogram.ts'
import type { SentColumns, Window } from '../../load/plan.ts'
import type { Speech } from '../dialects/dialect.ts'

/** How clients send: as the plans for our own server do. */
export type Pace =
  /** Every client keeps so many messages on the way. */
  | { readonly kind: 'closed'; readonly inFlight: number }
  /** So many messages a second for all clients together, on a fixed schedule. */
  | { readonly kind: 'open'; readonly rate: number }
  /** The first client sends to all; a message is on the way until everybody has it. */
  | { readonly kind: 'fanout'; readonly inFlight: number }

export interface PeerPlan {
  readonly speech: Speech
  readonly pace: Pace
  readonly clients: number
  readonly serverPid: number
  /** The store's own process, where we started it. */
  readonly storePid?: number | undefined
  readonly seconds: number
  /** Share of `seconds` that is not measured. */
  readonly warmUp: number
}

export interface PeerResult {
  readonly window: Window
  /** Every message by its number; a `seq` of 0 = never acked. */
  readonly sent: SentColumns
  readonly acked: number
  readonly unanswered: number
  /** Connections that ended by themselves. */
  readonly lost: number
  /** What the peer's protocol does not foresee. */
  readonly broken: number
  /** The first few of both, as text. */
  readonly complaints: readonly string[]
  readonly pushes: number
  /** What should have been pushed and was not. */
  readonly undelivered: number
  readonly duplicatePushes: number
  readonly outOfOrder: number
  /** From the intended time (open) or the write (closed) to the confirmation. */
  readonly ack: Latency
  /** The same to the arrival at another client. */
  readonly delivery: Latency
  /** Fan-out only: to the last member. */
  readonly lastMember: Latency
  /** Open loop: how late messages were written; else: how late timers fired. */
  readonly lag: Latency
}
