import { chainOf, ImError, type Sha256 } from '@nexo-im/protocol'
import type { Numbers } from './numbers.ts'
import type { Change, Clock, Entry, Log, Refusal, Store } from './ports.ts'

/** Where a change would stand if it were written now. */
export interface Place {
  /** Last seq of the offer's conversation in front of this change. */
  readonly head: number
  /**
   * The change's number in the one log of everything that is kept (M-07): rises in the order of commits. It is the id
   * of the message or notice that the change brings.
   */
  readonly position: number
}

/** A change whose message has not been linked into its conversation's chain yet. */
export type Draft = Omit<Change, 'append'> & { readonly append?: Omit<Entry, 'chain'> }

/** What a caller hands to the writer. */
export interface Offer {
  /** The conversation whose head the change builds on and whose audience hears of it; absent for records alone. */
  readonly conversation?: string
  /** Called right before each attempt. Must be pure. */
  build(place: Place): Draft
  /**
   * Told in commit order, before anybody else hears of it: the place to update what pushes are routed by, and to tell.
   */
  kept?(change: Change, place: Place): void
}

export type Verdict = { readonly change: Change } | { readonly refusal: Refusal }

export interface Writer {
  /** Resolves after the durable commit, or with the reason of refusal; rejects when the batch could not be written. */
  offer(offer: Offer): Promise<Verdict>
  /** Everything up to this position is settled, and nothing below it will be written any more on this node. */
  position(): number
  /** The last entry of each conversation as the writer knows it: saves asking the store for hot ones. */
  heads(conversations: readonly string[]): Promise<readonly (Head | undefined)[]>
  /** Resolves when everything offered so far is settled. */
  idle(): Promise<void>
}

export interface WriterParts {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  readonly numbers: Numbers
  readonly sha256: Sha256
  /** Loads what routing needs, before a batch is written, so that pushes can leave in commit order. */
  prepare(conversations: readonly string[]): Promise<void>
  /** One stored message, in commit order. */
  published(entry: Entry): void
}

interface Waiting {
  readonly offer: Offer
  readonly resolve: (verdict: Verdict) => void
  readonly reject: (error: unknown) => void
  tries: number
}

interface Attempt {
  readonly offered: Waiting[]
  readonly changes: Change[]
  readonly places: Place[]
  /** The same message sent twice at once: the second waits for the verdict on the first. */
  readonly repeats: Waiting[]
}

/** Upper bound of a batch: past a thousand rows a commit gains nothing and only delays the first of them. */
const batchLimit = 2000
/** Heads kept in memory; forgetting one costs a single read. */
const headLimit = 200_000
const seqTries = 5

/**
 * Group commit: one commit at a time, no timer; whatever is offered while one runs goes into the next.
 * Seq is the head plus one – the log decides, the cached head only saves asking it (decisions, "Truth and order").
 */
export function createWriter(parts: WriterParts): Writer {
  const queue: Waiting[] = []
  const heads = createHeads(parts.store)
  let settled = parts.numbers.floor
  const resting: (() => void)[] = []
  let running = false

  async function pump(): Promise<void> {
    while (queue.length > 0) {
      const batch = queue.splice(0, batchLimit)
      try {
        await writeBatch(batch)
      } catch (cause) {
        failBatch(batch, cause)
      }
      if (queue.length > 0) await new Promise<void>((resolve) => parts.clock.soon(resolve))
    }
    running = false
    for (const rest of resting.splice(0)) rest()
  }

  async function writeBatch(batch: readonly Waiting[]): Promise<void> {
    let open = batch
    while (open.length > 0) {
      const touched = open.flatMap((w) => w.offer.conversation ?? [])
      await Promise.all([heads.load(touched), parts.prepare(touched), parts.numbers.ready(open.length)])
      const { offered, changes, places, repeats } = lineUp(parts, open, heads)
      const result = await parts.store.commit(changes)
      for (let i = 0; i < result.kept; i++) settle(offered[i], changes[i], places[i])
      open = [...sortOut(offered.slice(result.kept), result.kept, result.refused, heads), ...repeats]
    }
  }

  function settle(waiting: Waiting | undefined, change: Change | undefined, place: Place | undefined): void {
    if (!waiting || !change || !place) return
    settled = place.position
    if (change.append) heads.set(change.append)
    waiting.offer.kept?.(change, place)
    if (change.append) parts.published(change.append)
    waiting.resolve({ change })
  }

  /** The reply may be lost and the batch stored, or not: forget every head it touched; a retry meets its twin. */
  function failBatch(batch: readonly Waiting[], cause: unknown): void {
    parts.log.error({ err: cause, changes: batch.length }, 'commit failed')
    for (const waiting of batch) {
      if (waiting.offer.conversation !== undefined) heads.forget(waiting.offer.conversation)
      waiting.reject(cause instanceof ImError ? cause : new ImError('send_failed', { cause }))
    }
  }

  return {
    offer: (offer) =>
      new Promise((resolve, reject) => {
        queue.push({ offer, resolve, reject, tries: 0 })
        if (running) return
        running = true
        parts.clock.soon(() => void pump())
      }),
    position: () => settled,
    heads: async (conversations) => {
      await heads.load(conversations)
      return conversations.map(heads.get)
    },
    idle: () => (running ? new Promise((resolve) => resting.push(resolve)) : Promise.resolve()),
  }
}

