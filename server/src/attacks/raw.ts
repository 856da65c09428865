import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** TCP and WebSocket by hand: what no client library would send. */

/** An open TCP connection to the server. */
export async function dial(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  socket.on('error', () => undefined)
  return socket
}

export interface Exchange {
  /** Everything the server said. */
  readonly said: string
  /** Whether the server ended the connection. */
  readonly closed: boolean
}

/**
 * Writes and listens until the server ends the connection, or has been silent for `quiet` ms behind its first word, or
 * has said nothing at all for two seconds.
 */
export async function exchange(url: string, bytes: string | Buffer, quiet = 400): Promise<Exchange> {
  const socket = await dial(url)
  let said = ''
  const ended = await new Promise<boolean>((resolve) => {
    let timer = setTimeout(() => resolve(false), Math.max(quiet, 2000))
    socket.on('data', (chunk) => {
      said += chunk.toString('latin1')
      clearTimeout(timer)
      timer = setTimeout(() => resolve(false), quiet)
    })
    socket.on('close', () => {
      clearTimeout(timer)
      resolve(true)
    })
    socket.write(bytes)
  })
  socket.destroy()
  return { said, closed: ended }
}

/** Status codes of all answers in what was said. */
export const statusesIn = (said: string): number[] =>
  [...said.matchAll(/HTTP\/1\.1 (\d{3})/g)].map((match) => Number(match[1]))

/** Status of a handshake; `lines` are further headers, each with its line end. */
export async function handshake(url: string, token: string, lines = ''): Promise<number> {
  const { said } = await exchange(
    url,
    `GET /ws?token=${token} HTTP/1.1\r\nHost: ${new URL(url).host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${lines}\r\n`,
    120,
  )
  return statusesIn(said)[0] ?? 0
}

interface FrameShape {
  readonly opcode: number
  readonly payload?: Buffer | string
  /** False: more fragments follow. */
  readonly fin?: boolean
  /** The three reserved bits. */
  readonly rsv?: number
  readonly masked?: boolean
  /** The length that the header claims, whatever the payload is. */
  readonly claims?: number
}

/** One frame as a client writes it, or as no client should. */
export function frame({
  opcode,
  payload = '',
  fin = true,
  rsv = 0,
  masked = true,
  claims,
}: FrameShape): Buffer {
  const data = Buffer.from(payload)
  const length = claims ?? data.length
  const first = (fin ? 0x80 : 0) | (rsv << 4) | opcode
  const mask = masked ? 0x80 : 0
  const head =
    length < 126
      ? Buffer.from([first, mask | length])
      : length < 65_536
        ? Buffer.from([first, mask | 126, length >> 8, length & 255])
        : longHead(first, mask, length)
  if (!masked) return Buffer.concat([head, data])
  const key = randomBytes(4)
  return Buffer.concat([head, key, data.map((byte, i) => byte ^ (key[i & 3] ?? 0))])
}

function longHead(first: number, mask: number, length: number): Buffer {
  const head = Buffer.alloc(10)
  head[0] = first
  head[1] = mask | 127
  head.writeBigUInt64BE(BigInt(length), 2)
  return head
}

export interface RawWebSocket {
  readonly tcp: Socket
  /** Code of the server's close frame, 0 when it ended without one. */
  readonly closed: Promise<number>
  /** Bytes that came from the server after the handshake. */
  readonly heard: () => number
}

/** A WebSocket whose frames are written by the caller. Throws when the handshake is refused. */
export async function openRaw(
  url: string,
  token: string,
  extensions = '',
): Promise<RawWebSocket & { readonly head: string }> {
  const tcp = await dial(url)
  const offered = extensions === '' ? '' : `Sec-WebSocket-Extensions: ${extensions}\r\n`
  tcp.write(
    `GET /ws?token=${token} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n` +
      `Sec-WebSocket-Protocol: nexo.v1\r\n${offered}\r\n`,
  )
  let bytes = Buffer.alloc(0)
  let heard = 0
  let head = ''
  let code = 0
  const opened = Promise.withResolvers<void>()
  const closed = Promise.withResolvers<number>()
  tcp.on('data', (chunk) => {
    bytes = Buffer.concat([bytes, chunk])
    if (head === '') {
      const end = bytes.indexOf('\r\n\r\n')
      if (end < 0) return
      head = bytes.subarray(0, end).toString()
      bytes = bytes.subarray(end + 4)
      if (!head.startsWith('HTTP/1.1 101')) return opened.reject(new Error(head.split('\r\n')[0]))
      opened.resolve()
    }
    heard += bytes.length
    const seen = closeCodeIn(bytes)
    bytes = seen.rest
    code ||= seen.code
  })
  tcp.on('close', () => closed.resolve(code))
  await opened.promise
  return { tcp, head, closed: closed.promise, heard: () => heard }
}

/** Walks over whole frames of the server, which are never masked. */
function closeCodeIn(bytes: Buffer): { code: number; rest: Buffer<ArrayBuffer> } {
  let at = 0
  let code = 0
  while (bytes.length - at >= 2) {
    const opcode = (bytes[at] ?? 0) & 15
    const short = (bytes[at + 1] ?? 0) & 127
    const head = short === 126 ? 4 : short === 127 ? 10 : 2
    if (bytes.length - at < head) break
    const length =
      short === 126
        ? bytes.readUInt16BE(at + 2)
        : short === 127
          ? Number(bytes.readBigUInt64BE(at + 2))
          : short
    if (bytes.length - at < head + length) break
    if (opcode === 8 && length >= 2) code = bytes.readUInt16BE(at + head)
    at += head + length
  }
  return { code, rest: Buffer.from(bytes.subarray(at)) }
}
