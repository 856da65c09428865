import { ImError } from '@nexo-im/protocol'
import type { Change, Clock, Entry, Log, Refusal, Store } from './ports.ts'

/** What a caller hands to the writer. */
export interface Offer {
  /** The conversation whose head the change builds on; absent for changes of records alone. */
  readonly conversation?: string
  /** Called right before each attempt with the last seq in front of this change. Must be pure. */
  build(head: number): Change
  /** Told in commit order, before anybody else hears of it: the place to update what pushes are routed by. */
  kept?(change: Change): void
}

export type Verdict = { readonly change: Change } | { readonly refusal: Refusal }

export interface Writer {
  /** Resolves after the durable commit, or with the reason of refusal; rejects when the batch could not be written. */
  offer(offer: Offer): Promise<Verdict>
  /** Resolves when everything offered so far is settled. */
  idle(): Promise<void>
}

export interface WriterParts {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
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
      await Promise.all([heads.load(touched), parts.prepare(touched)])
      const { offered, changes, repeats } = lineUp(open, heads)
      const result = await parts.store.commit(changes)
      for (let i = 0; i < result.kept; i++) settle(offered[i], changes[i])
      open = [...sortOut(offered.slice(result.kept), result.kept, result.refused, heads), ...repeats]
    }
  }

  function settle(waiting: Waiting | undefined, change: Change | undefined): void {
    if (!waiting || !change) return
    if (change.append) heads.set(change.append.conversation_id, change.append.seq)
    waiting.offer.kept?.(change)
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
    idle: () => (running ? new Promise((resolve) => resting.push(resolve)) : Promise.resolve()),
  }
}

interface Heads {
  load(conversations: readonly string[]): Promise<void>
  get(conversation: string): number
  set(conversation: string, seq: number): void
  forget(conversation: string): void
}

function createHeads(store: Store): Heads {
  const heads = new Map<string, number>()
  return {
    load: async (conversations) => {
      const missing = [...new Set(conversations)].filter((c) => !heads.has(c))
      if (missing.length === 0) return
      if (heads.size + missing.length > headLimit) heads.clear()
      const found = await store.heads(missing)
      for (const [i, c] of missing.entries()) heads.set(c, found[i]?.seq ?? 0)
    },
    get: (conversation) => heads.get(conversation) ?? 0,
    set: (conversation, seq) => void heads.set(conversation, seq),
    forget: (conversation) => void heads.delete(conversation),
  }
}

/** Gives each change its place behind the known head and behind those ahead of it in the same batch. */
function lineUp(open: readonly Waiting[], heads: Heads): Attempt {
  const ahead = new Map<string, number>()
  const names = new Set<string>()
  const attempt: Attempt = { offered: [], changes: [], repeats: [] }
  for (const waiting of open) {
    const { conversation } = waiting.offer
    const head = conversation === undefined ? 0 : (ahead.get(conversation) ?? heads.get(conversation))
    const change = waiting.offer.build(head)
    const { append } = change
    if (append) {
      const name = `${append.sender_id}\0${append.client_msg_id}`
      if (names.has(name)) {
        attempt.repeats.push(waiting)
        continue
      }
      names.add(name)
      ahead.set(append.conversation_id, append.seq)
    }
    attempt.offered.push(waiting)
    attempt.changes.push(change)
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
