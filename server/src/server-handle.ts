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

export interface ServerHandle {
  /** Listens; resolves with the address once people can connect. Plain errors for a busy port. */
  start(): Promise<{ readonly url: string; readonly port: number }>
  /** Stops taking work, answers what runs, closes sockets with 1012 and lets go of the store. */
  stop(): Promise<void>
  health(): Promise<Health>
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

/** Listens, beats the time of everything that happens by itself, and stops in the order that loses nothing. */
export function createServerHandle(parts: ServerParts): ServerHandle {
  const { config, core, log, http, sockets } = parts
  const { world } = core
  const timers: NodeJS.Timeout[] = []
  const due = createTimers(world, core.dispatch)
  let wsServer: Server | undefined
  let stopping: Promise<void> | undefined

  async function start(): Promise<{ url: string; port: number }> {
    sockets.attach(http.server)
    await http.listen({ host: parts.host, port: config['server.http_port'] }).catch((error: unknown) => {
      throw listenError(error, parts.host, config['server.http_port'])
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
    const shown = parts.host === '0.0.0.0' || parts.host === '::' ? '127.0.0.1' : parts.host
    return { url: `http://${shown.includes(':') ? `[${shown}]` : shown}:${port}`, port }
  }

  function listenForSockets(port: number): Promise<Server> {
    const server = createServer((_request, response) => {
      response.writeHead(404, { 'Content-Type': 'application/json; charset=utf-8' })
      response.end('{"code":1005,"msg":"not found","data":null}')
    })
    sockets.attach(server)
    return new Promise((done, failed) => {
      server.once('error', (error) => failed(listenError(error, parts.host, port)))
      server.listen(port, parts.host, () => done(server))
    })
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
