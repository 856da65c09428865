import type { ChatMessage } from './api.ts'
import { hiddenForm } from './chat-message.ts'
import { isEqual } from './equality.ts'

/** A message on its way into a timeline. */
export interface Arrival {
  readonly message: ChatMessage
  /** Sent from this very client: a screen shows it already, as on its way. */
  readonly mine: boolean
  /** Known from the answer to a send only: the stored one, when it comes, takes its place. */
  readonly provisional: boolean
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
  /** Lowest seq the user may see, as far as it is known. */
  #bottom = 1
  /** Answers to pulls that are on their way: they may hold states older than what is told meanwhile. */
  #pulling = 0
  #shown: ChatMessage[] = []
  readonly #provisional = new Set<number>()
  readonly #waiting = new Map<number, Arrival>()
  /** Later states told while pulls are on their way. */
  readonly #amended = new Map<number, ChatMessage>()
  /** Deleted by the user for themselves, for good. */
  readonly #hidden = new Set<number>()

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
    return this.#floor > this.#bottom && (first === undefined ? !this.loaded : first.seq === this.#floor)
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
    this.#floor = Math.max(this.#bottom, this.goal - size + 1)
    this.#announced = Math.max(this.#announced, this.#next - 1)
    this.#goal = this.goal
    this.#next = this.#floor
  }

  /** An answer to a pull is on its way; `pulled` when it was taken in, or will never come. */
  pull(): void {
    this.#pulling += 1
  }

  pulled(): void {
    this.#pulling -= 1
    if (this.#pulling === 0) this.#amended.clear()
  }

  /** Whether a message is here, or on its way. */
  has(seq: number): boolean {
    return this.#pulling > 0 || this.#waiting.has(seq) || this.#shown.some((m) => m.seq === seq)
  }

  /** A later state of a message; one that is not here stays away. */
  amend(message: ChatMessage): void {
    if (this.#pulling > 0) this.#amended.set(message.seq, message)
    const held = this.#waiting.get(message.seq)
    if (held) this.#waiting.set(message.seq, { ...held, message: this.#current(message) })
    const at = this.#shown.findLastIndex((m) => m.seq === message.seq)
    if (at < 0) return
    this.#provisional.delete(message.seq)
    this.#put(at, this.#current(message))
  }

  /** A state of a message that was asked for; what was told meanwhile is newer. */
  refresh(message: ChatMessage): void {
    const at = this.#shown.findLastIndex((m) => m.seq === message.seq)
    if (at >= 0) this.#put(at, this.#current(message))
  }

  hide(seqs: readonly number[]): void {
    for (const seq of seqs) this.#hidden.add(seq)
    for (const [seq, held] of this.#waiting) {
      if (this.#hidden.has(seq)) this.#waiting.set(seq, { ...held, message: this.#current(held.message) })
    }
    this.#shown.forEach((m, at) => {
      if (this.#hidden.has(m.seq)) this.#put(at, this.#current(m))
    })
  }

  /** The user's view begins at `seq`: what lies below is let go of. Returns what is now in place. */
  begin(seq: number): ChatMessage[] {
    // History that was closed to the user is open now: the window must be filled anew.
    if (seq < this.#bottom && this.windowed) this.#floor = 0
    this.#bottom = seq
    if (this.#shown.some((m) => m.seq < seq)) this.#shown = this.#shown.filter((m) => m.seq >= seq)
    if (this.windowed) this.#floor = Math.max(this.#floor, seq)
    if (this.started && this.#next < seq) this.#moveTo(seq - 1)
    return this.#drain()
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
    const older = messages.filter((m) => m.seq < first && m.seq >= this.#bottom)
    this.#shown = [...older.map((m) => this.#current(m)), ...this.#shown]
    this.#floor = Math.max(this.#bottom, Math.min(this.#floor, floor))
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
    const message = this.#current(arrival.message)
    if (this.windowed && seq >= this.#bottom) this.#shown.push(message)
    if (arrival.provisional) this.#provisional.add(seq)
    if (seq > this.#announced) fresh.push(message)
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
    if (at >= 0) this.#put(at, this.#current(arrival.message))
  }

  #put(at: number, message: ChatMessage): void {
    if (!isEqual(this.#shown[at], message)) this.#shown[at] = message
  }

  /** The latest that is known of a message. */
  #current(message: ChatMessage): ChatMessage {
    const latest = this.#amended.get(message.seq) ?? message
    return this.#hidden.has(message.seq) && !latest.hidden ? hiddenForm(latest) : latest
  }

  #lowestWaiting(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...this.#waiting.keys())
  }
}
