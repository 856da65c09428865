import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { FrameParser } from '../wire/frame-parser.ts'
import { maskedFrame } from '../wire/masked-frame.ts'

/** A WebSocket whose bytes the caller writes. */
export interface Probe {
  readonly socket: Socket
  /** Frames that came since the last `forget`. */
  readonly heard: readonly Heard[]
  /** Code of the server's close frame; 1005 = it had none; undefined = there was no close frame so far. */
  readonly closeCode: number | undefined
  readonly isEnded: boolean
  /** What the server broke of RFC 6455 itself. */
  readonly broken: string | undefined
  write(bytes: Buffer): void
  forget(): void
  /** Resolves when `isThere` holds or the connection ends; false after `ms`. */
  until(isThere: () => boolean, ms: number): Promise<boolean>
  /** Ends it, and answers whether the server lets go within `ms`. */
  end(ms: number): Promise<boolean>
}

export interface Heard {
  readonly opcode: number
  readonly payload: Buffer
}

export interface Address {
  readonly host: string
  readonly port: number
  readonly token: string
  readonly subprotocol?: string | undefined
}

const handshakeMs = 10_000
const headEnd = Buffer.from('\r\n\r\n')

interface State {
  greeting: Buffer | undefined
  heard: Heard[]
  closeCode: number | undefined
  isEnded: boolean
  broken: string | undefined
  /** Looks again whether what somebody waits for is there. */
  changed(): void
}

/** Rejects when the handshake is refused. */
export async function openProbe(address: Address): Promise<Probe> {
  const socket = connect({ host: address.host, port: address.port, noDelay: true })
  const state: State = {
    ...{ greeting: Buffer.alloc(0), heard: [], closeCode: undefined, isEnded: false, broken: undefined },
    changed: () => undefined,
  }
  const parser = new FrameParser()
  const take = (chunk: Buffer): void => {
    try {
      parser.push(chunk, chunk.length, (bytes, start, end, opcode) => {
        const payload = Buffer.from(bytes.subarray(start, end))
        state.heard.push({ opcode, payload })
        if (opcode === 8) state.closeCode ??= payload.length < 2 ? 1005 : payload.readUInt16BE(0)
      })
    } catch (error) {
      state.broken ??= String(error)
    }
  }
  socket.on('data', (chunk) => {
    if (state.greeting === undefined) take(chunk)
    else greet(state, chunk, take)
    state.changed()
  })
  socket.on('error', () => undefined)
  socket.on('close', () => {
    state.isEnded = true
    state.changed()
  })
  socket.write(upgradeOf(address))
  const probe = probeOf(socket, state)
  const isOpen = await probe.until(
    () => state.greeting === undefined || state.broken !== undefined,
    handshakeMs,
  )
  if (isOpen && !state.isEnded && state.broken === undefined) return probe
  socket.destroy()
  throw new Error(`no WebSocket: ${state.broken ?? state.greeting?.toString('latin1') ?? 'no answer'}`)
}

function greet(state: State, chunk: Buffer, take: (rest: Buffer) => void): void {
  const text = Buffer.concat([state.greeting ?? Buffer.alloc(0), chunk])
  const end = text.indexOf(headEnd)
  if (end < 0) {
    state.greeting = text
    return
  }
  if (!text.toString('latin1').startsWith('HTTP/1.1 101 ')) {
    state.broken = text.toString('latin1')
    return
  }
  state.greeting = undefined
  if (text.length > end + 4) take(text.subarray(end + 4))
}

function probeOf(socket: Socket, state: State): Probe {
  const until = (isThere: () => boolean, ms: number): Promise<boolean> =>
    new Promise((resolve) => {
      const done = (is: boolean): void => {
        clearTimeout(timer)
        state.changed = () => undefined
        resolve(is)
      }
      const timer = setTimeout(() => done(isThere()), ms)
      const look = (): void => {
        if (isThere() || state.isEnded) done(true)
      }
      state.changed = look
      look()
    })
  return {
    socket,
    get heard() {
      return state.heard
    },
    get closeCode() {
      return state.closeCode
    },
    get isEnded() {
      return state.isEnded
    },
    get broken() {
      return state.broken
    },
    write: (bytes) => {
      if (!socket.destroyed) socket.write(bytes)
    },
    forget: () => {
      state.heard = []
    },
    until,
    end: async (ms) => {
      socket.end()
      const isGone = await until(() => false, ms).then(() => state.isEnded)
      socket.destroy()
      return isGone
    },
  }
}

function upgradeOf({ host, port, token, subprotocol }: Address): string {
  const lines = [
    `GET /ws?token=${encodeURIComponent(token)} HTTP/1.1`,
    `Host: ${host}:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    ...(subprotocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${subprotocol}`]),
  ]
  return `${lines.join('\r\n')}\r\n\r\n`
}

/** A ping that nobody else sends, and its pong tells that everything before it was read. */
export function marker(n: number): { readonly frame: Buffer; readonly payload: Buffer } {
  const payload = Buffer.from(`marker ${n}`)
  return { frame: maskedFrame(payload, 9), payload }
}
