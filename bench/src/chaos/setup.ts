import type { Target } from '../wire/send-template.ts'

/** A conversation as a client sees it. */
export interface Talk {
  readonly id: string
  readonly target: Target
}

export interface ChaosUser {
  readonly userId: string
  readonly token: string
  readonly talks: readonly Talk[]
  /** Of others: whatever is sent there must be refused. */
  readonly foreign?: Talk
  /** Groups that it comes into and goes from. */
  readonly rooms?: readonly Talk[]
}

/** Few people beside the others, who come and go: what is asked of them is less than a hundredth of the load. */
export interface Visitors {
  /** Owns the rooms, invites and kicks. */
  readonly host: ChaosUser
  readonly guests: readonly ChaosUser[]
  /** Of all guests. */
  readonly password: string
  /** How long sockets may live on after their sign-in was ended. */
  readonly revokeMs: number
}

/** What the load process needs to know; it never learns when a fault comes. */
export interface ChaosSetup {
  readonly url: string
  readonly users: readonly ChaosUser[]
  readonly visitors: Visitors
  /** Folder for the histories. */
  readonly folder: string
  readonly seed: number
  /** How long a client waits for an answer before it gives its socket up. */
  readonly patienceMs: number
}

/** How all clients together stand. */
export interface Progress {
  readonly type: 'progress'
  /** Microseconds of the host's monotonic clock. */
  readonly at: number
  readonly acked: number
  /** Clients with an open socket. */
  readonly connected: number
}

export type ToLoad = { readonly type: 'begin'; readonly setup: ChaosSetup } | { readonly type: 'heal' }
export type FromLoad =
  | Progress
  | { readonly type: 'done' }
  | { readonly type: 'failed'; readonly reason: string }
