import { chainOf, ImError, type Sha256 } from '@nexo-im/protocol'
import { createHeads, type Head, type Heads } from './heads.ts'
import { createPace, createShare } from './pace.ts'
import type { Change, Clock, CommitResult, Entry, Log, Refusal, Store } from './ports.ts'
import { note, type Tally } from './tally.ts'

/** Where a change would stand if it were written now. */
export interface Place {
  /** Last seq of the offer's conversation in front of this change. */
  readonly head: number
  /** When the message in front of it was sent; 0 when there is none. What follows it is never earlier (I13). */
  readonly headAt: number
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
  /** Offers that are not in a batch yet. */
  waiting(): number
  /** More are waiting than it keeps in half a second: whoever comes now is better told so than made to wait. */
  isBehind(): boolean
  /** Resolves when everything offered so far is settled. */
  idle(): Promise<void>
}

export interface WriterParts {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  readonly tally: Tally
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
  const heads = createHeads(parts.store, parts.tally.heads)
  const resting: (() => void)[] = []
  const { tally } = parts
  const pace = createPace(tally.now, batchLimit)
  let running = false

  async function pump(): Promise<void> {
    pace.begin()
    const share = createShare(parts.clock, tally.now)
    while (queue.length > 0) {
      share.begin()
      const batch = takeBatch(queue)
      try {
        await writeBatch(batch, batch)
      } catch (cause) {
        // Whoever waited behind it waited as long for a store that is not there: nobody waits for a second timeout.
        if (isAway(cause)) batch.push(...queue.splice(0))
        failBatch(parts, heads, batch, cause)
      }
      pace.done(batch.length)
      if (queue.length > 0) await share.done()
    }
    running = false
    for (const rest of resting.splice(0)) rest()
  }

