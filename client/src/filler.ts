import { asImError, type FrameOutput, ImError, type Message } from '@nexo-im/protocol'
import type { ChatMessage } from './api.ts'
import { backoff } from './backoff.ts'
import type { Call } from './call.ts'
import { chatMessage } from './chat-message.ts'
import type { Clock } from './clock.ts'
import { mayPass } from './passing.ts'
import type { Rows } from './rows.ts'
import type { Arrival, Timeline } from './timeline.ts'

export interface FillerParts {
  readonly call: Call
  readonly clock: Clock
  readonly random: () => number
  readonly rows: Rows
  /** Whether a long way behind is worth every message, or the newest page will do. */
  readonly catchUp: 'opened' | 'all'
  readonly touched: (conversationId: string) => void
  /** Messages that took their place. */
  readonly publish: (timeline: Timeline, fresh: readonly ChatMessage[]) => void
  readonly arrival: (stored: Message) => Arrival
  /** Loads what belongs to a stretch of history beside its messages; never rejects. */
  readonly beside: (conversationId: string, begin: number, end: number) => Promise<void>
  /** A message that others have reacted to came into a loaded stretch. */
  readonly reacted: (conversationId: string, seq: number) => void
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
  /** What belongs beside the window that was opened, and up to which seq it was asked for. */
  beside?: { readonly done: Promise<void>; readonly end: number }
}

/** Pulls what timelines miss: gaps, windows of opened conversations, older pages; tries again what failed for now. */
export class Filler {
  readonly #parts: FillerParts
  readonly #work = new Map<Timeline, Work>()
  #closed = false

  constructor(parts: FillerParts) {
    this.#parts = parts
  }

  close(): void {
    this.#closed = true
    for (const work of this.#work.values()) {
      work.disarm?.()
      work.opening?.reject(new ImError('connection_closed', { detail: 'the session was closed' }))
    }
  }

  /** Resolves when the newest page is there; rejects when the conversation may not be read. */
  open(timeline: Timeline): Promise<void> {
    const work = this.#workOf(timeline)
    if (timeline.loaded && timeline.opened) return Promise.resolve()
    if (work.opening === undefined) {
      work.opening = Promise.withResolvers<void>()
      work.opening.promise.catch(() => undefined)
      timeline.opened = true
      this.#parts.touched(timeline.id)
      this.run(timeline)
    }
    return work.opening.promise
  }

  older(timeline: Timeline): Promise<void> {
    const work = this.#workOf(timeline)
    if (!timeline.loaded || !timeline.hasOlder) return Promise.resolve()
    work.older ??= this.#loadOlder(timeline).finally(() => {
      delete work.older
    })
    return work.older
  }

  async #loadOlder(timeline: Timeline): Promise<void> {
    const end = timeline.floor - 1
    const begin = Math.max(1, end - windowSize + 1)
    const beside = this.#parts.beside(timeline.id, begin, end)
    await this.#pull(timeline, begin, end, ({ messages }) => {
      timeline.prepend(messages.map(chatMessage), begin)
    })
    await beside
    this.#parts.touched(timeline.id)
  }

  /** What is shown was loaded before anybody told of changes: takes in what it has become. */
  async refresh(timeline: Timeline): Promise<void> {
    if (!timeline.windowed) return
    const { id, floor, next } = timeline
    const beside = this.#parts.beside(id, floor, next - 1)
    try {
      for (let begin = floor; begin < next; begin += pullLimit) {
        const end = Math.min(next - 1, begin + pullLimit - 1)
        await this.#pull(timeline, begin, end, ({ messages }) => {
          for (const message of messages) timeline.refresh(chatMessage(message))
        })
      }
    } catch {
      // The next full load repairs it.
    }
    await beside
    this.#parts.touched(id)
  }

  #workOf(timeline: Timeline): Work {
    const known = this.#work.get(timeline)
    if (known) return known
    const work: Work = { running: false, failures: 0 }
    this.#work.set(timeline, work)
    return work
  }

  run(timeline: Timeline): void {
    const work = this.#workOf(timeline)
    if (work.running || this.#closed) return
    work.running = true
    work.disarm?.()
    this.#fill(timeline).then(
      () => {
        work.running = false
        work.failures = 0
        // A push may have come between the last look and this line.
        if (timeline.behind || timeline.opened !== timeline.loaded) this.run(timeline)
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
    await this.#workOf(timeline).beside?.done
    timeline.loaded = timeline.opened && timeline.windowed
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
      this.#parts.publish(timeline, timeline.baseline(head))
      timeline.expect(head)
    }
    timeline.openWindow(windowSize)
    const { floor, goal } = timeline
    const done = this.#parts.beside(timeline.id, floor, goal)
    this.#workOf(timeline).beside = { done, end: goal }
  }

  async #fillPage(timeline: Timeline): Promise<void> {
    const end = timeline.goal
    const { upTo, complete } = await this.#pull(timeline, timeline.next, end, (answer) => {
      const { messages, max_seq: visible } = answer
      const last = messages.at(-1)?.seq ?? 0
      // A short page is complete up to what existed when it was asked for, never beyond: the two numbers race.
      const isShort = messages.length < pullLimit
      const top = isShort ? Math.max(last, Math.min(end, visible)) : last
      const arrivals = messages.map(this.#parts.arrival)
      this.#parts.publish(timeline, timeline.page(arrivals, top))
      this.#reactions(timeline, arrivals)
      return { upTo: top, complete: isShort }
    })
    if (!complete || upTo >= end || timeline.goal > end) return
    // Pushed, but not to be read: a node behind the others, or the view was closed. Only the first one heals.
    if (timeline.holds && this.#workOf(timeline).failures < 5) throw new ImError('pull_failed')
    timeline.giveUp()
  }

  /** Own reactions are no part of a message; those of the window were asked for with it. */
  #reactions(timeline: Timeline, arrivals: readonly Arrival[]): void {
    const asked = this.#workOf(timeline).beside?.end ?? 0
    if (!timeline.windowed) return
    for (const { message } of arrivals) {
      if (message.reactions && message.seq > asked) this.#parts.reacted(timeline.id, message.seq)
    }
  }

  #failed(timeline: Timeline, work: Work, error: ImError): void {
    if (this.#closed) return
    if (!mayPass(error)) {
      timeline.giveUp()
      if (!timeline.loaded) timeline.opened = false
      work.opening?.reject(error)
      delete work.opening
      this.#parts.touched(timeline.id)
      return
    }
    work.failures += 1
    work.disarm = this.#parts.clock.after(backoff(work.failures, this.#parts.random), () =>
      this.run(timeline),
    )
  }

  async #pull<T>(
    timeline: Timeline,
    begin: number,
    end: number,
    take: (answer: FrameOutput<'message.pull'>) => T,
  ): Promise<T> {
    timeline.pull()
    try {
      const stretch = { conversation_id: timeline.id, begin_seq: begin, end_seq: end, limit: pullLimit }
      return take(await this.#parts.call('message.pull', stretch))
    } finally {
      timeline.pulled()
    }
  }
}
