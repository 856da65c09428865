import type { TObject, TSchema } from 'typebox'
import type { ErrorName } from './errors.ts'

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly path: string
  /** Fields read from the query even though the method has a body. */
  readonly query?: readonly string[]
}

/** One entry of the contract; everything a door needs to serve it. */
export interface Operation {
  readonly summary: string
  /** `public` needs no token; `user` needs a live session. */
  readonly access: 'public' | 'user'
  readonly routes: readonly Route[]
  /** Number of its frame; below 1010 fixed by Nexo, above ours and known under `nexo.v1` only. */
  readonly frame?: number
  readonly input: TObject
  readonly output: TSchema
  /** The answer over a socket, where it is shorter than over HTTP. */
  readonly frameOutput?: TSchema
  /** Where the answer carries messages, so that a door can show them in its view. */
  readonly messages?: 'self' | 'messages' | 'last_message'
  readonly errors: readonly ErrorName[]
}