  /**
   * @param first what is written now
   * @param batch everything that fails together; what joins on the way is added to it. Nothing joins a second attempt: who
   *   was refused beside somebody else would come back beside him before he is done, and be refused again
   */
  async function writeBatch(first: readonly Waiting[], batch?: Waiting[]): Promise<void> {
    let open = [...first]
    let join = batch ? () => joiners(queue, open, batch) : none
    while (open.length > 0) {
      const touched = conversationsOf(open)
      await Promise.all([heads.load(touched), parts.prepare(touched)])
      const written = await write(parts, heads, open, { touched, join }).catch((cause: unknown) => {
        if (!isUnfit(cause)) throw cause
      })
      if (!written) return apart(open)
      const { attempt, result } = written
      if (result.refused.length === 0) settle(parts, heads, attempt, result.from)
      open = [...sortOut(parts, attempt, result.refused, heads), ...attempt.later]
      join = none
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
    for (const half of [batch.slice(0, middle), batch.slice(middle)]) {
      // One half fails without the other, as batches do.
      await writeBatch(half).catch((cause: unknown) => failBatch(parts, heads, half, cause))
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
    heads: (conversations) => lastOf(parts.store, heads, conversations),
    follow: heads.follow,
    waiting: () => queue.length,
    isBehind: () => pace.isTooMany(queue.length),
    idle: () => (running ? new Promise((resolve) => resting.push(resolve)) : Promise.resolve()),
  }
}

async function lastOf(
  store: Store,
  heads: Heads,
  conversations: readonly string[],
): Promise<readonly (Head | undefined)[]> {
  // Where others write too, asking for one is as quick as asking whether what is remembered is still true.
  if (store.traits.isShared && conversations.length === 1) return store.heads(conversations)
  heads.standAt(await store.position())
  const found = await heads.load(conversations)
  return conversations.map((c) => found.get(c))
}

async function write(
  { store, sha256, tally, prepare }: WriterParts,
  heads: Heads,
  open: readonly Waiting[],
  { touched, join }: { readonly touched: readonly string[]; readonly join: () => readonly Waiting[] },
): Promise<{ attempt: Attempt; result: CommitResult }> {
  let attempt: Attempt = { offered: [], changes: [], places: [], later: [] }
  const began = tally.now()
  const result = await store.commit(async (from) => {
    await open[0]?.offer.look?.()
    const late = conversationsOf(join())
    // Where others wrote meanwhile, the heads are asked for again: from here on nobody does.
    heads.standAt(from - 1)
    const [known] = await Promise.all([
      heads.load(late.length > 0 ? [...touched, ...late] : touched),
      late.length > 0 ? prepare(late) : undefined,
    ])
    attempt = lineUp(sha256, open, from, known)
    return attempt.changes
  })
  if (result.refused.length === 0) {
    note(tally.commits.sizes, attempt.changes.length)
    note(tally.commits.times, tally.now() - began)
  }
  return { attempt, result }
}

/** The batch stands: whoever waits learns it, in commit order. */
function settle(parts: WriterParts, heads: Heads, attempt: Attempt, from: number): void {
  const { offered, changes, places } = attempt
  const to = from + changes.length - 1
  const entries = changes.flatMap((c) => c.append ?? [])
  parts.tally.commits.messages += entries.length
  heads.follow(from, to, entries)
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
function failBatch(
  { log, tally: { commits } }: WriterParts,
  heads: Heads,
  batch: readonly Waiting[],
  cause: unknown,
): void {
  commits.failed += 1
  log.error({ err: cause, changes: batch.length }, 'commit failed')
  for (const waiting of batch) {
    if (waiting.offer.conversation !== undefined) heads.forget(waiting.offer.conversation)
    waiting.reject(cause instanceof ImError ? cause : new ImError('send_failed', { cause }))
  }
}

const isAway = (cause: unknown): boolean => cause instanceof ImError && cause.kind === 'unavailable'

/** A driver throws this for a value that its columns do not hold. */
const isUnfit = (cause: unknown): boolean => cause instanceof ImError && cause.kind === 'invalid_parameter'

/**
 * Whoever was offered while the store waited for its turn among the nodes goes with this batch: else everything would
 * wait for two turns, and batches would be half as large.
 */
function joiners(queue: Waiting[], open: Waiting[], batch: Waiting[]): readonly Waiting[] {
  const late = takePlain(queue, batchLimit - open.length)
  open.push(...late)
  batch.push(...late)
  return late
}

const none = (): readonly Waiting[] => []

function conversationsOf(open: readonly Waiting[]): string[] {
  return open.flatMap((w) => w.offer.conversation ?? [])
}

/** The next batch: everything that waits, up to the limit, but only one that has to look, and that one first. */
function takeBatch(queue: Waiting[]): Waiting[] {
  const at = queue.findIndex((w) => w.offer.look)
  const looker = at < 0 ? [] : queue.splice(at, 1)
  return [...looker, ...takePlain(queue, batchLimit - looker.length)]
}

/** Takes what need not look, in its order. */
function takePlain(queue: Waiting[], limit: number): Waiting[] {
  if (limit <= 0) return []
  if (!queue.some((w) => w.offer.look)) return queue.splice(0, limit)
  const plain = queue.filter((w) => !w.offer.look).slice(0, limit)
  const taken = new Set(plain)
  queue.splice(0, queue.length, ...queue.filter((w) => !taken.has(w)))
  return plain
}

/** Gives each change its place behind the known head and behind those ahead of it in the same batch. */
function lineUp(
  sha256: Sha256,
  open: readonly Waiting[],
  from: number,
  heads: ReadonlyMap<string, Head | undefined>,
): Attempt {
  const ahead = new Map<string, Pick<Head, 'seq' | 'chain' | 'send_at'>>()
  const names = new Set<string>()
  const attempt: Attempt = { offered: [], changes: [], places: [], later: [] }
  let length = 0
  for (const waiting of open) {
    const { conversation } = waiting.offer
    const before =
      conversation === undefined ? undefined : (ahead.get(conversation) ?? heads.get(conversation))
    const place = {
      head: before?.seq ?? 0,
      headAt: before?.send_at ?? 0,
      position: from + attempt.offered.length,
    }
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
function sortOut(
  { tally: { commits } }: WriterParts,
  { offered }: Attempt,
  refused: readonly Refusal[],
  heads: Heads,
): readonly Waiting[] {
  if (refused.length === 0) return []
  commits.contested += 1
  for (const { why } of refused) commits.refusals[why] += 1
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
