import { hash, randomUUID } from 'node:crypto'
import { ImError } from '@nexo-im/protocol'
import { defaultCaps } from '../../core/caps.ts'
import { type Core, createCore } from '../../core/core.ts'
import type { Bus, Random, Store, TokenClaims, Tokens } from '../../core/ports.ts'
import type { Caller, Rules } from '../../core/world.ts'
import { type ManualClock, manualClock, silentLog } from '../clock.ts'
import { chosenStore } from '../stores/fresh.ts'

export interface TestCore extends Core {
  readonly clock: ManualClock
  readonly store: Store
  /** Somebody, registered if need be, as a caller without a socket. */
  person(userId: string): Promise<Caller>
}

const perMinute = {
  sendsPerMinute: 1e9,
  requestsPerMinute: 1e9,
  contactsPerMinute: 1e9,
  ephemeralPerMinute: 1e9,
  conversationPerMinute: 1e9,
  devicePerMinute: 1e9,
  addressPerMinute: 1e9,
  loginsPerMinute: 1e9,
  registrationsPerMinute: 1e9,
  failedLoginsPerMinute: 10,
}

/**
 * The whole domain without doors, on the store that was chosen (memory as a rule) and a clock the test owns; tokens are their claims and passwords
 * themselves, so that nothing costs time.
 */
export async function testCore(
  options: {
    readonly rules?: Partial<Rules>
    readonly limits?: Partial<typeof perMinute>
    readonly store?: Store
    readonly bus?: Bus
    readonly clock?: ManualClock
    /** Real ones, where a test is about them. */
    readonly tokens?: Tokens
    /** Names that a seed decides, where a run is to be played again. */
    readonly random?: Random
  } = {},
): Promise<TestCore> {
  const clock = options.clock ?? manualClock()
  const store = options.store ?? (await chosenStore())
  const core = await createCore({
    store,
    ...(options.bus && { bus: options.bus }),
    clock,
    log: silentLog,
    tokens: options.tokens ?? {
      sign: async (claims) => JSON.stringify(claims),
      verify: async (token) => JSON.parse(token) as TokenClaims,
    },
    passwords: { hash: async (p) => p, verify: async (h, p) => h === p },
    random: options.random ?? { uuid: randomUUID, salt: () => randomUUID() },
    sha256: (text) => hash('sha256', text, 'base64url'),
    rules: {
      registrationOpen: true,
      passwordMinBytes: 8,
      genericLoginErrors: false,
      sessionPolicy: 'one_per_platform',
      tokenLife: 3_600_000,
      refreshLife: 30 * 86_400_000,
      recallWindow: 86_400_000,
      editWindow: 86_400_000,
      caps: defaultCaps,
      ...options.rules,
    },
    limits: { ...perMinute, ...options.limits },
    push: { slice: 2000, waitingPushes: 10_000 },
  })
  return {
    ...core,
    clock,
    store,
    person: async (userId) => {
      const nobody = { userId: '', sessionId: '', platformId: 0 }
      const account = { user_id: userId, password: `secret of ${userId}` }
      await core.dispatch(nobody, 'auth.register', account).catch((error: unknown) => {
        // Registered through another node of the same test.
        if (!(error instanceof ImError) || error.kind !== 'user_exists') throw error
      })
      return { userId, sessionId: `session of ${userId}`, platformId: 5 }
    },
  }
}
