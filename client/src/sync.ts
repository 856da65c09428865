import type { Conversation, Message } from '@nexo-im/protocol'
import type { ChatMessage } from './api.ts'
import { chatMessage } from './chat-message.ts'
import { Filler, type FillerParts } from './filler.ts'
import { mayPass } from './passing.ts'
import { type Arrival, Timeline } from './timeline.ts'

export interface SyncParts extends Omit<FillerParts, 'publish' | 'arrival'> {
  readonly me: string
  /** An own message turned out to be stored; true when it was still on its way from here. */
  readonly confirm: (message: Message) => boolean
  /** A message took its place for the first time, and is no history. */
  readonly fresh: (message: ChatMessage) => void
  /** Asks for the row of one conversation. */
  readonly learn: (conversationId: string) => Promise<void>
}

/** Keeps every conversation whole: pushes in order, gaps pulled before anything later is shown (nexo-wire 8, 10.4). */
export class Sync {
  readonly #parts: SyncParts
  readonly #timelines = new Map<string, Timeline>()
  readonly #filler: Filler
  /** Whether the list is known: a conversation that is not in it is new, or was hidden when it was made. */
  #listed = false
  /** While the list or the changes are on their way gaps wait for them: they may tell that they are none. */
  #holding = false

  constructor(parts: SyncParts) {
    this.#parts = parts
    this.#filler = new Filler({
      ...parts,
      publish: (timeline, fresh) => this.#publish(timeline, fresh),
      arrival: (stored) => this.#arrival(stored),
    })
  }

  timeline(id: string): Timeline | undefined {
    return this.#timelines.get(id)
  }

  /** A link is open: the list, or what changed since, is on its way. */
  hold(): void {
    this.#holding = true
  }

  offline(): void {
    this.#holding = false
  }

  close(): void {
    this.#filler.close()
  }

  receive(conversations: Readonly<Record<string, readonly Message[]>>): void {
    for (const messages of Object.values(conversations)) {
      for (const message of messages) this.arrived(this.#arrival(message))
    }
  }

  arrived(arrival: Arrival): void {
    const timeline = this.#ensure(arrival.message.conversationId, arrival.message.seq)
    this.#publish(timeline, timeline.offer(arrival))
    this.#catchUp(timeline)
  }

  /** Pushes were left out on this link: these conversations reach up to these seqs. */
  resync(conversations: Readonly<Record<string, number>>): void {
    for (const [id, seq] of Object.entries(conversations)) {
      const timeline = this.#ensure(id, seq)
      timeline.expect(seq)
      this.#catchUp(timeline)
      if (this.#parts.rows.get(id) === undefined) void this.#parts.learn(id)
    }
  }

  /** The first list is there: conversations, opened ones without a row too, reach up to these seqs. */
  settle(heads: ReadonlyMap<string, number>): void {
    this.#listed = true
    this.#holding = false
    for (const id of heads.keys()) this.#ensure(id)
    for (const timeline of this.#timelines.values()) {
      const head = heads.get(timeline.id) ?? 0
      if (timeline.opened && head > 0 && this.#parts.rows.get(timeline.id) === undefined)
        void this.#parts.learn(timeline.id)
      this.#begin(timeline)
      if (!timeline.started) this.#publish(timeline, timeline.baseline(head))
      else this.#reach(timeline, head)
      this.#parts.touched(timeline.id)
      this.#catchUp(timeline)
    }
  }

  /** Later states were all applied: gaps that are left are real. */
  release(): void {
    this.#holding = false
    for (const timeline of this.#timelines.values()) {
      if (!timeline.started) void this.#place(timeline)
      this.#catchUp(timeline)
    }
  }

  /** The server's word about a conversation, beyond what its row tells. */
  conversation(listed: Conversation): void {
    const known = this.#timelines.get(listed.conversation_id)
    const timeline = known ?? new Timeline(listed.conversation_id)
    this.#timelines.set(timeline.id, timeline)
    this.#begin(timeline)
    if (timeline.started) this.#reach(timeline, listed.max_seq)
    else this.#publish(timeline, timeline.baseline(this.#old(listed)))
    timeline.expect(this.#fetches(timeline) ? listed.max_seq : 0)
    this.#parts.touched(timeline.id)
    this.#catchUp(timeline)
  }

  /** Where the user's view begins, by its row. */
  begin(id: string): void {
    const timeline = this.#timelines.get(id)
    if (timeline) this.#begin(timeline)
  }

  /** Opened conversations that a list does not name. */
  openedWithout(listed: ReadonlyMap<string, unknown>): string[] {
    return [...this.#timelines.values()].filter((t) => t.opened && !listed.has(t.id)).map((t) => t.id)
  }

  /** What was loaded before the position that changes count from may be stale. */
  refresh(): void {
    for (const timeline of this.#timelines.values()) void this.#filler.refresh(timeline)
  }

  /** Resolves when the newest page is there; rejects when the conversation may not be read. */
  open(id: string): Promise<void> {
    // A hidden conversation is not listed; opened, it has a row all the same.
    if (this.#listed && this.#parts.rows.get(id) === undefined) void this.#parts.learn(id)
    return this.#filler.open(this.#ensure(id))
  }

  loadOlder(id: string): Promise<void> {
    return this.#filler.older(this.#ensure(id))
  }

  amend(message: ChatMessage): void {
    this.#timelines.get(message.conversationId)?.amend(message)
    this.#parts.touched(message.conversationId)
  }

  hide(id: string, seqs: readonly number[]): void {
    this.#timelines.get(id)?.hide(seqs)
    this.#parts.touched(id)
  }

  #begin(timeline: Timeline): void {
    const { minSeq } = this.#parts.rows.get(timeline.id) ?? {}
    if (minSeq === undefined) return
    this.#publish(timeline, timeline.begin(minSeq))
    if (timeline.opened && !timeline.windowed) timeline.loaded = false
  }

  #reach(timeline: Timeline, head: number): void {
    // A gap that is being filled is filled to its end, so that every message in it is told.
    const filling = !this.#holding && timeline.behind
    if (this.#fetches(timeline) || filling) timeline.expect(head)
    else this.#publish(timeline, timeline.jump(head))
  }

  #fetches(timeline: Timeline): boolean {
    return timeline.opened || this.#parts.catchUp === 'all'
  }

  /** Up to where a conversation that was unknown until now is no news. */
  #old(listed: Conversation): number {
    if (this.#parts.catchUp === 'opened') return listed.max_seq
    return Math.min(listed.max_seq, Math.max((listed.min_seq ?? 1) - 1, listed.read_seq))
  }

  /** @param seq the first that is known to exist */
  #ensure(id: string, seq = 0): Timeline {
    const known = this.#timelines.get(id)
    if (known) return known
    const timeline = new Timeline(id)
    this.#timelines.set(id, timeline)
    this.#begin(timeline)
    if (!this.#listed || this.#holding) return timeline
    if (seq === 1) timeline.baseline(0)
    else if (seq > 1) void this.#place(timeline)
    return timeline
  }

  /** A conversation that is not listed is new, all of it news; or it was hidden, and what is read of it is old. */
  async #place(timeline: Timeline): Promise<void> {
    const { call, rows } = this.#parts
    let old = 0
    try {
      const listed = await call('conversation.info', { conversation_id: timeline.id })
      if (timeline.started) return
      rows.put(listed)
      this.#begin(timeline)
      old = Math.max((listed.min_seq ?? 1) - 1, listed.read_seq)
    } catch (thrown) {
      // The next link places it.
      if (mayPass(thrown)) return
    }
    this.#publish(timeline, timeline.baseline(old))
    this.#catchUp(timeline)
  }

  /** While the list, or what changed, is on its way gaps wait for it: it may tell that they are none. */
  #catchUp(timeline: Timeline): void {
    if (this.#holding) return
    if (timeline.behind || (timeline.opened && !timeline.loaded)) this.#filler.run(timeline)
  }

  #arrival(stored: Message): Arrival {
    const mine = stored.sender_id === this.#parts.me && this.#parts.confirm(stored)
    return { message: chatMessage(stored), mine, provisional: false }
  }

  #publish(timeline: Timeline, fresh: readonly ChatMessage[]): void {
    for (const message of fresh) {
      if (this.#parts.rows.applied(message)) void this.#parts.learn(message.conversationId)
      this.#parts.fresh(message)
    }
    this.#parts.touched(timeline.id)
  }
}
