import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { FrameParser, type FrameSink } from './frame-parser.ts'
import { maskedFrame, opcodes } from './masked-frame.ts'

export interface LinkAddress {
  readonly host: string
  readonly port: number
  /** Source address, for more connections than one address has ports. */
  readonly from?: string
  readonly token: string
  readonly subprotocol?: string
}

export interface LinkEvents {
  frame(link: Link, bytes: Uint8Array, start: number, end: number): void
  /** All frames of one read have been seen: the moment to answer them with one write. */
  readEnd(link: Link): void
  /** The connection ended without `close` having been called. */
  lost(link: Link, reason: string): void
}

/** One read buffer for all links: each read is used up before the next begins. */
export function readBuffer(): Uint8Array {
  return new Uint8Array(256 * 1024)
}

/** A WebSocket connection on a bare socket. */
export class Link {
  readonly index: number
  readonly socket: Socket
  /** Frames that may be sent now. */
  credit = 0
  /** Sends without an answer. */
  outstanding = 0
  readonly #events: LinkEvents
  readonly #parser = new FrameParser()
  readonly #sink: FrameSink
  #greeting: Buffer | undefined = Buffer.alloc(0)
  #closed = false
  readonly #opened: PromiseWithResolvers<Link> = Promise.withResolvers()

  constructor(index: number, address: LinkAddress, shared: Uint8Array, events: LinkEvents) {
    this.index = index
    this.#events = events
    this.#sink = (bytes, start, end, opcode) => this.#take(bytes, start, end, opcode)
    this.socket = connect({
      host: address.host,
      port: address.port,
      ...(address.from === undefined ? {} : { localAddress: address.from }),
      noDelay: true,
      onread: { buffer: shared, callback: (length, bytes) => this.#read(length, bytes) },
    })
    this.socket.on('connect', () => this.socket.write(upgradeRequest(address)))
    this.socket.on('error', (error) => this.#end(error.message))
    this.socket.on('close', () => this.#end('closed by the server'))
    this.socket.resume()
  }

  /** Resolves when the server has switched protocols. */
  opened(): Promise<Link> {
    return this.#opened.promise
  }

  /** Reads nothing until `resume`: what the server sends waits in the network, then at the server. */
  pause(): void {
    this.socket.pause()
  }

  resume(): void {
    this.socket.resume()
  }

  close(): void {
    this.#closed = true
    this.socket.destroy()
  }

  #read(length: number, bytes: Uint8Array): boolean {
    try {
      if (this.#greeting === undefined) this.#parser.push(bytes, length, this.#sink)
      else this.#greet(Buffer.from(bytes.subarray(0, length)))
      this.#events.readEnd(this)
    } catch (error) {
      this.#end(error instanceof Error ? error.message : String(error))
    }
    return true
  }

  #greet(bytes: Buffer): void {
    const text = Buffer.concat([this.#greeting ?? Buffer.alloc(0), bytes])
    const end = text.indexOf('\r\n\r\n')
    if (end < 0) {
      this.#greeting = text
      return
    }
    const head = text.subarray(0, end).toString('latin1')
    if (!head.startsWith('HTTP/1.1 101 ')) {
      throw new Error(`the upgrade was refused: ${text.toString('latin1').replaceAll('\r\n', ' | ')}`)
    }
    this.#greeting = undefined
    this.#opened.resolve(this)
    const rest = text.subarray(end + 4)
    if (rest.length > 0) this.#parser.push(rest, rest.length, this.#sink)
  }

  #take(bytes: Uint8Array, start: number, end: number, opcode: number): void {
    if (opcode === opcodes.text || opcode === opcodes.binary)
      return this.#events.frame(this, bytes, start, end)
    if (opcode === opcodes.ping) this.socket.write(maskedFrame(bytes.subarray(start, end), opcodes.pong))
    else if (opcode === opcodes.close)
      this.#end(`close code ${((bytes[start] ?? 0) << 8) | (bytes[start + 1] ?? 0)}`)
  }

  #end(reason: string): void {
    if (this.#closed) return
    this.close()
    this.#opened.reject(new Error(reason))
    if (this.#greeting === undefined) this.#events.lost(this, reason)
  }
}

function upgradeRequest(address: LinkAddress): string {
  const lines = [
    `GET /ws?token=${encodeURIComponent(address.token)} HTTP/1.1`,
    `Host: ${address.host}:${address.port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
  ]
  if (address.subprotocol !== undefined) lines.push(`Sec-WebSocket-Protocol: ${address.subprotocol}`)
  return `${lines.join('\r\n')}\r\n\r\n`
}
