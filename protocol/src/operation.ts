import type { TObject, TSchema } from 'typebox'
import type { ErrorName } from './errors.ts'

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly path: string
  /** Fields read from the query even though the method has a body. */
  readonly query?: readonly string[]
}

/** Kinds of calls that are limited per user and minute; the figures are configuration. */
export type LimitName = 'requests' | 'sends' | 'contacts' | 'ephemeral'

/** One entry of the contract; everything a door needs to serve it. */
export interface Operation {
  readonly summary: string
  /** `public` needs no token; `user` a live session; `operator` is for the embedding program and the admin door. */
  readonly access: 'public' | 'user' | 'operator'
  readonly routes: readonly Route[]
  /** Number of its frame; below 1010 fixed by Nexo, above ours and known under `nexo.v1` only. */
  readonly frame?: number
  readonly input: TObject
  readonly output: TSchema
  /** The answer over a socket, where it is shorter than over HTTP. */
  readonly frameOutput?: TSchema
  /** Where the answer carries messages, so that a door can show them in its view. */
  readonly messages?: 'self' | 'list' | 'messages' | 'last_message' | 'changes'
  /** Alters something: before-hooks may refuse or rewrite it, on-hooks are told of it. */
  readonly writes?: true
  /** What its calls are counted as; `requests` unless it says otherwise. */
  readonly limit?: LimitName
  readonly errors: readonly ErrorName[]
}
