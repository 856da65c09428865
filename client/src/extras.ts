import type { Notice } from '@nexo-im/protocol'
import { backoff } from './backoff.ts'
import type { Call } from './call.ts'
import type { Clock } from './clock.ts'
import { mayPass } from './passing.ts'

export interface ExtrasParts {
  readonly call: Call
  readonly clock: Clock
  readonly random: () => number
  /** Messages that the user deleted for themselves. */
  readonly hide: (conversationId: string, seqs: readonly number[]) => void
  readonly touched: (conversationId: string) => void
}

/** Seqs that one question covers. */
const page = 100
/** ms in which messages that were reacted to are gathered before the own reactions are asked for; spread, as many look. */
const gather = 1000
const spread = 2000

interface Beside {
  readonly notices: Map<number, Notice>
  readonly mine: Map<number, readonly string[]>
  /** The same as `notices`, in order; made when first asked for. */
  sorted?: readonly Notice[]
  /** Stretch whose own reactions are to be asked for. */
  stale?: { from: number; to: number }
  disarm?: () => void
}

const none: readonly Notice[] = []

/** What belongs to opened conversations beside their messages: notices, own reactions, own deletions. */
export class Extras {
  readonly #parts: ExtrasParts
  readonly #beside = new Map<string, Beside>()
  readonly #retries = new Set<() => void>()
  #closed = false

  constructor(parts: ExtrasParts) {
    this.#parts = parts
  }

  /** By `at_seq`, then by position. */
  notices(id: string): readonly Notice[] {
    const beside = this.#beside.get(id)
    if (beside === undefined) return none
    beside.sorted ??= [...beside.notices.values()].sort(
      (a, b) => a.at_seq - b.at_seq || a.position - b.position,
    )
    return beside.sorted
  }

  /** Emojis the own user reacted to a message with. */
  mine(id: string, seq: number): readonly string[] | undefined {
    return this.#beside.get(id)?.mine.get(seq)
  }

  /**
   * Loads what belongs to a stretch, both ends inclusive; what stands in front of the first visible message comes with
   * that. Never rejects: what fails now is tried again later.
   */
  async load(id: string, begin: number, end: number, attempt = 1): Promise<void> {
    const known = this.#beside.get(id)
    if (known === undefined) this.#beside.set(id, { notices: new Map(), mine: new Map() })
    try {
      for (let from = begin; from <= Math.max(begin, end); from += page) {
        await this.#ask(id, from, Math.min(end, from + page - 1))
      }
    } catch (thrown) {
      if (!mayPass(thrown) || this.#closed) return
      const wait = backoff(attempt, this.#parts.random)
      const disarm = this.#parts.clock.after(wait, () => {
        this.#retries.delete(disarm)
        void this.load(id, begin, end, attempt + 1)
      })
      this.#retries.add(disarm)
    }
    this.#parts.touched(id)
  }

  async #ask(id: string, begin: number, end: number): Promise<void> {
    const stretch = { conversation_id: id, begin_seq: begin, end_seq: end }
    const answer = await this.#parts.call('conversation.extras', stretch)
    const beside = this.#beside.get(id)
    if (beside === undefined) return
    for (const seq of beside.mine.keys()) if (seq >= begin && seq <= end) beside.mine.delete(seq)
    for (const { seq, emoji } of answer.my_reactions) {
      beside.mine.set(seq, [...(beside.mine.get(seq) ?? []), emoji])
    }
    for (const notice of answer.notices) this.#put(beside, notice)
    if (answer.hidden_seqs.length > 0) this.#parts.hide(id, answer.hidden_seqs)
  }

  notice(notice: Notice): void {
    const beside = this.#beside.get(notice.conversation_id)
    if (beside === undefined) return
    this.#put(beside, notice)
    this.#parts.touched(notice.conversation_id)
  }

  #put(beside: Beside, notice: Notice): void {
    if (beside.notices.has(notice.position)) return
    beside.notices.set(notice.position, notice)
    delete beside.sorted
  }

  /** The own user reacted, from here. */
  react(id: string, seq: number, emoji: string, remove: boolean): void {
    const beside = this.#beside.get(id)
    if (beside === undefined) return
    const others = (beside.mine.get(seq) ?? []).filter((e) => e !== emoji)
    beside.mine.set(seq, remove ? others : [...others, emoji])
    this.#parts.touched(id)
  }

  /** Reactions of a message changed, perhaps by the own user on another device. */
  reacted(id: string, seq: number): void {
    const beside = this.#beside.get(id)
    if (beside === undefined || this.#closed) return
    const { from, to } = beside.stale ?? { from: seq, to: seq }
    beside.stale = { from: Math.min(from, seq), to: Math.max(to, seq) }
    beside.disarm ??= this.#parts.clock.after(gather + this.#parts.random() * spread, () => {
      const { stale } = beside
      delete beside.disarm
      delete beside.stale
      if (stale) void this.load(id, stale.from, stale.to)
    })
  }

  /** Nobody reacts to a message any more. */
  unreacted(id: string, seq: number): void {
    if (this.#beside.get(id)?.mine.delete(seq)) this.#parts.touched(id)
  }

  /** The user's view begins at `seq` now: what stood below goes, but for what the server still shows in front of it. */
  begin(id: string, seq: number): void {
    const beside = this.#beside.get(id)
    if (beside === undefined) return
    for (const [key, { at_seq }] of beside.notices) if (at_seq < seq) beside.notices.delete(key)
    delete beside.sorted
    void this.load(id, seq, seq - 1)
  }

  /** The own user came in anew: what happened before may not be theirs any more, so all of it is asked for again. */
  renew(id: string, begin: number, end: number): void {
    const beside = this.#beside.get(id)
    if (beside === undefined) return
    beside.notices.clear()
    delete beside.sorted
    void this.load(id, begin, end)
  }

  close(): void {
    this.#closed = true
    for (const disarm of this.#retries) disarm()
    for (const { disarm } of this.#beside.values()) disarm?.()
  }
}
