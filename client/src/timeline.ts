import type { Message } from '@nexo-im/protocol'
import type { ChatMessage } from './api.ts'

/** A message on its way into a timeline. */
export interface Arrival {
  readonly message: ChatMessage
  /** Sent from this very client: a screen shows it already, as on its way. */
  readonly mine: boolean
  /** Known from the answer to a send only: the stored one, when it comes, takes its place. */
  readonly provisional: boolean
}

export function chatMessage(stored: Message): ChatMessage {
  return {
    clientMsgId: stored.client_msg_id,
    conversationId: stored.conversation_id,
    seq: stored.seq,
    senderId: stored.sender_id,
    type: stored.msg_type,
    content: stored.content,
    sentAt: stored.send_at,
    status: 'sent',
  }
}

/** Messages held while those before them are fetched; above that they are fetched anew. */
const mostWaiting = 1000

/**
 * The messages of one conversation in the only order there is, seq. Pure state, no effects.
 * Law: what is shown never has a hole that the server could fill; a message enters once, however often it comes.
 */
export class Timeline {
  readonly id: string
  /** Whether a screen looks at it: its messages are kept, and it is caught up after a break. */
  opened = false
  /** Whether the first window is complete. */
  loaded = false
  #next = 0
  #goal = 0
  #announced = 0
  /** Lowest seq that was asked for; 0 before there is a window. */
  #floor = 0
  #shown: ChatMessage[] = []
  readonly #provisional = new Set<number>()
  readonly #waiting = new Map<number, Arrival>()

  constructor(id: string) {
    this.id = id
  }

  /** Whether the position is known: everything up to it was applied, or lies before our time. */
  get started(): boolean {
    return this.#next > 0
  }

  get windowed(): boolean {
    return this.#floor > 0
  }

  /** The first seq not applied yet. */
  get next(): number {
    return this.#next
  }

  /** The highest seq known to exist. */
  get goal(): number {
    return Math.max(this.#goal, this.#next - 1)
  }

  get behind(): boolean {
    return this.started && this.#next <= this.#goal
  }

  /** Whether something has arrived that has to wait. */
  get holds(): boolean {
    return this.#waiting.size > 0
  }

  get floor(): number {
    return this.#floor
  }

  get shown(): readonly ChatMessage[] {
    return this.#shown
  }

  get hasOlder(): boolean {
    const first = this.#shown[0]
    // A first message above what was asked for is where the user's view begins.
    return this.#floor > 1 && (first === undefined ? !this.loaded : first.seq === this.#floor)
  }

  /** Own messages that are numbered already, but must wait for others before them. */
  get mineWaiting(): readonly ChatMessage[] {
    const mine = [...this.#waiting.values()].filter((a) => a.mine).map((a) => a.message)
    return mine.sort((a, b) => a.seq - b.seq).map((m) => ({ ...m, seq: 0, status: 'sending' }))
  }

  /** Sets the position once: everything up to `head` is old, except what has arrived here. Returns what is new. */
  baseline(head: number): ChatMessage[] {
    if (this.started) return []
    this.#announced = Math.min(head, this.#lowestWaiting() - 1)
    this.#next = this.#announced + 1
    this.#goal = Math.max(this.#goal, head)
    return this.#drain()
  }

  /** Notes that messages up to `seq` exist. */
  expect(seq: number): void {
    this.#goal = Math.max(this.#goal, seq)
  }

  /** Lets go of what was missed, up to `seq` or to the first message that has arrived. */
  jump(seq: number): ChatMessage[] {
    const position = Math.min(seq, this.#lowestWaiting() - 1)
    if (position >= this.#next) this.#moveTo(position)
    return this.#drain()
  }

  /** Starts the window anew at the newest `size` messages; they are to be pulled. */
  openWindow(size: number): void {
    this.#shown = []
    this.#provisional.clear()
    this.#floor = Math.max(1, this.goal - size + 1)
    this.#announced = Math.max(this.#announced, this.#next - 1)
    this.#goal = this.goal
    this.#next = this.#floor
  }

  /** Takes a message in. Returns those that are now in place and were never announced, in order. */
  offer(arrival: Arrival): ChatMessage[] {
    const { seq } = arrival.message
    if (this.started && seq < this.#next) {
      this.#replace(arrival)
      return []
    }
    this.expect(seq)
    this.#hold(arrival)
    return this.#drain()
  }

  /** An answer to a pull: all visible messages from `next` to `upTo`. Returns what is new, in order. */
  page(arrivals: readonly Arrival[], upTo: number): ChatMessage[] {
    for (const arrival of arrivals) {
      if (arrival.message.seq < this.#next) this.#replace(arrival)
      else this.#waiting.set(arrival.message.seq, this.#merged(arrival))
    }
    const fresh: ChatMessage[] = []
    const within = [...this.#waiting.keys()].filter((seq) => seq <= upTo).sort((a, b) => a - b)
    for (const seq of within) this.#apply(seq, fresh)
    if (upTo >= this.#next) this.#moveTo(upTo)
    return [...fresh, ...this.#drain()]
  }

  /** What was expected is not there to be read; what waits goes on waiting for the next word of the server. */
  giveUp(): void {
    this.#goal = this.#next - 1
  }

  prepend(messages: readonly ChatMessage[], floor: number): void {
    const first = this.#shown[0]?.seq ?? this.#next
    this.#shown = [...messages.filter((m) => m.seq < first), ...this.#shown]
    this.#floor = Math.min(this.#floor, floor)
  }

  #hold(arrival: Arrival): void {
    if (this.#waiting.size >= mostWaiting && !arrival.mine && arrival.message.seq !== this.#next) return
    this.#waiting.set(arrival.message.seq, this.#merged(arrival))
  }

  #merged(arrival: Arrival): Arrival {
    const held = this.#waiting.get(arrival.message.seq)
    if (held === undefined) return arrival
    const better = held.provisional ? arrival : held
    return { ...better, mine: held.mine || arrival.mine }
  }

  #drain(): ChatMessage[] {
    const fresh: ChatMessage[] = []
    while (this.started && this.#waiting.has(this.#next)) this.#apply(this.#next, fresh)
    return fresh
  }

  #apply(seq: number, fresh: ChatMessage[]): void {
    const arrival = this.#waiting.get(seq)
    this.#waiting.delete(seq)
    if (arrival === undefined || seq < this.#next) return
    if (this.windowed) this.#shown.push(arrival.message)
    if (arrival.provisional) this.#provisional.add(seq)
    if (seq > this.#announced) fresh.push(arrival.message)
    this.#moveTo(seq)
  }

  #moveTo(position: number): void {
    this.#next = position + 1
    this.#announced = Math.max(this.#announced, position)
    for (const seq of this.#waiting.keys()) if (seq <= position) this.#waiting.delete(seq)
  }

  #replace(arrival: Arrival): void {
    const { seq } = arrival.message
    if (arrival.provisional || !this.#provisional.delete(seq)) return
    const at = this.#shown.findLastIndex((m) => m.seq === seq)
    if (at >= 0) this.#shown[at] = arrival.message
  }

  #lowestWaiting(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...this.#waiting.keys())
  }
}
