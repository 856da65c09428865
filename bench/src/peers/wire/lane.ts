import { connect, type Socket } from 'node:net'
import type { Cutter, UnitSink } from './cutter.ts'

export interface LaneAddress {
  readonly host: string
  readonly port: number
}

/** What happens on a lane once it is signed in. */
export interface LaneEvents {
  readBegin(): void
  readonly unit: UnitSink
  /** All units of one read have been seen: the moment to answer them with one write. */
  readEnd(): void
  /** The connection ended without `close` having been called. */
  lost(reason: string): void
}

const greetingMs = 30_000

/** A client's connection to a peer on a bare socket: units are asked for while it signs in, and come by themselves after. */
export class Lane {
  readonly index: number
  readonly socket: Socket
  /** Messages that may be sent now. */
  credit = 0
  /** Sends without a confirmation. */
  outstanding = 0
  /** The numbers of all messages that this client has sent, in their order. */
  readonly sent: number[] = []
  /** Number of the last message that came here. */
  lastPushed = -1
  readonly #cutter: Cutter
  readonly #heard: string[] = []
  #events: LaneEvents | undefined
  #wanted: PromiseWithResolvers<string> | undefined
  #reason: string | undefined
  #closed = false

  /** @param shared one read buffer for all lanes: each read is used up before the next begins */
  constructor(index: number, address: LaneAddress, cutter: Cutter, shared: Uint8Array) {
    this.index = index
    this.#cutter = cutter
    this.socket = connect({
      host: address.host,
      port: address.port,
      noDelay: true,
      onread: { buffer: shared, callback: (length, bytes) => this.#read(length, bytes) },
    })
    this.socket.on('error', (error) => this.#end(error.message))
    this.socket.on('close', () => this.#end('closed by the server'))
    this.socket.resume()
  }

  write(text: string): void {
    this.socket.write(text)
  }

  /** The next unit while signing in, as text; rejects when the connection ends or nothing comes for 30 s. */
  async next(): Promise<string> {
    const heard = this.#heard.shift()
    if (heard !== undefined) return heard
    if (this.#reason !== undefined) throw new Error(this.#reason)
    const wanted = Promise.withResolvers<string>()
    this.#wanted = wanted
    const late = setTimeout(() => wanted.reject(new Error(`nothing came for ${greetingMs} ms`)), greetingMs)
    try {
      return await wanted.promise
    } finally {
      clearTimeout(late)
    }
  }

  /** The next unit that this is true of; others are left out. */
  async until(isIt: (unit: string) => boolean): Promise<string> {
    for (;;) {
      const unit = await this.next()
      if (isIt(unit)) return unit
    }
  }

  /** From now on units are events. */
  serve(events: LaneEvents): void {
    this.#events = events
    events.readBegin()
    for (const unit of this.#heard.splice(0)) {
      const bytes = Buffer.from(unit)
      events.unit(bytes, 0, bytes.length)
    }
    if (this.#reason !== undefined) events.lost(this.#reason)
  }

  close(): void {
    this.#closed = true
    this.socket.destroy()
  }

  #read(length: number, bytes: Uint8Array): boolean {
    try {
      this.#events?.readBegin()
      this.#cutter.push(bytes, length, (all, start, end) => this.#take(all, start, end))
      this.#events?.readEnd()
    } catch (error) {
      this.#end(error instanceof Error ? error.message : String(error))
    }
    return true
  }

  #take(bytes: Uint8Array, start: number, end: number): void {
    if (this.#events !== undefined) return this.#events.unit(bytes, start, end)
    const unit = textOf(bytes, start, end)
    const wanted = this.#wanted
    this.#wanted = undefined
    if (wanted === undefined) this.#heard.push(unit)
    else wanted.resolve(unit)
  }

  #end(reason: string): void {
    if (this.#closed) return
    this.close()
    this.#reason = reason
    this.#wanted?.reject(new Error(reason))
    this.#events?.lost(reason)
  }
}

export function textOf(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString()
}