/** What the next message of a conversation needs of the last one, and a list of conversations besides. */
export type Head = Pick<Entry, 'seq' | 'chain' | 'id' | 'send_at'>

interface Heads {
  load(conversations: readonly string[]): Promise<void>
  get(conversation: string): Head | undefined
  set(entry: Entry): void
  forget(conversation: string): void
}

function createHeads(store: Store): Heads {
  const heads = new Map<string, Head | undefined>()
  const set = (conversation: string, entry: Head | undefined): void => {
    // Four fields and not the entry: its body would stay in memory with it.
    heads.set(
      conversation,
      entry && { seq: entry.seq, chain: entry.chain, id: entry.id, send_at: entry.send_at },
    )
  }
  return {
    load: async (conversations) => {
      const missing = [...new Set(conversations)].filter((c) => !heads.has(c))
      if (missing.length === 0) return
      if (heads.size + missing.length > headLimit) heads.clear()
      const found = await store.heads(missing)
      // What was written while the store was asked is newer than its answer.
      for (const [i, c] of missing.entries()) if (!heads.has(c)) set(c, found[i])
    },
    get: (conversation) => heads.get(conversation),
    set: (entry) => set(entry.conversation_id, entry),
    forget: (conversation) => void heads.delete(conversation),
  }
}

/** Gives each change its place behind the known head and behind those ahead of it in the same batch. */
function lineUp({ numbers, sha256 }: WriterParts, open: readonly Waiting[], heads: Heads): Attempt {
  const ahead = new Map<string, Pick<Head, 'seq' | 'chain'>>()
  const names = new Set<string>()
  const attempt: Attempt = { offered: [], changes: [], places: [], repeats: [] }
  for (const waiting of open) {
    const { conversation } = waiting.offer
    const before =
      conversation === undefined ? undefined : (ahead.get(conversation) ?? heads.get(conversation))
    const place = { head: before?.seq ?? 0, position: numbers.next() }
    const { append: draft, ...rest } = waiting.offer.build(place)
    if (draft === undefined) attempt.changes.push(rest)
    else {
      const name = `${draft.sender_id}\0${draft.client_msg_id}`
      if (names.has(name)) {
        attempt.repeats.push(waiting)
        continue
      }
      names.add(name)
      const append = { ...draft, chain: chainOf(sha256, before?.chain ?? '', draft) }
      ahead.set(append.conversation_id, append)
      attempt.changes.push({ ...rest, append })
    }
    attempt.offered.push(waiting)
    attempt.places.push(place)
  }
  return attempt
}

/** Takes the refused ones out and keeps the rest for the next attempt: one bad change never costs a stranger's. */
function sortOut(
  rest: readonly Waiting[],
  skipped: number,
  refused: readonly Refusal[],
  heads: Heads,
): Waiting[] {
  const byIndex = new Map(refused.map((r) => [r.change - skipped, r]))
  if (rest.length > 0 && byIndex.size === 0)
    throw new Error('the store kept less than offered and refused nothing')
  return rest.filter((waiting, i) => {
    const refusal = byIndex.get(i)
    if (refusal === undefined) return true
    if (refusal.why === 'seq') {
      heads.forget(waiting.offer.conversation ?? '')
      waiting.tries += 1
      if (waiting.tries < seqTries) return true
      waiting.reject(new ImError('seq_failed', { retryAfter: 1 }))
    } else {
      waiting.resolve({ refusal })
    }
    return false
  })
}
