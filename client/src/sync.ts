import {
  asImError,
  type FrameOutput,
  ImError,
  type Input,
  type Message,
  type OperationName,
} from '@nexo-im/protocol'
import type { ChatMessage } from './api.ts'
import { backoff } from './backoff.ts'
import type { Clock } from './clock.ts'
import type { Rows } from './rows.ts'
import { type Arrival, chatMessage, Timeline } from './timeline.ts'

export type Call = <N extends OperationName>(name: N, input: Input<N>) => Promise<FrameOutput<N>>

export interface SyncParts {
  readonly me: string
  readonly call: Call
  readonly clock: Clock
  readonly random: () => number
  readonly rows: Rows
  /** Whether everything missed is fetched after a break, or only in opened conversations. */
  readonly catchUp: 'opened' | 'all'
  /** An own message turned out to be stored; true when it was still on its way from here. */
  readonly confirm: (message: Message) => boolean
  readonly touched: (conversationId: string) => void
  /** A message took its place for the first time, and is no history. */
  readonly fresh: (message: ChatMessage) => void
}

const pullLimit = 100
const windowSize = 50
/** Messages missed after which an opened conversation starts over at its newest page instead of pulling them all. */
const farBehind = 1000

interface Work {
  running: boolean
  failures: number
  disarm?: () => void
  opening?: PromiseWithResolvers<void>
  older?: Promise<void>
}

/** Keeps every conversation whole: pushes in order, gaps pulled before anything later is shown (nexo-wire 8, 10.4). */
export class Sync {
  readonly #parts: SyncParts
  readonly #timelines = new Map<string, Timeline>()
  readonly #work = new Map<Timeline, Work>()
  readonly #learning = new Set<string>()
  /** Counts the links; 0 while there is none. A list asked for on an older one is void. */
  #round = 0
  #links = 0
  #listed = false
  #listing = false
  #closed = false
  #disarm: (() => void) | undefined

  constructor(parts: SyncParts) {
    this.#parts = parts
  }

  timeline(id: string): Timeline | undefined {
    return this.#timelines.get(id)
  }

  /** A link is open: lists the conversations and catches up. */
  online(): void {
    this.#round = ++this.#links
    this.#listing = true
    void this.#list(this.#round, 1)
  }

  offline(): void {
    this.#round = 0
    this.#listing = false
    this.#disarm?.()
  }

  close(): void {
    this.#closed = true
    this.offline()
    for (const work of this.#work.values()) {
      work.disarm?.()
      work.opening?.reject(new ImError('connection_closed', { detail: 'the session was closed' }))
    }
  }

  receive(conversations: Readonly<Record<string, readonly Message[]>>): void {
    for (const messages of Object.values(conversations)) {
      for (const message of messages) this.arrived(this.#arrival(message))
    }
  }

  arrived(arrival: Arrival): void {
    const timeline = this.#ensure(arrival.message.conversationId)
    this.#publish(timeline, timeline.offer(arrival))
    this.#catchUp(timeline)
  }

  /** Pushes were left out on this link: these conversations reach up to these seqs. */
  resync(conversations: Readonly<Record<string, number>>): void {
    for (const [id, seq] of Object.entries(conversations)) {
      const timeline = this.#ensure(id)
      timeline.expect(seq)
      this.#catchUp(timeline)
      if (this.#parts.rows.get(id) === undefined) void this.learn(id)
    }
  }

  /** Asks for the row of one conversation; the next list repairs what fails here. */
  async learn(id: string): Promise<void> {
    if (this.#learning.has(id)) return
    this.#learning.add(id)
    try {
      this.#parts.rows.put(await this.#parts.call('conversation.info', { conversation_id: id }))
      this.#parts.touched(id)
    } catch {
      // Unknown to the server, or no connection: both are told by the list.
    } finally {
      this.#learning.delete(id)
    }
  }

  /** Resolves when the newest page is there; rejects when the conversation may not be read. */
  open(id: string): Promise<void> {
    const timeline = this.#ensure(id)
    const work = this.#workOf(timeline)
    if (timeline.loaded) return Promise.resolve()
    if (work.opening === undefined) {
      work.opening = Promise.withResolvers<void>()
      work.opening.promise.catch(() => undefined)
      timeline.opened = true
      this.#parts.touched(id)
      this.#run(timeline)
    }
    return work.opening.promise
  }

  loadOlder(id: string): Promise<void> {
    const timeline = this.#ensure(id)
    const work = this.#workOf(timeline)
    if (!timeline.loaded || !timeline.hasOlder) return Promise.resolve()
    work.older ??= this.#older(timeline).finally(() => {
      delete work.older
    })
    return work.older
  }

  async #older(timeline: Timeline): Promise<void> {
    const end = timeline.floor - 1
    const begin = Math.max(1, end - windowSize + 1)
    const { messages } = await this.#pull(timeline, begin, end)
    timeline.prepend(messages.map(chatMessage), begin)
    this.#parts.touched(timeline.id)
  }

