import type { EventName, Online, Sha256 } from '@nexo-im/protocol'
import { createDispatch, type Dispatch } from './dispatch.ts'
import { createHooks, type Hooks } from './hooks.ts'
import { createLimit } from './limits.ts'
import { handlerMessage } from './messages.ts'
import { openNumbers } from './numbers.ts'
import type { Clock, Log, Passwords, Random, Store, Tokens } from './ports.ts'
import { createPresence } from './presence.ts'
import { createRouter } from './router.ts'
import { createStandings } from './standings.ts'
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
  const presence = createPresence({ changed: (user) => tellPresence(user) })
  const router = createRouter({ store, presence, clock, ...parts.push })
  const numbers = await openNumbers(store)
  const writer = createWriter({
    store,
    clock,
    log,
    numbers,
    sha256: parts.sha256,
    prepare: router.prepare,
    published: (entry) => {
      router.publish(entry)
      hooks.stored(entry, handlerMessage)
    },
  })

  function tellPresence(user: Online): void {
    const name: EventName & ('user_online' | 'user_offline') =
      user.status === 1 ? 'user_online' : 'user_offline'
    router.tellSessions(presence.watchers(user.user_id), name, user)
    hooks.emit(name, user)
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
