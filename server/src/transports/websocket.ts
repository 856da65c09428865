import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import {
  asImError,
  classicEvents,
  closeCodes,
  decodeUtf8,
  type EventName,
  events,
  type FrameCodec,
  ImError,
  nexoCodec,
  nexoV1Codec,
  subprotocol,
} from '@nexo-im/protocol'
import * as ws from 'ws'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import { authenticate } from '../core/accounts.ts'
import type { Entry } from '../core/ports.ts'
import { type Bytes, type Encoder, Session, type SessionLink } from '../core/session.ts'
import { bearer, type Door, originAllowed, sessionLimits } from './door.ts'
import { messageJson } from './nexo/view.ts'
import { createRequests, type Requests } from './requests.ts'

const codecs = {
  // Buffer does base64 natively; this line is on the path of every push to an old client.
  nexo: nexoCodec({
    encode: (text) => Buffer.from(text).toString('base64'),
    decode: (base64) => decodeUtf8(Buffer.from(base64, 'base64')),
  }),
  'nexo.v1': nexoV1Codec(),
}

/** Exported by ws for exactly this use, but missing from its types: header and payload of one frame. */
const { Sender } = ws as unknown as {
  Sender: { frame(data: Buffer, options: Readonly<Record<string, unknown>>): Buffer[] }
}

/** Frames above this are written alone instead of being copied into one buffer. */
const joinLimit = 65_536
const closeWait = 2000

export interface WebSocketDoor {
  attach(server: Server): void
  /** For a plain GET of /ws: throws what the handshake would, at last that no upgrade was asked for. */
  refusePlain(request: IncomingMessage): Promise<never>
  /** Tells every socket to come back elsewhere and waits until they are gone, at most `ms`. */
  drain(ms: number): Promise<void>
}

/** A whole WebSocket frame, header included: made once and written to every recipient's socket as it is. */
function framed(text: string, binary: boolean): Buffer {
  const payload = Buffer.from(text)
  const options = { fin: true, rsv1: false, opcode: binary ? 2 : 1, mask: false, readOnly: false }
  return Buffer.concat(Sender.frame(payload, options))
}

function encoderOf(codec: FrameCodec): Encoder {
  const view = { typed: codec.name === 'nexo.v1', socket: true }
  return {
    name: codec.name,
    message: (entry: Entry) => {
      const msgs = `{"msgs":{${JSON.stringify(entry.conversation_id)}:[${messageJson(entry, view)}]}}`
      return framed(codec.writeEvent(events.message_received.frame, msgs), codec.binary)
    },
    event: (name: EventName, data: unknown) => {
      if (codec.name === 'nexo' && !classicEvents.has(name)) return undefined
      const error = name === 'resync' ? 'push_failed' : undefined
      return framed(codec.writeEvent(events[name].frame, JSON.stringify(data), error), codec.binary)
    },
  }
}

const encoders = { nexo: encoderOf(codecs.nexo), 'nexo.v1': encoderOf(codecs['nexo.v1']) }

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
  let pending = 0

  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    // A socket that dies during the handshake must not end the process.
    socket.on('error', () => socket.destroy())
    pending += 1
    try {
      const accepted = await accept(request)
      if (socket.destroyed) return
      wss.handleUpgrade(request, socket, head, (ws) => start(ws, accepted))
    } catch (error) {
      refuse(socket, asImError(error), options.debug)
    } finally {
      pending -= 1
    }
  }

  type Accepted = Awaited<ReturnType<typeof authenticate>> & { readonly codec: 'nexo' | 'nexo.v1' }

  /** In the order of nexo-wire 10.1: limit, token, mismatch, origin, subprotocol. */
  async function accept(request: IncomingMessage): Promise<Accepted> {
    if (door.draining()) throw new ImError('unavailable', { retryAfter: 1 })
    if (open.size + pending > options.maxConnections) throw new ImError('connections_full', { retryAfter: 5 })
    const query = new URL(request.url ?? '/', 'http://localhost').searchParams
    const caller = await authenticate(world, tokenOf(request, query))
    const sendId = query.get('send_id') ?? ''
    const platform = query.get('platform_id') ?? ''
    const otherUser = sendId !== '' && sendId !== caller.userId
    const otherPlatform = platform !== '' && platform !== '0' && Number(platform) !== caller.platformId
    if (otherUser || otherPlatform) throw new ImError('token_mismatch')
    if (!originAllowed(request.headers.origin, request.headers.host, options)) throw new ImError('forbidden')
    const offered = (request.headers['sec-websocket-protocol'] ?? '')
      .split(',')
      .map((p) => p.trim())
      .filter(Boolean)
    if (offered.length > 0 && !offered.includes(subprotocol)) throw new ImError('invalid_protocol')
    return { ...caller, codec: offered.length > 0 ? 'nexo.v1' : 'nexo' }
  }

  function start(socket: WebSocket, accepted: Accepted): void {
    const { codec: name, expiresAt, ...who } = accepted
    const session = new Session({
      connId: world.random.uuid(),
      ...who,
      expiresAt,
      encoder: encoders[name],
      link: linkOf(socket, codecs[name].binary),
      clock: world.clock,
      dirty: world.router.dirty,
      limits: sessionLimits(options),
    })
    const requests = createRequests({ door, codec: codecs[name], session, caller: { ...who, session } })
    open.set(session, { socket, requests })
    socket.on('message', (data: RawData, isBinary: boolean) => {
      session.heard()
      requests.take(inbound(data, isBinary, name))
    })
    socket.on('ping', () => session.heard())
    socket.on('pong', () => session.heard())
    // 'error' is always followed by 'close'; without a listener it would end the process.
    socket.on('error', (error) => world.log.debug({ err: error, conn: session.connId }, 'socket error'))
    socket.on('close', () => {
      session.closed = true
      open.delete(session)
      world.presence.remove(session)
    })
    rawSocket(socket).on('drain', () => session.drained())
    world.presence.add(session)
  }

  return {
    attach: (server) => {
      server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
        if (new URL(request.url ?? '/', 'http://localhost').pathname !== '/ws') {
          refuse(socket, new ImError('not_found'), options.debug)
          return
        }
        void upgrade(request, socket, head)
      })
    },
    refusePlain: async (request) => {
      await accept(request)
      throw new ImError('invalid_protocol', { detail: 'a WebSocket upgrade is required' })
    },
    drain: async (ms) => {
      const all = [...open]
      await Promise.race([
        Promise.all(all.map(([, o]) => o.requests.idle())),
        new Promise((resolve) => setTimeout(resolve, ms).unref()),
      ])
      for (const [session] of all) session.close(closeCodes.restart, 'restarting')
      await Promise.race([
        Promise.all(all.map(([, o]) => gone(o.socket))),
        new Promise((resolve) => setTimeout(resolve, ms).unref()),
      ])
      for (const [, o] of open) o.socket.terminate()
    },
  }
}

