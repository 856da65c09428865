import { randomFillSync, randomUUID } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import type { Client } from '@nexo-im/client'
import { type EventName, ImError, type Input, type OperationName } from '@nexo-im/protocol'
import { pino } from 'pino'
import { createPasswords, createTokens } from './auth.ts'
import { openBus } from './bus/open.ts'
import { systemClock } from './clock.ts'
import { type Config, type ConfigInput, maskedConfig, readConfig } from './config.ts'
import { defaultCaps } from './core/caps.ts'
import { type Core, createCore } from './core/core.ts'
import type { Result } from './core/handler.ts'
import type { BeforeHook, EventHandler, HandlerMessage, MessageHandler, OnHook } from './core/hooks.ts'
import type { DataSchema } from './core/messages/custom-types.ts'
import { handlerMessage } from './core/messages/messages.ts'
import { resumeDeletions } from './core/people/account-deletion.ts'
import { accountStatus } from './core/people/account-status.ts'
import { openSession } from './core/people/sign-ins.ts'
import type { Bus, Clock, Log, Store } from './core/ports.ts'
import { type OutgoingMessage, sendInput } from './embedded-message.ts'
import { localFetch } from './local-fetch.ts'
import { refuseUnfinished } from './moving/move.ts'
import { placesOf } from './places.ts'
import { chooseSecret, type SecretChoice } from './secrets.ts'
import { createServerHandle, type ServerHandle } from './server-handle.ts'
import { sha256 } from './sha256.ts'
import { openStore } from './storage/open.ts'
import type { Door, Phase } from './transports/door.ts'
import { createHttpDoor } from './transports/http.ts'
import { openLocalLink } from './transports/local.ts'
import { createWebSocketDoor } from './transports/websocket.ts'

export interface ServiceOptions {
  /** Several services in one process need names; the first one is `default`. */
  readonly name?: string
  readonly config?: ConfigInput
  /** A YAML file; see `nexo config docs` for its keys. */
  readonly configFile?: string
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Folder of the embedded store and the generated secrets. Default `./data`. */
  readonly dataFolder?: string
  /** Folder of the built web app; without it only the API is served. */
  readonly webRoot?: string
  readonly log?: Log
  readonly clock?: Clock
  /** An open store, instead of the one `storage.url` names; closed with the service. */
  readonly store?: Store
  /** Beside an open store that others write too: what nodes hear each other by; closed with the service. */
  readonly bus?: Bus
}

/** What only the operator may ask: the embedding program, no route and no frame. */
export type OperatorOperation = Extract<OperationName, `operator.${string}`>

export interface Service {
  readonly name: string
  getServer(): ServerHandle
  /** The SDK inside this process, through the same dispatch as the network, signed in as a user (must exist). */
  getClient(options: { readonly userId: string; readonly platformId?: number }): Promise<Client>
  /** The effective configuration, secrets masked. */
  getConfig(): Record<string, unknown>
  /** Resolves with id and seq after the durable commit; the sender must exist and may do what a person may. */
  sendMessage(message: OutgoingMessage): Promise<HandlerMessage>
  /** Runs an operation of the operator: create, suspend and delete accounts, end sign-ins. Throws ImError. */
  operate<N extends OperatorOperation>(name: N, input: Input<N>): Promise<Result<N>>
  registerMessageHandler(type: string, handler: MessageHandler): () => void
  registerEventHandler<N extends EventName>(event: N, handler: EventHandler<N>): () => void
  /**
   * Gives a custom message type a schema: from now on `custom` messages of this type name whose data does not fit are
   * refused with 1001. Returns the way out; throws for a name that is taken.
   */
  registerMessageType(name: string, schema: DataSchema): () => void
  /** Stands in the path of an operation that writes: may refuse it or change its input. */
  registerBeforeHook<N extends OperationName>(operation: N, hook: BeforeHook<N>): () => void
  /** Told of every such operation after it was written. */
  registerOnHook<N extends OperationName>(operation: N, hook: OnHook<N>): () => void
}

