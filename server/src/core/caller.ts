import type { Session } from './session.ts'

/** Who asks, through whichever door. */
export interface Caller {
  readonly userId: string
  readonly sessionId: string
  readonly platformId: number
  /** For the caps per address; undefined where exempt (loopback, embedded). */
  readonly address?: string
  /** The embedding program or the operator's door: may do what needs no session. */
  readonly isOperator?: boolean
  /** The socket that asks, if one does. */
  readonly session?: Session
  /** When the request came, by the stopwatch, where it had to wait for something before it was dispatched. */
  readonly askedAt?: number
  /** Called once the request has its place in the order of effects, so that the next one may start. */
  readonly placed?: () => void
}
