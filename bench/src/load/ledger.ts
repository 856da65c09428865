import type { SentColumns } from './plan.ts'

/** All messages of a run, numbered from 0. Times are `performance.now()` milliseconds. */
export class Ledger {
  #size = 0
  #client = new Uint16Array(1 << 16)
  #conversation = new Uint16Array(1 << 16)
  #intended = new Float64Array(1 << 16)
  #written = new Float64Array(1 << 16)
  #seq = new Uint32Array(1 << 16)
  #serverId = new Float64Array(1 << 16)

  get size(): number {
    return this.#size
  }

  add(client: number, intended: number, written: number, conversation = 0): number {
    const n = this.#size++
    if (n === this.#client.length) this.#grow()
    this.#client[n] = client
    this.#conversation[n] = conversation
    this.#intended[n] = intended
    this.#written[n] = written
    return n
  }

  clientOf(n: number): number {
    return this.#client[n] as number
  }

  conversationOf(n: number): number {
    return this.#conversation[n] as number
  }

  intendedAt(n: number): number {
    return this.#intended[n] as number
  }

  writtenAt(n: number): number {
    return this.#written[n] as number
  }

  setWritten(n: number, at: number): void {
    this.#written[n] = at
  }

  isAcked(n: number): boolean {
    return this.#seq[n] !== 0
  }

  setAck(n: number, seq: number, serverId: number): void {
    this.#seq[n] = seq
    this.#serverId[n] = serverId
  }

  columns(): SentColumns {
    return {
      client: this.#client.slice(0, this.#size),
      seq: this.#seq.slice(0, this.#size),
      serverId: this.#serverId.slice(0, this.#size),
    }
  }

  #grow(): void {
    this.#client = doubled(this.#client, new Uint16Array(this.#size * 2))
    this.#conversation = doubled(this.#conversation, new Uint16Array(this.#size * 2))
    this.#intended = doubled(this.#intended, new Float64Array(this.#size * 2))
    this.#written = doubled(this.#written, new Float64Array(this.#size * 2))
    this.#seq = doubled(this.#seq, new Uint32Array(this.#size * 2))
    this.#serverId = doubled(this.#serverId, new Float64Array(this.#size * 2))
  }
}

function doubled<T extends Uint16Array | Uint32Array | Float64Array>(from: T, to: T): T {
  to.set(from)
  return to
}