interface Parts {
  readonly options: ServiceOptions
  readonly config: Config
  readonly secret: SecretChoice
  readonly log: Log
  readonly core: Core
  readonly store: Store
  readonly bus: Bus | undefined
  readonly onStopped: () => void
}

const operator = { userId: '', sessionId: 'operator', platformId: 0, isOperator: true }

/** Bytes that may wait for one socket before its pushes are left out (performance.md section 6). */
const waitingBytes = 1_048_576

/** The composition root: the only place that knows every part. */
export async function buildService(options: ServiceOptions, onStopped: () => void): Promise<Service> {
  const config = readConfig({
    ...(options.configFile !== undefined && { file: options.configFile }),
    ...(options.env && { env: options.env }),
    ...(options.config && { given: options.config }),
  })
  const folder = resolve(options.dataFolder ?? 'data')
  const log =
    options.log ??
    pino({ level: config['log.level'], redact: ['token', 'password', '*.token', '*.password'] })
  const clock = options.clock ?? systemClock()
  const secret = chooseSecret(config['jwt.secret'], modeOf(config), folder)
  if (secret.replaced !== undefined) log.warn({}, secret.replaced)
  const places = placesOf(config, folder)
  const store = options.store ?? (await openStore(places.store, (line) => log.warn({}, line)))
  if (store.traits.durability !== 'D2')
    log.warn(
      { durability: store.traits.durability },
      'what is acknowledged may not survive a power cut: see docs/stores.md',
    )
  const closing = async (error: unknown): Promise<never> => {
    await store.close()
    throw error
  }
  await refuseUnfinished(store).catch(closing)
  const bus = await busBeside(store, options, places.bus, log).catch(closing)
  const core = await createCore({
    store,
    ...(bus && { bus }),
    clock,
    log,
    tokens: createTokens(secret.secret, clock),
    // A thread of the pool stays free for files, and a core for the messages of those who are signed in.
    passwords: createPasswords(Math.max(1, Math.min(3, availableParallelism() - 1))),
    random: { uuid: randomUUID, salt: createSalts() },
    sha256,
    stopwatch: () => performance.now(),
    rules: {
      registrationOpen: config['auth.registration_open'],
      passwordMinBytes: config['auth.password_min_bytes'],
      genericLoginErrors: config['auth.generic_login_errors'],
      sessionPolicy: config['auth.session_policy'],
      tokenLife: config['jwt.expire_hours'] * 3_600_000,
      refreshLife: config['jwt.refresh_days'] * 86_400_000,
      recallWindow: config['messages.recall_window'],
      editWindow: config['messages.edit_window'],
      caps: { ...defaultCaps, groupMembers: config['limits.group_members'] },
    },
    limits: {
      sendsPerMinute: config['limits.sends_per_minute'],
      requestsPerMinute: config['limits.requests_per_minute'],
      contactsPerMinute: config['limits.contacts_per_minute'],
      ephemeralPerMinute: config['limits.ephemeral_per_minute'],
      conversationPerMinute: config['limits.conversation_sends_per_minute'],
      devicePerMinute: config['limits.device_requests_per_minute'],
      addressPerMinute: config['limits.address_requests_per_minute'],
      loginsPerMinute: config['limits.logins_per_minute'],
      registrationsPerMinute: config['limits.registrations_per_minute'],
      failedLoginsPerMinute: config['limits.failed_logins_per_minute'],
    },
    push: {
      slice: config['websocket.push_worker_num'] * 200,
      waitingPushes: config['websocket.push_channel_size'],
    },
  }).catch(async (error: unknown) => {
    await bus?.close()
    return closing(error)
  })
  await resumeDeletions(core.world).catch((error: unknown) =>
    log.error({ err: error }, 'a deletion that was interrupted could not be finished'),
  )
  return assemble({ options, config, secret, log, core, store, bus, onStopped })
}

