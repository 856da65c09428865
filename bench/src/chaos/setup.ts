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
}

/** What the load process needs to know; it never learns when a kill comes. */
export interface ChaosSetup {
  readonly url: string
  readonly users: readonly ChaosUser[]
  /** Folder for the histories. */
  readonly folder: string
  readonly seed: number
}

export type ToLoad = { readonly type: 'begin'; readonly setup: ChaosSetup } | { readonly type: 'heal' }
export type FromLoad =
  | { readonly type: 'progress'; readonly acked: number }
  | { readonly type: 'done' }
  | { readonly type: 'failed'; readonly reason: string }
