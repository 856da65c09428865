import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { asImError, closeCodes, ImError, subprotocol } from '@nexo-im/protocol'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import { Session } from '../core/session.ts'
import { addOne } from '../core/tally.ts'
import { type Door, sessionLimits } from './door.ts'
import { type Accepted, accept, addressOf, refuse } from './handshake.ts'
import { createRequests, type Requests } from './requests.ts'
import { createSeats } from './seats.ts'
import { codecs, createJoin, encoders, inbound, linkOf, rawSocket } from './socket-link.ts'

export interface WebSocketDoor {
  attach(server: Server): void
  /** For a plain GET of /ws: throws what the handshake would, at last that no upgrade was asked for. */
  refusePlain(request: IncomingMessage): Promise<never>
  /** Tells every socket to come back elsewhere and waits until they are gone, at most `ms`. */
  drain(ms: number): Promise<void>
}

export function createWebSocketDoor(door: Door): WebSocketDoor {
  const { world, options } = door
  const wss = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    // Compression is off on purpose: it costs twice the CPU and holds memory per socket (stack.md section 4).
    perMessageDeflate: false,
    maxPayload: options.maxFrame,
    handleProtocols: (offered) => (offered.has(subprotocol) ? subprotocol : false),
  })
  const open = new Map<Session, { readonly socket: WebSocket; readonly requests: Requests }>()
  const seats = createSeats({ perAddress: options.maxPerAddress, perUser: options.maxPerUser })
  const join = createJoin()
  let pending = 0

  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    pending += 1
    try {
      const accepted = await accept(door, request, open.size + pending)
      if (socket.destroyed) return
      seats.need(accepted)
      wss.handleUpgrade(request, socket, head, (ws) => start(ws, accepted))
    } catch (thrown) {
      const error = asImError(thrown)
      addOne(world.tally.errors.socket, error.kind)
      refuse(socket, error, options.debug)
    } finally {
      pending -= 1
    }
  }

  function start(socket: WebSocket, accepted: Accepted): void {
    const { codec: name, expiresAt, ...who } = accepted
    const session = new Session({
      connId: world.random.uuid(),
      ...who,
      expiresAt,
      encoder: encoders[name],
      link: linkOf(socket, codecs[name].binary, join),
      clock: world.clock,
      tally: world.tally,
      dirty: world.router.dirty,
      limits: sessionLimits(options),
    })
    const requests = createRequests({ door, codec: codecs[name], session, caller: { ...who, session } })
    open.set(session, { socket, requests })
    seats.take(who)
    hear(socket, session, (data, isBinary) => requests.take(inbound(data, isBinary, name)))
    // 'error' is always followed by 'close'; without a listener it would end the process.
    socket.on('error', (error) => world.log.debug({ err: error, conn: session.connId }, 'socket error'))
    socket.on('close', () => {
      session.closed = true
      open.delete(session)
      seats.leave(who)
      world.presence.remove(session)
    })
    rawSocket(socket).on('drain', () => session.drained())
    world.presence.add(session)
  }

  return {
    attach: (server) => {
      server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
        // A socket that dies during the handshake, or while it is refused, must not end the process.
        socket.on('error', () => socket.destroy())
        if (addressOf(request).path !== '/ws') {
          refuse(socket, new ImError('not_found'), options.debug)
          return
        }
        void upgrade(request, socket, head)
      })
    },
    refusePlain: async (request) => {
      await accept(door, request, open.size + pending)
      throw new ImError('invalid_protocol', { detail: 'a WebSocket upgrade is required' })
    },
    drain: (ms) => drain(open, ms),
  }
}

function hear(socket: WebSocket, session: Session, take: (data: RawData, isBinary: boolean) => void): void {
  socket.on('message', (data: RawData, isBinary: boolean) => {
    session.heard()
    take(data, isBinary)
  })
  socket.on('ping', () => {
    session.heard()
    // ws answers each of them, also to somebody who takes nothing.
    if (session.isUnread) session.close(closeCodes.overload, 'takes nothing')
  })
  socket.on('pong', () => session.heard())
}

type Open = ReadonlyMap<Session, { readonly socket: WebSocket; readonly requests: Requests }>

/** Running requests are answered first; who does not go within `ms` is let go. */
async function drain(open: Open, ms: number): Promise<void> {
  const all = [...open]
  const late = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms).unref())
  await Promise.race([Promise.all(all.map(([, o]) => o.requests.idle())), late()])
  for (const [session] of all) session.close(closeCodes.restart, 'restarting')
  await Promise.race([Promise.all(all.map(([, o]) => gone(o.socket))), late()])
  for (const [, o] of open) o.socket.terminate()
}

const gone = (socket: WebSocket): Promise<void> =>
  socket.readyState === socket.CLOSED
    ? Promise.resolve()
    : new Promise((resolve) => socket.once('close', () => resolve()))
