import type { PlannedConversation } from './plan.ts'

/** What a push did to the row of seqs that one client has of one conversation. */
export type Step = 'next' | 'again' | 'back' | 'stranger' | number

/**
 * Who sits in which conversation, and the highest seq that each has seen there. Few conversations per client, so a
 * seat is found by looking through a client's own.
 */
export class Seats {
  readonly #ids = new Map<string, number>()
  readonly #members: readonly (readonly number[])[]
  /** Seats of client c are those from `#first[c]` to `#first[c + 1]`. */
  readonly #first: Uint32Array
  readonly #conversation: Uint16Array
  readonly #last: Uint32Array
  /** Highest seq that was acked, of each conversation. */
  readonly #top: Uint32Array

  constructor(clients: number, conversations: readonly PlannedConversation[]) {
    this.#members = conversations.map(({ members }) => members)
    for (const [c, { id }] of conversations.entries()) this.#ids.set(id, c)
    this.#top = new Uint32Array(conversations.length)
    const first = new Uint32Array(clients + 1)
    for (const members of this.#members)
      for (const client of members) first[client + 1] = (first[client + 1] as number) + 1
    for (let client = 0; client < clients; client++)
      first[client + 1] = (first[client + 1] as number) + (first[client] as number)
    this.#first = first
    const seats = first[clients] as number
    this.#conversation = new Uint16Array(seats)
    this.#last = new Uint32Array(seats)
    const next = first.slice()
    for (const [c, members] of this.#members.entries()) {
      for (const client of members) {
        const seat = next[client] as number
        next[client] = seat + 1
        this.#conversation[seat] = c
      }
    }
  }

  /** The only conversation of this client, or its first. */
  homeOf(client: number): number {
    return this.#conversation[this.#first[client] as number] ?? 0
  }

  indexOf(id: string): number | undefined {
    return this.#ids.get(id)
  }

  acked(conversation: number, seq: number): void {
    if (seq > (this.#top[conversation] as number)) this.#top[conversation] = seq
  }

  /** A number is the size of the hole before this seq; the row goes on behind it. */
  pushed(client: number, conversation: number, seq: number): Step {
    const seat = this.#find(client, conversation)
    if (seat < 0) return 'stranger'
    const last = this.#last[seat] as number
    if (seq <= last) return seq === last ? 'again' : 'back'
    this.#last[seat] = seq
    return seq === last + 1 ? 'next' : seq - last - 1
  }

  /** The client was told that it lacks everything up to `seq`; returns how much that is. */
  told(client: number, conversation: number, seq: number): number {
    const seat = this.#find(client, conversation)
    if (seat < 0) return 0
    const lacking = seq - (this.#last[seat] as number)
    if (lacking <= 0) return 0
    this.#last[seat] = seq
    return lacking
  }

  lastOf(client: number, conversation: number): number {
    const seat = this.#find(client, conversation)
    return seat < 0 ? 0 : (this.#last[seat] as number)
  }

  /** Acked messages behind the last one that a member has, over all but `except`. */
  lacking(except: ReadonlySet<number>): number {
    let sum = 0
    for (const [c, members] of this.#members.entries()) {
      const top = this.#top[c] as number
      for (const client of members) {
        if (except.has(client)) continue
        sum += Math.max(0, top - this.lastOf(client, c))
      }
    }
    return sum
  }

  #find(client: number, conversation: number): number {
    const end = this.#first[client + 1] as number
    for (let seat = this.#first[client] as number; seat < end; seat++)
      if (this.#conversation[seat] === conversation) return seat
    return -1
  }
}
