import { type Message, msgType } from '@nexo-im/protocol'
import { Conflict } from '../conflict.ts'
import type { Entry, Expectation, Put } from '../ports.ts'
import type { Key, Kind } from '../tables.ts'
import type { World } from '../world.ts'
import { expiryTimerId } from './expiry-timer.ts'
import { isGone, printMeta, readMeta } from './meta.ts'
import { type Rewrite, rewrite } from './rewriting.ts'

export interface Erasure {
  readonly conversation: string
  readonly messages: readonly Rewrite[]
  readonly cause: NonNullable<Message['gone']>['cause']
  /** Who did it; empty when its time was over. */
  readonly by: string
  readonly expect?: readonly Expectation[]
}

interface Removal {
  readonly kind: Kind
  readonly key: Key
}

/** Quotes rewritten, and reactions removed, in one change; what a message has beyond that follows in later ones. */
export const erasureBatch = 500

/** How long the rest is left to whoever began, before the timers take it over from a process that died, ms. */
const handover = 60_000

/**
 * Takes messages away for everybody: body, salt, earlier versions, mentions, reactions, pins, and what quotes show of
 * them. Ids, digest and chain stay, so that the log can still be checked. Throws Conflict when one moved meanwhile.
 */
export async function erase(world: World, erasure: Erasure): Promise<void> {
  const { conversation, messages, cause, by, expect = [] } = erasure
  const now = world.clock.now()
  const meta = printMeta({ gone: { cause, by, at: now } })
  const seqs = messages.map((m) => m.entry.seq)
  const share = Math.max(1, Math.floor(erasureBatch / messages.length))
  const [headBefore] = await world.writer.heads([conversation])
  const [own, attached, pins] = await Promise.all([
    Promise.all(messages.map((m) => ownTraces(world, m.entry))),
    Promise.all(seqs.map((seq) => attachedTraces(world, conversation, seq, share, seqs))),
    unpinned(world, conversation, messages),
  ])
  const purged = (head: number): number[] => {
    // What was written meanwhile may be quotes that nobody has looked for.
    const raced = head > (headBefore?.seq ?? 0)
    return seqs.filter((_, i) => raced || attached[i]?.hasMore)
  }
  await rewrite(world, {
    conversation,
    rewrites: [
      ...messages.map(({ entry, touch }) => ({ entry: { ...entry, body: '', meta, salt: '' }, touch })),
      ...attached.flatMap((a) => a.quotes),
    ],
    expect: [...expect, ...pins.expect],
    remove: [...own.flat(), ...attached.flatMap((a) => a.remove)],
    put: ({ head }) => [
      ...pins.put,
      ...purged(head).map((seq) => purgeTimer(conversation, seq, now + handover)),
    ],
  })
  // From here on nothing can be attached to them any more: what is there now is all there is.
  for (const seq of seqs) await finish(world, conversation, seq)
}

async function finish(world: World, conversation: string, seq: number): Promise<void> {
  try {
    const { remove } = await attachedTraces(world, conversation, seq, 1)
    const [timer] = await world.store.get('timer', [[purgeTimerId(conversation, seq)]])
    if (remove.length > 0 || timer) await purge(world, conversation, seq)
  } catch (error) {
    // The message is gone already and its timer stands: whoever asked is not told of what will follow anyway.
    world.log.warn({ err: error, conversation, seq }, 'the rest of an erased message waits for its timer')
  }
}

/** Records that belong to the message itself and are few by their caps. */
async function ownTraces(world: World, entry: Entry): Promise<Removal[]> {
  const { conversation_id, seq } = entry
  const { mentions = [], pinned } = readMeta(entry)
  const edits = await world.store.list('edit', 'by_message', [conversation_id, seq])
  const quoted = entry.msg_type === msgType.quote && !isGone(entry) ? quotedSeq(entry) : undefined
  return [
    ...edits.map((e): Removal => ({ kind: 'edit', key: [conversation_id, seq, e.edition] })),
    ...mentions.map((id): Removal => ({ kind: 'mention', key: [conversation_id, id, seq] })),
    ...(pinned ? [{ kind: 'pin', key: [conversation_id, seq] } as const] : []),
    ...(quoted === undefined ? [] : [{ kind: 'quotation', key: [conversation_id, quoted, seq] } as const]),
    { kind: 'timer', key: [expiryTimerId(conversation_id, seq)] },
  ]
}