/** Only nodes that share a store have anything to tell each other. */
async function busBeside(
  store: Store,
  options: ServiceOptions,
  url: string | undefined,
  log: Log,
): Promise<Bus | undefined> {
  if (!store.traits.isShared) return undefined
  if (options.bus) return options.bus
  if (url === undefined) {
    log.info(
      {},
      'no bus: what other nodes on this store write is looked for once a second (see redis, bus.url)',
    )
    return undefined
  }
  return openBus(url)
}

/** Salts of 16 random bytes, cut from a larger piece: one call of the generator serves 256 messages. */
function createSalts(): () => string {
  const pool = Buffer.alloc(4096)
  let used = pool.length
  return () => {
    if (used === pool.length) {
      randomFillSync(pool)
      used = 0
    }
    used += 16
    return pool.toString('base64url', used - 16, used)
  }
}

function modeOf(config: Config): 'debug' | 'release' {
  return config['server.mode'] ?? (process.env['NODE_ENV'] === 'production' ? 'release' : 'debug')
}

async function assemble(parts: Parts): Promise<Service> {
  const { core, options, config } = parts
  let phase: Phase = 'open'
  const door: Door = {
    world: core.world,
    dispatch: core.dispatch,
    options: doorOptions(parts),
    phase: () => phase,
  }
  const sockets = createWebSocketDoor(door)
  const http = await createHttpDoor(door, sockets)
  const server = createServerHandle({
    ...parts,
    host: hostOf(parts),
    http,
    sockets,
    setPhase: (next) => {
      phase = next
    },
  })
  return {
    name: options.name ?? 'default',
    getServer: () => server,
    getClient: async ({ userId, platformId = 0 }) => {
      const { token } = await openSession(core.world, userId, platformId)
      const { createClient, localLink } = await import('@nexo-im/client')
      const client = createClient({
        url: 'http://embedded',
        platformId,
        fetch: localFetch(http),
        links: [localLink((dialled: string) => openLocalLink(door, dialled))],
      })
      await client.resume(token)
      return client
    },
    getConfig: () => maskedConfig(config),
    sendMessage: async (message) => {
      // The program itself asks: limits made for devices are not for it.
      const caller = { userId: message.sender, sessionId: 'embedded', platformId: 0, isOperator: true }
      const [user] = await core.world.store.get('user', [[message.sender]])
      if (!user || user.status === accountStatus.deleted) throw new ImError('user_not_found')
      const entry = await core.dispatch(caller, 'message.send', sendInput(message, randomUUID()))
      return handlerMessage(entry)
    },
    operate: (name, input) => core.dispatch(operator, name, input),
    registerMessageHandler: core.hooks.onMessage,
    registerEventHandler: core.hooks.onEvent,
    registerMessageType: core.world.customTypes.register,
    registerBeforeHook: core.hooks.onBefore,
    registerOnHook: core.hooks.onDone,
  }
}

/** A weak secret or debug mode listens on loopback only, unless an address is named and the secret is sound. */
function hostOf({ config, secret }: Parts): string {
  if (secret.replaced !== undefined) return '127.0.0.1'
  return config['server.host'] ?? (modeOf(config) === 'release' ? '0.0.0.0' : '127.0.0.1')
}

function doorOptions({ config, options }: Parts): Door['options'] {
  return {
    debug: modeOf(config) === 'debug',
    allowedOrigins: config['server.allowed_origins'],
    maxConnections: config['websocket.max_conn_num'],
    maxPerAddress: config['websocket.max_conn_per_address'],
    maxPerUser: config['websocket.max_conn_per_user'],
    maxFrame: config['websocket.max_message_size'],
    writeChannelSize: config['websocket.write_channel_size'],
    waitingBytes,
    pongWait: config['websocket.pong_wait'],
    pingPeriod: config['websocket.ping_period'],
    writeWait: config['websocket.write_wait'],
    trustedAddresses: config['server.trusted_addresses'],
    ...(options.webRoot !== undefined && { webRoot: options.webRoot }),
  }
}
