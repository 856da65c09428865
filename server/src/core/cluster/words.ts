import type { EventName, KickReason } from '@nexo-im/protocol'
import type { Listener } from '../audiences.ts'
import type { Use } from '../limits.ts'
import type { Device } from '../people/presence.ts'
import type { Entry } from '../ports.ts'

/** What one node does to its sessions and memories, and the others do in their turn. */
export type Word =
  | { readonly is: 'message'; readonly entry: Entry }
  | {
      readonly is: 'audience'
      readonly conversation: string
      readonly name: EventName
      readonly data: unknown
      readonly about?: number
      readonly except?: string
    }
  | {
      readonly is: 'users'
      readonly ids: readonly string[]
      readonly name: EventName
      readonly data: unknown
      /** The device that did it knows. */
      readonly exceptConn?: string
    }
  /** Somebody's window opened or changed; without a listener it closed. */
  | {
      readonly is: 'listener'
      readonly conversation: string
      readonly userId: string
      readonly listener?: Listener
    }
  | {
      readonly is: 'raise'
      readonly conversation: string
      readonly userId: string
      readonly to: { readonly readSeq?: number; readonly deliveredSeq?: number }
    }
  | {
      readonly is: 'ended'
      readonly sessions: readonly { readonly user_id: string; readonly session_id: string }[]
      readonly reason: KickReason
    }
  | {
      readonly is: 'renewed'
      readonly userId: string
      readonly sessionId: string
      readonly expiresAt: number
    }
  /** Who may see what of this user has to be looked up anew; without watchers for everybody. */
  | { readonly is: 'sight'; readonly userId: string; readonly watchers?: readonly string[] }
  | { readonly is: 'read privacy'; readonly userId: string }
  /** Taken of a limit since that node last said so. */
  | { readonly is: 'spent'; readonly limit: string; readonly uses: readonly Use[] }
  | { readonly is: 'connected'; readonly device: Device }
  | { readonly is: 'disconnected'; readonly userId: string; readonly connId: string }
  /** All devices of a node, in answer to `hello`; a long list comes in several. */
  | { readonly is: 'devices'; readonly devices: readonly Device[]; readonly isLast: boolean }
  /** A node wants to know who is connected to that one, or to every one. */
  | { readonly is: 'hello'; readonly to?: string }
  | { readonly is: 'alive' }
  | { readonly is: 'bye' }

/** What one node says at once. */
export interface Saying {
  readonly node: string
  /** 1, 2, 3… per node: a gap tells that something was lost on the way. */
  readonly n: number
  /** Positions of the batch that the words belong to; without them they belong to no commit. */
  readonly from?: number
  readonly to?: number
  readonly words: readonly Word[]
}
