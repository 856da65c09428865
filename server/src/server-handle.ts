import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import type { Config } from './config.ts'
import type { Core } from './core/core.ts'
import { createTimers } from './core/messages/timers.ts'
import { sweepSockets } from './core/people/presence.ts'
import { recheckSockets } from './core/people/sign-ins.ts'
import type { Bus, Log, Pool, Store } from './core/ports.ts'
import { isStoreReady } from './core/readiness.ts'
import { createMetricsServer } from './metrics/listener.ts'
import type { Metrics } from './metrics/metrics.ts'
import { backUp } from './moving/backup.ts'
import type { Phase } from './transports/door.ts'
import type { WebSocketDoor } from './transports/websocket.ts'

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

export interface Started {
  readonly url: string
  readonly port: number
  /** Where metrics are told, if `metrics.port` is set. */
  readonly metricsUrl?: string
}

export interface ServerHandle {
  /** Listens; resolves with the address once people can connect. Plain errors for a busy port. */
  start(): Promise<Started>
  /** Stops taking work, answers what runs, closes sockets with 1012 and lets go of the store. */
  stop(): Promise<void>
  health(): Promise<Health>
  /** The figures in Prometheus' text format, for a program that has its own place for them; see docs/metrics.md. */
  metrics(): Promise<string>
  /**
   * Writes everything into a new SQLite file while the service runs; it is there whole or not at all. Throws when the store
   * has no snapshots and was written to meanwhile.
   */
  backup(file: string): Promise<void>
}

export interface ServerParts {
  readonly config: Config
  readonly host: string
  readonly log: Log
  readonly core: Core
  readonly store: Store
  readonly bus: Bus | undefined
  readonly http: FastifyInstance
  readonly sockets: WebSocketDoor
  readonly setPhase: (phase: Phase) => void
  readonly onStopped: () => void
}

const sweepPeriod = 1000
const recheckPeriod = 60_000

/**
 * Connections that may wait to be taken. With Node's 511 everybody who comes back at once after a cut is sent away by the
 * kernel, and tries again seconds later.
 */
const backlog = 4096

/** Listens, beats the time of everything that happens by itself, and stops in the order that loses nothing. */
export function createServerHandle(parts: ServerParts): ServerHandle {
  const { config, core, log, http, sockets } = parts
  const { world } = core
  const timers: NodeJS.Timeout[] = []
  const due = createTimers(world, core.dispatch)
  let wsServer: Server | undefined
  let stopping: Promise<void> | undefined
  const figures = createFigures(parts, isReady)

  async function isReady(): Promise<boolean> {
    return (await isStoreReady(world)) && stopping === undefined
  }

  async function start(): Promise<Started> {
    sockets.attach(http.server)
    await http
      .listen({ host: parts.host, port: config['server.http_port'], backlog })
      .catch((error: unknown) => {
        throw listenError(error, parts.host, config['server.http_port'], { host: '--host', port: '--port' })
      })
    const { port } = http.server.address() as AddressInfo
    const wsPort = config['server.ws_port']
    if (wsPort !== undefined && wsPort !== port) wsServer = await listenForSockets(parts, wsPort)
    const metricsUrl = await figures.listen()
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
    return { url: urlOf(parts.host, port), port, ...(metricsUrl !== undefined && { metricsUrl }) }
  }

  async function stop(): Promise<void> {
    parts.setPhase('leaving')
    // Whoever watches readiness sends nobody here any more; whoever is here stays until then.
    const delay = config['server.drain_delay']
    if (delay > 0) await sleep(delay)
    parts.setPhase('draining')
    for (const timer of timers) clearInterval(timer)
    await sockets.drain(config['websocket.write_wait'])
    await closeHttp(http, config['websocket.write_wait'])
    wsServer?.close()
    await due.stop()
    await world.writer.idle()
    core.cluster?.leave()
    await parts.bus?.close()
    await figures.close()
    await parts.store.close()
    parts.onStopped()
  }

  return {
    backup: (file) => backup(parts.store, file),
    start,
    stop: () => {
      stopping ??= stop()
      return stopping
    },
    health: async () => {
      const ready = await isReady()
      const pool = parts.store.pool?.()
      return {
        ready,
        connections: world.presence.size,
        nodes: 1 + (core.cluster?.size ?? 0),
        ...(pool && { pool }),
      }
    },
    metrics: figures.text,
  }
}

function listenForSockets({ host, sockets }: ServerParts, port: number): Promise<Server> {
  const server = createServer(
    { headersTimeout: 15_000, connectionsCheckingInterval: 2000 },
    (_, response) => {
      response.writeHead(404, { 'Content-Type': 'application/json; charset=utf-8' })
      response.end('{"code":1005,"msg":"not found","data":null}')
    },
  )
  sockets.attach(server)
  return listen(server, host, port, { host: '--host', port: 'server.ws_port' })
}

interface Figures {
  text(): Promise<string>
  /** @returns where they are told, undefined where nobody asked for a listener */
  listen(): Promise<string | undefined>
  close(): Promise<void>
}

/** Made when first asked for: a service without a listener need not load the library. */
function createFigures(parts: ServerParts, isReady: () => Promise<boolean>): Figures {
  const { config, core, log, bus } = parts
  let made: Promise<Metrics> | undefined
  let server: Server | undefined

  function figures(): Promise<Metrics> {
    made ??= import('./metrics/metrics.ts').then(({ createMetrics }) =>
      createMetrics({ world: core.world, cluster: core.cluster, bus, isReady }),
    )
    return made
  }

  return {
    text: async () => (await figures()).text(),
    listen: async () => {
      const { 'metrics.host': host, 'metrics.port': port } = config
      if (port === undefined) return undefined
      server = createMetricsServer(await figures(), log)
      await listen(server, host, port, { host: 'metrics.host', port: 'metrics.port' })
      const url = `${urlOf(host, (server.address() as AddressInfo).port)}/metrics`
      log.info({ url }, 'metrics are told')
      return url
    },
    close: async () => {
      server?.close()
      server?.closeAllConnections()
      const metrics = await made
      metrics?.close()
    },
  }
}

function urlOf(host: string, port: number): string {
  const shown = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return `http://${shown.includes(':') ? `[${shown}]` : shown}:${port}`
}

async function backup(store: Store, file: string): Promise<void> {
  const verdict = await backUp(store, file)
  if (verdict && !verdict.isEqual) throw new Error('the store was written to meanwhile: no backup is kept')
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

/** What to choose another address by. */
interface Ways {
  readonly host: string
  readonly port: string
}

function listen(server: Server, host: string, port: number, by: Ways): Promise<Server> {
  return new Promise((done, failed) => {
    server.once('error', (error) => failed(listenError(error, host, port, by)))
    server.listen({ host, port, backlog }, () => done(server))
  })
}

function listenError(error: unknown, host: string, port: number, by: Ways): Error {
  const { code } = error as { code?: string }
  if (code === 'EADDRINUSE') {
    return new Error(`port ${port} on ${host} is taken by another program; choose one with ${by.port}`, {
      cause: error,
    })
  }
  if (code === 'EACCES')
    return new Error(`port ${port} may not be opened by this user; choose one above 1023`, { cause: error })
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new Error(`${host} is no address of this machine; choose one with ${by.host}`, { cause: error })
  }
  return error as Error
}
