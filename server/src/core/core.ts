import { type Online, onlineStatus, type Sha256 } from '@nexo-im/protocol'
import { createDispatch, type Dispatch } from './dispatch.ts'
import { createHooks, type Hooks } from './hooks.ts'
import { createLimit } from './limits.ts'
import { createCustomTypes } from './messages/custom-types.ts'
import { handlerMessage } from './messages/messages.ts'
import { createStandings } from './messages/standings.ts'
import { openNumbers } from './numbers.ts'
import { noteLastSeen } from './people/last-seen.ts'
import { createPresence } from './people/presence.ts'
import { createReadPrivacy } from './people/read-privacy.ts'
import type { Clock, Log, Passwords, Random, Store, Tokens } from './ports.ts'
import { createRouter } from './router.ts'
import type { Session } from './session.ts'
import { createTurns } from './turns.ts'
import type { Rules, World } from './world.ts'
import { createWriter } from './writer.ts'

export interface CoreParts {
  readonly store: Store
  readonly tokens: Tokens
  readonly passwords: Passwords
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly rules: Rules
  readonly sha256: Sha256
  readonly limits: {
    readonly sendsPerMinute: number
    readonly requestsPerMinute: number
    readonly contactsPerMinute: number
    readonly ephemeralPerMinute: number
    readonly conversationPerMinute: number
    readonly devicePerMinute: number
    readonly addressPerMinute: number
    readonly loginsPerMinute: number
    readonly registrationsPerMinute: number
    readonly failedLoginsPerMinute: number
  }
  readonly push: { readonly slice: number; readonly waitingPushes: number }
}

export interface Core {
  readonly world: World
  readonly dispatch: Dispatch
  readonly hooks: Hooks
}

/** The domain, wired: nothing in here knows a socket, a file or a database. */
export async function createCore(parts: CoreParts): Promise<Core> {
  const { store, clock, log, limits } = parts
  const hooks = createHooks(log, clock)
  const presence = createPresence({ changed: (user, seenBy) => tellPresence(user, seenBy) })
  const router = createRouter({ store, presence, clock, ...parts.push })
  const numbers = await openNumbers(store)
  const writer = createWriter({
    store,
    clock,
    log,
    sha256: parts.sha256,
    prepare: router.prepare,
    published: (entry) => {
      router.publish(entry)
      hooks.stored(entry, handlerMessage)
    },
  })

  function tellPresence(user: Online, seenBy: readonly Session[]): void {
    const isOnline = user.status === onlineStatus.online
    const name = isOnline ? 'user_online' : 'user_offline'
    const told = isOnline ? user : { ...user, last_seen_at: clock.now() }
    router.tellSessions(seenBy, name, told)
    hooks.emit(name, told)
    if (!isOnline) noteLastSeen({ writer, clock, log }, user.user_id)
  }

  const world: World = {
    store,
    writer,
    router,
    presence,
    hooks,
    clock,
    log,
    numbers,
    standings: createStandings(store, clock),
    customTypes: createCustomTypes(),
    readPrivacy: createReadPrivacy(store, clock, hooks),
    sha256: parts.sha256,
    turns: createTurns(),
    tokens: parts.tokens,
    passwords: parts.passwords,
    random: parts.random,
    rules: parts.rules,
    limits: {
      sends: createLimit(clock, limits.sendsPerMinute),
      requests: createLimit(clock, limits.requestsPerMinute),
      contacts: createLimit(clock, limits.contactsPerMinute),
      ephemeral: createLimit(clock, limits.ephemeralPerMinute),
      conversations: createLimit(clock, limits.conversationPerMinute),
      devices: createLimit(clock, limits.devicePerMinute),
      addresses: createLimit(clock, limits.addressPerMinute),
      logins: createLimit(clock, limits.loginsPerMinute),
      registrations: createLimit(clock, limits.registrationsPerMinute),
      failures: createLimit(clock, limits.failedLoginsPerMinute),
    },
  }
  return { world, dispatch: createDispatch(world), hooks }
}