function quotedSeq({ body }: Entry): number {
  return (JSON.parse(body) as { seq: number }).seq
}

interface Attached {
  readonly quotes: readonly Rewrite[]
  readonly remove: readonly Removal[]
  readonly hasMore: boolean
}

/** What others attached to a message: quotes of it, without what they show of it, and reactions. */
async function attachedTraces(
  world: World,
  conversation: string,
  seq: number,
  limit: number,
  /** Erased in the same change: their own body goes, and with it what they show. */
  except: readonly number[] = [],
): Promise<Attached> {
  const [quotations, reactions] = await Promise.all([
    world.store.list('quotation', 'by_quoted', [conversation, seq], { limit: limit + 1 }),
    world.store.list('reaction', 'by_message', [conversation, seq], { limit: limit + 1 }),
  ])
  const quoting = quotations.slice(0, limit).map((q) => q.seq)
  const quotes = quoting.filter((s) => !except.includes(s))
  // The locks first: whatever changes after that is refused by them.
  const touches = await world.store.get(
    'touch',
    quotes.map((s) => [conversation, s]),
  )
  const entries = await Promise.all(
    quotes.map(async (s) => (await world.store.read(conversation, s, s, 1))[0]),
  )
  return {
    quotes: entries.flatMap((entry, i) =>
      entry && !isGone(entry) ? [{ entry: withoutSnapshot(entry), touch: touches[i] }] : [],
    ),
    remove: [
      ...quoting.map((s): Removal => ({ kind: 'quotation', key: [conversation, seq, s] })),
      ...reactions
        .slice(0, limit)
        .map((r): Removal => ({ kind: 'reaction', key: [conversation, seq, r.user_id, r.emoji] })),
    ],
    hasMore: quotations.length > limit || reactions.length > limit,
  }
}

function withoutSnapshot(entry: Entry): Entry {
  const body = JSON.parse(entry.body) as { snapshot?: object }
  return {
    ...entry,
    body: JSON.stringify({ ...body, snapshot: { ...body.snapshot, preview: '', gone: true } }),
  }
}

async function unpinned(
  world: World,
  conversation: string,
  messages: readonly Rewrite[],
): Promise<{ expect: Expectation[]; put: Put[] }> {
  const count = messages.filter((m) => readMeta(m.entry).pinned).length
  const [shared] = count === 0 ? [] : await world.store.get('conversation', [[conversation]])
  if (!shared) return { expect: [], put: [] }
  const { version, ...row } = shared
  return {
    expect: [{ kind: 'conversation', key: [conversation], version }],
    put: [{ kind: 'conversation', row: { ...row, pins: row.pins - count } }],
  }
}

/** Tries of one batch against quotes that change meanwhile. */
const tries = 8

/** Removes what is still attached to an erased message, batch by batch, and its timer at the end. */
export async function purge(world: World, conversation: string, seq: number): Promise<void> {
  const timer: Removal = { kind: 'timer', key: [purgeTimerId(conversation, seq)] }
  for (let failures = 0; ; ) {
    const { quotes, remove, hasMore } = await attachedTraces(world, conversation, seq, erasureBatch)
    try {
      const all = hasMore ? remove : [...remove, timer]
      await rewrite(world, { conversation, rewrites: quotes, remove: all })
      if (!hasMore) return
      failures = 0
    } catch (error) {
      failures += 1
      if (!(error instanceof Conflict) || failures === tries) throw error
    }
  }
}

function purgeTimerId(conversation: string, seq: number): string {
  return `purge:${conversation}:${seq}`
}

function purgeTimer(conversation_id: string, seq: number, at: number): Put {
  return {
    kind: 'timer',
    row: {
      timer_id: purgeTimerId(conversation_id, seq),
      queue: 'all',
      at,
      task: 'purge',
      user_id: '',
      conversation_id,
      seq,
      input: '',
      error: '',
    },
  }
}
