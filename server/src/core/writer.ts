import { chainOf, ImError, type Sha256 } from '@nexo-im/protocol'
import { createHeads, type Head, type Heads } from './heads.ts'
import type { Change, Clock, CommitResult, Entry, Log, Refusal, Store } from './ports.ts'

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
  /**
   * Reads what the change rests on and no version tells: which rows there are. Called before each attempt, when nobody
   * writes any more until it is committed; such a change stands first in its batch and is the only one in it. Without it
   * a row that somebody adds between looking and writing goes unseen.
   */
  look?(): Promise<void>
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
  /** The last entry of each conversation: saves asking the store for hot ones. */
  heads(conversations: readonly string[]): Promise<readonly (Head | undefined)[]>
  /** Another node's batch stands: what is remembered of heads follows it. */
  follow(from: number, to: number, entries: readonly Entry[]): void
  /** Resolves when everything offered so far is settled. */
  idle(): Promise<void>
}

export interface WriterParts {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  readonly sha256: Sha256
  /** Loads what routing needs, before a batch is written, so that pushes can leave in commit order. */
  prepare(conversations: readonly string[]): Promise<void>
  /** Runs what a batch that stands brings about, in its place among those of other nodes. */
  settle(from: number, to: number, run: () => void): void
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
  /** What waits for the next attempt: the same message sent twice at once, and what would make the batch too large. */
  readonly later: Waiting[]
}

/** Upper bound of a batch: past a thousand rows a commit gains nothing and only delays the first of them. */
const batchLimit = 2000
/** Characters of all bodies in one batch: servers limit what they take at once (MySQL 16 MB, MongoDB 16 MB). */
const batchLength = 2_000_000
const seqTries = 5

/**
 * Group commit: one commit at a time, no timer; whatever is offered while one runs goes into the next.
 * Seq is the head plus one – the log decides, the cached head only saves asking it (decisions, "Truth and order").
 */
