import type { Sha256 } from '@nexo-im/protocol'
import type { Caps } from './caps.ts'
import type { Relay } from './cluster/relay.ts'
import type { Hooks } from './hooks.ts'
import type { Limit } from './limits.ts'
import type { CustomTypes } from './messages/custom-types.ts'
import type { Standings } from './messages/standings.ts'
import type { Numbers } from './numbers.ts'
import type { Patience } from './patience.ts'
import type { Presence } from './people/presence.ts'
import type { ReadPrivacy } from './people/read-privacy.ts'
import type { Clock, Log, Passwords, Random, Store, Tokens } from './ports.ts'
import type { Router } from './router.ts'
import type { Tally } from './tally.ts'
import type { Turns } from './turns.ts'
import type { Writer } from './writer.ts'

/** Rules that an operator may set; every field has a row in `config.ts`. */
export interface Rules {
  readonly registrationOpen: boolean
  readonly passwordMinBytes: number
  /** One answer for unknown user and wrong password. */
  readonly genericLoginErrors: boolean
  readonly sessionPolicy: 'many' | 'one_per_platform' | 'one_in_all'
  /** Life of a token, ms. */
  readonly tokenLife: number
  /** Life of a refresh token, ms: as long as nobody uses the sign-in, it ends after this. */
  readonly refreshLife: number
  /** How long an own message may be recalled or edited, ms. */
  readonly recallWindow: number
  readonly editWindow: number
  readonly caps: Caps
}

/** What the domain stands on; made once in the composition root, never a module variable. */
export interface World {
  readonly store: Store
  readonly writer: Writer
  /** To the other nodes. */
  readonly relay: Pick<Relay, 'tell' | 'settle'>
  readonly router: Router
  readonly presence: Presence
  readonly hooks: Hooks
  readonly numbers: Numbers
  readonly turns: Turns
  readonly patience: Patience
  readonly tokens: Tokens
  readonly passwords: Passwords
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly tally: Tally
  readonly rules: Rules
  /** Permissions to write, remembered; the commit judges them. */
  readonly standings: Standings
  /** Who keeps from whom what they read, remembered. */
  readonly readPrivacy: ReadPrivacy
  readonly sha256: Sha256
  readonly customTypes: CustomTypes
  readonly limits: {
    /** Per user. */
    readonly sends: Limit
    readonly requests: Limit
    readonly contacts: Limit
    readonly ephemeral: Limit
    /** Per conversation, all senders together. */
    readonly conversations: Limit
    /** Per device and per address, all requests. */
    readonly devices: Limit
    readonly addresses: Limit
    readonly logins: Limit
    readonly registrations: Limit
    readonly failures: Limit
  }
}

export type { Caller } from './caller.ts'
