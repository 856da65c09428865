/** What every line of a history has. */
export interface Common {
  /** Microseconds of one host's monotonic clock, shared by all clients. */
  readonly t_invoke: number
  /** Null while the operation has no end. */
  readonly t_return: number | null
  readonly client: string
}

/** `unknown` = no answer came, or one that leaves open whether it was done. */
export type Outcome = 'ok' | 'fail' | 'unknown'

/** Somebody comes into a group (`join` alone, `invite` by another) or goes (`leave` alone, `kick` by another). */
export interface Move extends Common {
  readonly op: 'join' | 'invite' | 'leave' | 'kick'
  readonly args: { readonly conversation_id: string; readonly user: string }
  readonly result: { readonly outcome: Outcome; readonly code?: number }
}

/** Who is in a group when all is over, by somebody who is. */
export interface Members extends Common {
  readonly op: 'members'
  readonly args: { readonly conversation_id: string }
  readonly result: { readonly users: readonly string[] }
}

/** The own read position is raised. */
export interface Mark extends Common {
  readonly op: 'mark'
  readonly args: { readonly conversation_id: string; readonly read_seq: number }
  readonly result: { readonly outcome: Outcome; readonly code?: number }
}

/** A conversation as the server tells it to its user. */
export interface Standing {
  readonly conversation_id: string
  readonly max_seq: number
  readonly read_seq: number
  readonly unread_count: number
  /** The first seq that is visible; not told with the bare read state. */
  readonly min_seq?: number
}

/** The read state of one conversation was asked for. */
export interface State extends Common {
  readonly op: 'state'
  readonly args: { readonly conversation_id: string }
  readonly result: Standing
}

/** All conversations of a user. `final` = when all is over. */
export interface List extends Common {
  readonly op: 'list'
  readonly args: { readonly when: 'first' | 'final' }
  readonly result: { readonly conversations: readonly Standing[] }
}

export interface ChangeSeen {
  readonly position: number
  readonly conversation?: Standing
  /** The own membership. */
  readonly member?: { readonly conversation_id: string; readonly is_in: boolean }
}

/**
 * A page of the stream of changes. Pages of one `chain` follow each other: `kept` begins where the first list was made
 * and lasts for the run, `whole` begins at 0 when all is over.
 */
export interface Sync extends Common {
  readonly op: 'sync'
  /** Without a position only the present one is asked for. */
  readonly args: { readonly chain: 'kept' | 'whole'; readonly position?: string }
  readonly result:
    | {
        readonly outcome: 'ok'
        readonly position: string
        readonly has_more: boolean
        readonly changes: readonly ChangeSeen[]
      }
    | { readonly outcome: 'fail'; readonly code: number }
}

/** A sign-in of this client is ended: by its own logout, another login on its platform, or from another device. */
export interface Revoke extends Common {
  readonly op: 'revoke'
  /** `within_ms` = how long anything may still come after the answer. */
  readonly args: {
    readonly session: number
    readonly how: 'logout' | 'login' | 'others'
    readonly within_ms: number
  }
  readonly result: { readonly outcome: Outcome; readonly code?: number }
}

/** The token of a sign-in that was ended is tried once more. */
export interface Probe extends Common {
  readonly op: 'probe'
  readonly args: { readonly session: number }
  readonly result: { readonly outcome: 'served' | 'refused' | 'unknown'; readonly code?: number }
}

/** A server from outside, before anybody came and after all have gone. */
export interface Server extends Common {
  readonly op: 'server'
  readonly args: { readonly node: number; readonly when: 'begin' | 'end' }
  readonly result: {
    readonly pid: number
    /** Open files and sockets by the system's count; absent where it cannot be known. */
    readonly files?: number
    /** Messages, all acked, of those who keep no history; told once, of all servers together. */
    readonly aside?: number
    /** What it tells of itself, each series by its name and labels; absent when it did not answer. */
    readonly figures?: Readonly<Record<string, number>>
  }
}

export type SideEvent = Move | Members | Mark | State | List | Sync | Revoke | Probe | Server
