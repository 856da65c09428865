import { randomFillSync, randomUUID } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import type { Client } from '@nexo-im/client'
import { type EventName, ImError, type Input, type OperationName } from '@nexo-im/protocol'
import type { FastifyInstance } from 'fastify'
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
import { createTimers } from './core/messages/timers.ts'
import { resumeDeletions } from './core/people/account-deletion.ts'
import { accountStatus } from './core/people/account-status.ts'
import { sweepSockets } from './core/people/presence.ts'
import { openSession, recheckSockets } from './core/people/sign-ins.ts'
import type { Bus, Clock, Log, Pool, Store } from './core/ports.ts'
import { isStoreReady } from './core/readiness.ts'
import { type OutgoingMessage, sendInput } from './embedded-message.ts'
import { localFetch } from './local-fetch.ts'
import { placesOf } from './places.ts'
import { chooseSecret, type SecretChoice } from './secrets.ts'
import { sha256 } from './sha256.ts'
import { openStore } from './storage/open.ts'
import type { Door } from './transports/door.ts'
import { createHttpDoor } from './transports/http.ts'
import { openLocalLink } from './transports/local.ts'
import { createWebSocketDoor, type WebSocketDoor } from './transports/websocket.ts'

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

export interface Health {
  /** The store answers, and the node is not stopping. */
  readonly ready: boolean
  /** Sockets of this node. */
  readonly connections: number
  /** Nodes on the same store, this one included, as far as they are heard. */
  readonly nodes: number
  /** Connections to the database server, where there is one. */
  readonly pool?: Pool
}

export interface ServerHandle {
  /** Listens; resolves with the address once people can connect. Plain errors for a busy port. */
  start(): Promise<{ readonly url: string; readonly port: number }>
  /** Stops taking work, answers what runs, closes sockets with 1012 and lets go of the store. */
  stop(): Promise<void>
  health(): Promise<Health>
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

const sweepPeriod = 1000
const recheckPeriod = 60_000
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
  const store = options.store ?? (await openStore(places.store))
  const bus = await busBeside(store, options, places.bus, log)
  const core = await createCore({
    store,
    ...(bus && { bus }),
    clock,
    log,
    tokens: createTokens(secret.secret, clock),
    // One thread of the pool stays free for files, whatever the number of cores.
    passwords: createPasswords(Math.max(1, Math.min(3, availableParallelism()))),
    random: { uuid: randomUUID, salt: createSalts() },
    sha256,
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
    await store.close()
    throw error
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
  return openBus(url).catch(async (error: unknown) => {
    await store.close()
    throw error
  })
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
  let draining = false
  const door: Door = {
    world: core.world,
    dispatch: core.dispatch,
    options: doorOptions(parts),
    draining: () => draining,
  }
  const sockets = createWebSocketDoor(door)
  const http = await createHttpDoor(door, sockets)
  const server = createServerHandle(parts, http, sockets, (on) => {
    draining = on
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

function doorOptions({ config, options }: Parts): Door['options'] {
  return {
    debug: modeOf(config) === 'debug',
    allowedOrigins: config['server.allowed_origins'],
    maxConnections: config['websocket.max_conn_num'],
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

function createServerHandle(
  parts: Parts,
  http: FastifyInstance,
  sockets: WebSocketDoor,
  setDraining: (on: boolean) => void,
): ServerHandle {
  const { config, core, log } = parts
  const { world } = core
  const timers: NodeJS.Timeout[] = []
  const due = createTimers(world, core.dispatch)
  let wsServer: Server | undefined
  let stopping: Promise<void> | undefined

  /** A weak secret or debug mode listens on loopback only, unless an address is named and the secret is sound. */
  function host(): string {
    if (parts.secret.replaced !== undefined) return '127.0.0.1'
    return config['server.host'] ?? (modeOf(config) === 'release' ? '0.0.0.0' : '127.0.0.1')
  }

  async function start(): Promise<{ url: string; port: number }> {
    sockets.attach(http.server)
    await http.listen({ host: host(), port: config['server.http_port'] }).catch((error: unknown) => {
      throw listenError(error, host(), config['server.http_port'])
    })
    const { port } = http.server.address() as AddressInfo
    const wsPort = config['server.ws_port']
    if (wsPort !== undefined && wsPort !== port) wsServer = await listenForSockets(wsPort)
    timers.push(
      setInterval(() => sweepSockets(world), sweepPeriod),
      setInterval(() => void core.cluster?.tick(), sweepPeriod),
      setInterval(() => {
        recheckSockets(world).catch((error: unknown) =>
          log.error({ err: error }, 'sessions could not be rechecked'),
        )
      }, recheckPeriod),
    )
    due.start()
    const shown = host() === '0.0.0.0' || host() === '::' ? '127.0.0.1' : host()
    return { url: `http://${shown.includes(':') ? `[${shown}]` : shown}:${port}`, port }
  }

  function listenForSockets(port: number): Promise<Server> {
    const server = createServer((_request, response) => {
      response.writeHead(404, { 'Content-Type': 'application/json; charset=utf-8' })
      response.end('{"code":1005,"msg":"not found","data":null}')
    })
    sockets.attach(server)
    return new Promise((done, failed) => {
      server.once('error', (error) => failed(listenError(error, host(), port)))
      server.listen(port, host(), () => done(server))
    })
  }

  async function stop(): Promise<void> {
    setDraining(true)
    for (const timer of timers) clearInterval(timer)
    await sockets.drain(config['websocket.write_wait'])
    await closeHttp(http, config['websocket.write_wait'])
    wsServer?.close()
    await due.stop()
    await world.writer.idle()
    core.cluster?.leave()
    await parts.bus?.close()
    await parts.store.close()
    parts.onStopped()
  }

  return {
    start,
    stop: () => {
      stopping ??= stop()
      return stopping
    },
    health: async () => {
      const ready = await isStoreReady(world)
      const pool = parts.store.pool?.()
      return {
        ready: ready && stopping === undefined,
        connections: world.presence.size,
        nodes: 1 + (core.cluster?.size ?? 0),
        ...(pool && { pool }),
      }
    },
  }
}

/** A connection whose last answer left after the door closed stays open for the next request: it is let go too. */
async function closeHttp(http: FastifyInstance, ms: number): Promise<void> {
  const sweep = setInterval(() => http.server.closeIdleConnections(), 20)
  const late = setTimeout(() => http.server.closeAllConnections(), ms)
  await http.close().finally(() => {
    clearInterval(sweep)
    clearTimeout(late)
  })
}

function listenError(error: unknown, host: string, port: number): Error {
  const { code } = error as { code?: string }
  if (code === 'EADDRINUSE') {
    return new Error(`port ${port} on ${host} is taken by another program; choose one with --port`, {
      cause: error,
    })
  }
  if (code === 'EACCES')
    return new Error(`port ${port} may not be opened by this user; choose one above 1023`, { cause: error })
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new Error(`${host} is no address of this machine; choose one with --host`, { cause: error })
  }
  return error as Error
}
