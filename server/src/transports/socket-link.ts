import type { Duplex } from 'node:stream'
import {
  classicEvents,
  decodeUtf8,
  type Event,
  type EventName,
  events,
  type FrameCodec,
  nexoCodec,
  nexoV1Codec,
} from '@nexo-im/protocol'
import type { RawData, WebSocket } from 'ws'
import * as ws from 'ws'
import type { Entry } from '../core/ports.ts'
import type { Encoder, SessionLink } from '../core/session.ts'
import { eventJson, messageJson } from './nexo/view.ts'

export const codecs = {
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
      const { frame }: Event = events[name]
      if (frame === undefined || (codec.name === 'nexo' && !classicEvents.has(name))) return undefined
      const error = name === 'resync' ? 'push_failed' : undefined
      return framed(codec.writeEvent(frame, eventJson(name, data, view), error), codec.binary)
    },
  }
}

export const encoders = { nexo: encoderOf(codecs.nexo), 'nexo.v1': encoderOf(codecs['nexo.v1']) }

/** `nexo.v1` is text both ways; a binary frame there reaches the codec as bytes that it cannot read. */
export function inbound(data: RawData, isBinary: boolean, codec: FrameCodec['name']): string | Uint8Array {
  const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.isBuffer(data) ? data : Buffer.from(data)
  if (isBinary) return codec === 'nexo.v1' ? '' : bytes
  // ws has checked a text frame's UTF-8 already.
  return bytes.toString('utf8')
}

export const rawSocket = (socket: WebSocket): Duplex & { writableLength: number } =>
  (socket as unknown as { _socket: Duplex & { writableLength: number } })._socket

/** One buffer for one write; undefined when the frames are too large to be worth copying. */
export type Join = (buffers: readonly Buffer[]) => Buffer | undefined

/**
 * In a group every socket gets the very same frames in a turn: what was joined for one is written to the next
 * as it is, instead of being copied a thousand times.
 */
export function createJoin(): Join {
  let last: readonly Buffer[] = []
  let joined: Buffer | undefined
  return (buffers) => {
    if (buffers.length === 1) return buffers[0]
    if (buffers.length === last.length && buffers.every((b, i) => b === last[i])) return joined
    const size = buffers.reduce((sum, b) => sum + b.length, 0)
    if (size > joinLimit) return undefined
    last = buffers
    joined = Buffer.concat(buffers, size)
    return joined
  }
}

/**
 * Writes ready frames straight to the TCP socket: `ws` would frame each again. Allowed because nothing else is
 * written on it but control frames, which ws also writes whole and at once while compression is off.
 */
export function linkOf(socket: WebSocket, binary: boolean, join: Join): SessionLink {
  const raw = rawSocket(socket)
  return {
    write: (frames) => {
      if (socket.readyState !== socket.OPEN) return
      const buffers = frames.map((frame) =>
        typeof frame === 'string' ? framed(frame, binary) : (frame as Buffer),
      )
      const joined = join(buffers)
      if (joined) {
        raw.write(joined)
        return
      }
      raw.cork()
      for (const buffer of buffers) raw.write(buffer)
      raw.uncork()
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