  async #list(round: number, attempt: number): Promise<void> {
    try {
      const listed = await this.#parts.call('conversation.all', { with_last_message: true })
      const heads = new Map(listed.map((c) => [c.conversation_id, c.max_seq]))
      // Conversations without a message are opened, but not listed.
      const unlisted = [...this.#timelines.values()]
        .filter((t) => t.opened && !heads.has(t.id))
        .map((t) => t.id)
      if (unlisted.length > 0) {
        const { seqs } = await this.#parts.call('message.newest_seqs', {
          conversation_ids: unlisted.slice(0, 1000),
        })
        for (const [id, seq] of Object.entries(seqs)) heads.set(id, seq)
      }
      if (round !== this.#round) return
      for (const row of listed) this.#parts.rows.put(row)
      this.#listing = false
      this.#listed = true
      this.#settle(heads)
    } catch {
      if (round !== this.#round) return
      this.#disarm = this.#parts.clock.after(backoff(attempt, this.#parts.random), () => {
        void this.#list(round, attempt + 1)
      })
    }
  }

  #settle(heads: ReadonlyMap<string, number>): void {
    for (const id of heads.keys()) this.#ensure(id)
    for (const timeline of this.#timelines.values()) {
      const head = heads.get(timeline.id) ?? 0
      if (!timeline.started) this.#publish(timeline, timeline.baseline(head))
      else if (timeline.opened || this.#parts.catchUp === 'all') timeline.expect(head)
      else this.#publish(timeline, timeline.jump(head))
      this.#parts.touched(timeline.id)
      this.#catchUp(timeline)
    }
  }

  #ensure(id: string): Timeline {
    const known = this.#timelines.get(id)
    if (known) return known
    const timeline = new Timeline(id)
    this.#timelines.set(id, timeline)
    // After the first list an unknown conversation is a new one: all of it is news.
    if (this.#listed && !this.#listing) timeline.baseline(0)
    return timeline
  }

  #workOf(timeline: Timeline): Work {
    const known = this.#work.get(timeline)
    if (known) return known
    const work: Work = { running: false, failures: 0 }
    this.#work.set(timeline, work)
    return work
  }

  /** While the list is on its way gaps wait for it: it may tell that they are none. */
  #catchUp(timeline: Timeline): void {
    if (this.#listing) return
    if (timeline.behind || (timeline.opened && !timeline.loaded)) this.#run(timeline)
  }

  #run(timeline: Timeline): void {
    const work = this.#workOf(timeline)
    if (work.running || this.#closed) return
    work.running = true
    work.disarm?.()
    this.#fill(timeline).then(
      () => {
        work.running = false
        work.failures = 0
        // A push may have come between the last look and this line.
        if (timeline.behind || timeline.opened !== timeline.loaded) this.#run(timeline)
        else if (timeline.loaded) work.opening?.resolve()
      },
      (thrown: unknown) => {
        work.running = false
        this.#failed(timeline, work, asImError(thrown))
      },
    )
  }

  async #fill(timeline: Timeline): Promise<void> {
    for (;;) {
      if (timeline.opened && this.#needsWindow(timeline)) await this.#openWindow(timeline)
      if (!timeline.behind || this.#closed) break
      await this.#fillPage(timeline)
    }
    timeline.loaded = timeline.opened
    this.#parts.touched(timeline.id)
  }

  #needsWindow(timeline: Timeline): boolean {
    const far = this.#parts.catchUp === 'opened' && timeline.goal - timeline.next > farBehind
    return !timeline.windowed || far
  }

  async #openWindow(timeline: Timeline): Promise<void> {
    // What no list has named may still exist: its first push may have been lost.
    if (!timeline.started || this.#parts.rows.get(timeline.id) === undefined) {
      const { max_seq: head } = await this.#parts.call('message.max_seq', { conversation_id: timeline.id })
      this.#publish(timeline, timeline.baseline(head))
      timeline.expect(head)
    }
    timeline.openWindow(windowSize)
  }

  async #fillPage(timeline: Timeline): Promise<void> {
    const end = timeline.goal
    const { messages, max_seq: visible } = await this.#pull(timeline, timeline.next, end)
    const last = messages.at(-1)?.seq ?? 0
    // A short page is complete up to what existed when it was asked for, never beyond: the two numbers race.
    const complete = messages.length < pullLimit
    const upTo = complete ? Math.max(last, Math.min(end, visible)) : last
    this.#publish(
      timeline,
      timeline.page(
        messages.map((m) => this.#arrival(m)),
        upTo,
      ),
    )
    if (!complete || upTo >= end || timeline.goal > end) return
    // Pushed, but not to be read: a node behind the others, or the view was closed. Only the first one heals.
    if (timeline.holds && this.#workOf(timeline).failures < 5) throw new ImError('pull_failed')
    timeline.giveUp()
  }

  #failed(timeline: Timeline, work: Work, error: ImError): void {
    if (this.#closed) return
    if (!error.row.retry && error.kind !== 'internal') {
      timeline.giveUp()
      if (!timeline.loaded) timeline.opened = false
      work.opening?.reject(error)
      delete work.opening
      this.#parts.touched(timeline.id)
      return
    }
    work.failures += 1
    work.disarm = this.#parts.clock.after(backoff(work.failures, this.#parts.random), () =>
      this.#run(timeline),
    )
  }

  #pull(timeline: Timeline, begin: number, end: number): Promise<FrameOutput<'message.pull'>> {
    return this.#parts.call('message.pull', {
      conversation_id: timeline.id,
      begin_seq: begin,
      end_seq: end,
      limit: pullLimit,
    })
  }

  #arrival(stored: Message): Arrival {
    const mine = stored.sender_id === this.#parts.me && this.#parts.confirm(stored)
    return { message: chatMessage(stored), mine, provisional: false }
  }

  #publish(timeline: Timeline, fresh: readonly ChatMessage[]): void {
    for (const message of fresh) {
      if (this.#parts.rows.applied(message)) void this.learn(message.conversationId)
      this.#parts.fresh(message)
    }
    this.#parts.touched(timeline.id)
  }
}
