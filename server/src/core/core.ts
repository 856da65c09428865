import { type Online, onlineStatus, type Sha256 } from '@nexo-im/protocol'
import { type Cluster, joinCluster, noBus } from './cluster/cluster.ts'
import { alone, type Relay } from './cluster/relay.ts'
import { createDispatch, type Dispatch } from './dispatch.ts'
import { createHooks, type Hooks } from './hooks.ts'
import { createLimit } from './limits.ts'
import { createCustomTypes } from './messages/custom-types.ts'
import { handlerMessage } from './messages/messages.ts'
import { createStandings } from './messages/standings.ts'
import { createNumbers } from './numbers.ts'
import { createPatience } from './patience.ts'
import { noteLastSeen } from './people/last-seen.ts'
import { createPresence } from './people/presence.ts'
import { createReadPrivacy } from './people/read-privacy.ts'
import type { Bus, Clock, Log, Passwords, Random, Store, Tokens } from './ports.ts'
import { createRouter } from './router.ts'
import type { Session } from './session.ts'
import { createTally } from './tally.ts'
import { createTurns } from './turns.ts'
import type { Rules, World } from './world.ts'
import { createWriter } from './writer.ts'

export interface CoreParts {
  readonly store: Store
  /** To the other nodes on a shared store. */
  readonly bus?: Bus
  readonly tokens: Tokens
  readonly passwords: Passwords
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly rules: Rules
  readonly sha256: Sha256
  /** Milliseconds with fractions, for what is measured; the clock's own unless one is finer. */
  readonly stopwatch?: () => number
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
  /** Absent where nobody else may write the store. */
  readonly cluster?: Cluster
}

/** The domain, wired: nothing in here knows a socket, a file or a database. */
export async function createCore(parts: CoreParts): Promise<Core> {
  const { store, clock, log, limits } = parts
  const hooks = createHooks(log, clock)
  const tally = createTally(parts.stopwatch ?? clock.now)
  let relay: Relay = alone
  const told: World['relay'] = {
    tell: (word) => relay.tell(word),
    settle: (from, to, run) => relay.settle(from, to, run),
  }
  const presence = createPresence({
    changed: (user, seenBy, isTold) => tellPresence(user, seenBy, isTold),
    connected: (device) => {
      tally.sockets.opened += 1
      told.tell({ is: 'connected', device })
    },
    disconnected: ({ userId, connId }) => {
      tally.sockets.closed += 1
      told.tell({ is: 'disconnected', userId, connId })
    },
  })
  const router = createRouter({ store, presence, clock, relay: told, ...parts.push })
  const writer = createWriter({
    store,
    clock,
    log,
    tally,
    sha256: parts.sha256,
    prepare: router.prepare,
    settle: told.settle,
    published: (entry) => {
      router.publish(entry)
      hooks.stored(entry, handlerMessage)
    },
  })

  function tellPresence(user: Online, seenBy: readonly Session[], isTold: boolean): void {
    const isOnline = user.status === onlineStatus.online
    const name = isOnline ? 'user_online' : 'user_offline'
    const data = isOnline ? user : { ...user, last_seen_at: clock.now() }
    router.tellSessions(seenBy, name, data)
    if (!isTold) return
    hooks.emit(name, data)
    if (!isOnline) noteLastSeen({ writer, clock, log }, user.user_id)
  }

  const world: World = {
    store,
    writer,
    relay: told,
    router,
    presence,
    hooks,
    clock,
    log,
    tally,
    numbers: createNumbers(store, writer),
    standings: createStandings(store, clock, tally.standings),
    customTypes: createCustomTypes(),
    readPrivacy: createReadPrivacy(store, clock, hooks, told),
    sha256: parts.sha256,
    turns: createTurns(),
    // The wall clock may jump; whoever waits must not be sent away for it.
    patience: createPatience({ now: tally.now, after: clock.after }, store.traits.patience),
    tokens: parts.tokens,
    passwords: parts.passwords,
    random: parts.random,
    rules: parts.rules,
    limits: limitsOf(clock, limits),
  }
  const core = { world, dispatch: createDispatch(world), hooks }
  if (!store.traits.isShared) return core
  const cluster = await joinCluster(world, parts.bus ?? noBus, (joined) => {
    relay = joined
  })
  return { ...core, cluster }
}

function limitsOf(clock: Clock, limits: CoreParts['limits']): World['limits'] {
  return {
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
  }
}