export function createWriter(parts: WriterParts): Writer {
  const queue: Waiting[] = []
  const heads = createHeads(parts.store)
  const resting: (() => void)[] = []
  let running = false

  async function pump(): Promise<void> {
    while (queue.length > 0) {
      const batch = takeBatch(queue)
      try {
        await writeBatch(batch)
      } catch (cause) {
        failBatch(parts, heads, batch, cause)
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
      await Promise.all([heads.load(touched), parts.prepare(touched)])
      const written = await write(parts, heads, open, touched).catch((cause: unknown) => {
        if (!isUnfit(cause)) throw cause
      })
      if (!written) return apart(open)
      const { attempt, result } = written
      if (result.refused.length === 0) settle(parts, heads, attempt, result.from)
      open = [...sortOut(attempt, result.refused, heads), ...attempt.later]
    }
  }

  /** Something in it cannot be kept at all: halves are tried until that one stands alone, and fails alone. */
  async function apart(batch: readonly Waiting[]): Promise<void> {
    const [only] = batch
    if (batch.length === 1 && only) {
      only.reject(new ImError('invalid_parameter', { detail: 'the store cannot keep this' }))
      return
    }
    const middle = batch.length >> 1
    for (const half of [batch.slice(0, middle), batch.slice(middle)]) await writeBatch(half)
  }

  return {
    offer: (offer) =>
      new Promise((resolve, reject) => {
        queue.push({ offer, resolve, reject, tries: 0 })
        if (running) return
        running = true
        parts.clock.soon(() => void pump())
      }),
    heads: async (conversations) => {
      const { store } = parts
      // Where others write too, asking for one is as quick as asking whether what is remembered is still true.
      if (store.traits.isShared && conversations.length === 1) return store.heads(conversations)
      heads.standAt(await parts.store.position())
      const found = await heads.load(conversations)
      return conversations.map((c) => found.get(c))
    },
    follow: heads.follow,
    idle: () => (running ? new Promise((resolve) => resting.push(resolve)) : Promise.resolve()),
  }
}

async function write(
  { store, sha256 }: WriterParts,
  heads: Heads,
  open: readonly Waiting[],
  touched: readonly string[],
): Promise<{ attempt: Attempt; result: CommitResult }> {
  let attempt: Attempt = { offered: [], changes: [], places: [], later: [] }
  const result = await store.commit(async (from) => {
    await open[0]?.offer.look?.()
    // Where others wrote meanwhile, the heads are asked for again: from here on nobody does.
    heads.standAt(from - 1)
    attempt = lineUp(sha256, open, from, await heads.load(touched))
    return attempt.changes
  })
  return { attempt, result }
}

/** The batch stands: whoever waits learns it, in commit order. */
function settle(parts: WriterParts, heads: Heads, attempt: Attempt, from: number): void {
  const { offered, changes, places } = attempt
  const to = from + changes.length - 1
  heads.follow(
    from,
    to,
    changes.flatMap((c) => c.append ?? []),
  )
  parts.settle(from, to, () => {
    for (const [i, waiting] of offered.entries()) {
      const change = changes[i]
      const place = places[i]
      if (!change || !place) continue
      waiting.offer.kept?.(change, place)
      if (change.append) parts.published(change.append)
      waiting.resolve({ change })
    }
  })
}

/** The reply may be lost and the batch stored, or not: forget every head it touched; a retry meets its twin. */
function failBatch({ log }: WriterParts, heads: Heads, batch: readonly Waiting[], cause: unknown): void {
  log.error({ err: cause, changes: batch.length }, 'commit failed')
  for (const waiting of batch) {
    if (waiting.offer.conversation !== undefined) heads.forget(waiting.offer.conversation)
    waiting.reject(cause instanceof ImError ? cause : new ImError('send_failed', { cause }))
  }
}

/** A driver throws this for a value that its columns do not hold. */
const isUnfit = (cause: unknown): boolean => cause instanceof ImError && cause.kind === 'invalid_parameter'

/** The next batch: everything that waits, up to the limit, but only one that has to look, and that one first. */
function takeBatch(queue: Waiting[]): Waiting[] {
  if (!queue.some((w) => w.offer.look)) return queue.splice(0, batchLimit)
  const [looker, ...otherLookers] = queue.filter((w) => w.offer.look)
  const plain = queue.filter((w) => !w.offer.look)
  queue.splice(0, queue.length, ...otherLookers, ...plain.splice(batchLimit - 1))
  return looker ? [looker, ...plain] : plain
}

/** Gives each change its place behind the known head and behind those ahead of it in the same batch. */
function lineUp(
  sha256: Sha256,
  open: readonly Waiting[],
  from: number,
  heads: ReadonlyMap<string, Head | undefined>,
): Attempt {
  const ahead = new Map<string, Pick<Head, 'seq' | 'chain'>>()
  const names = new Set<string>()
  const attempt: Attempt = { offered: [], changes: [], places: [], later: [] }
  let length = 0
  for (const waiting of open) {
    const { conversation } = waiting.offer
    const before =
      conversation === undefined ? undefined : (ahead.get(conversation) ?? heads.get(conversation))
    const place = { head: before?.seq ?? 0, position: from + attempt.offered.length }
    const { append: draft, ...rest } = waiting.offer.build(place)
    if (draft === undefined) attempt.changes.push(rest)
    else {
      const name = `${draft.sender_id}\0${draft.client_msg_id}`
      length += draft.body.length
      if (names.has(name) || (length > batchLength && attempt.offered.length > 0)) {
        attempt.later.push(waiting)
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
function sortOut({ offered }: Attempt, refused: readonly Refusal[], heads: Heads): readonly Waiting[] {
  if (refused.length === 0) return []
  const byIndex = new Map(refused.map((r) => [r.change, r]))
  return offered.filter((waiting, i) => {
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