const gone = (socket: WebSocket): Promise<void> =>
  socket.readyState === socket.CLOSED
    ? Promise.resolve()
    : new Promise((resolve) => socket.once('close', () => resolve()))

function tokenOf(request: IncomingMessage, query: URLSearchParams): string {
  const inQuery = query.get('token') ?? ''
  if (inQuery !== '') return inQuery
  const header = bearer(request.headers.authorization)
  if (header === 'missing') throw new ImError('token_missing')
  if (header === 'malformed') throw new ImError('token_invalid')
  return header.token
}

/** `nexo.v1` is text both ways; a binary frame there reaches the codec as bytes that it cannot read. */
function inbound(data: RawData, isBinary: boolean, codec: FrameCodec['name']): string | Uint8Array {
  const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.isBuffer(data) ? data : Buffer.from(data)
  if (isBinary) return codec === 'nexo.v1' ? '' : bytes
  // ws has checked a text frame's UTF-8 already.
  return bytes.toString('utf8')
}

const rawSocket = (socket: WebSocket): Duplex & { writableLength: number } =>
  (socket as unknown as { _socket: Duplex & { writableLength: number } })._socket

/**
 * Writes ready frames straight to the TCP socket: `ws` would frame each again. Allowed because nothing else is
 * written on it but control frames, which ws also writes whole and at once while compression is off.
 */
function linkOf(socket: WebSocket, binary: boolean): SessionLink {
  const raw = rawSocket(socket)
  return {
    write: (frames) => {
      if (socket.readyState !== socket.OPEN) return
      let size = 0
      const buffers = frames.map((frame: Bytes) => {
        const buffer = typeof frame === 'string' ? framed(frame, binary) : (frame as Buffer)
        size += buffer.length
        return buffer
      })
      const [only] = buffers
      if (buffers.length === 1 && only) raw.write(only)
      else if (size <= joinLimit) raw.write(Buffer.concat(buffers, size))
      else {
        raw.cork()
        for (const buffer of buffers) raw.write(buffer)
        raw.uncork()
      }
    },
    close: (code, reason) => {
      socket.close(code, reason)
      // A peer that does not answer the close is let go.
      setTimeout(() => socket.terminate(), closeWait).unref()
    },
    ping: () => {
      if (socket.readyState === socket.OPEN) socket.ping()
    },
    get buffered() {
      return raw.writableLength
    },
  }
}

/** A handshake is refused with status and envelope, before the upgrade. */
function refuse(socket: Duplex, error: ImError, debug: boolean): void {
  if (socket.destroyed) return
  const { row } = error
  const msg = debug && error.detail ? `${row.msg}: ${error.detail}` : row.msg
  const body = JSON.stringify({ code: row.code, msg, data: null })
  const retry = error.retryAfter === undefined ? '' : `Retry-After: ${error.retryAfter}\r\n`
  socket.end(
    `HTTP/1.1 ${row.http} ${row.msg}\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n${retry}Connection: close\r\n\r\n${body}`,
  )
}
