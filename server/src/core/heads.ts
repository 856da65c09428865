import type { Entry, Recall, Store } from './ports.ts'

/** What the next message of a conversation needs of the last one, and a list of conversations besides. */
export type Head = Pick<Entry, 'seq' | 'chain' | 'id' | 'send_at'>

/** The last entries of conversations, remembered: true at one position of the log, and worthless at any other. */
export interface Heads {
  /** From here on what is remembered must be true at this position; where others wrote unseen, nothing is. */
  standAt(position: number): void
  /** A batch that stands, at these positions: what directly follows keeps the memory true. */
  follow(from: number, to: number, entries: Iterable<Entry>): void
  /** The last entry of each, undefined where none was written; asks the store for those not remembered. */
  load(conversations: readonly string[]): Promise<ReadonlyMap<string, Head | undefined>>
  forget(conversation: string): void
}

/** Forgetting one costs a single read. */
const memoryLimit = 200_000

export function createHeads(store: Store, recall: Recall): Heads {
  const heads = new Map<string, Head | undefined>()
  let stands = -1

  function set(conversation: string, entry: Head | undefined): void {
    // Four fields and not the entry: its body would stay in memory with it.
    heads.set(
      conversation,
      entry && { seq: entry.seq, chain: entry.chain, id: entry.id, send_at: entry.send_at },
    )
  }

  return {
    standAt: (position) => {
      if (position === stands) return
      heads.clear()
      stands = position
    },
    follow: (from, to, entries) => {
      if (from !== stands + 1) return
      stands = to
      for (const entry of entries) set(entry.conversation_id, entry)
    },
    load: async (conversations) => {
      const known = new Map<string, Head | undefined>()
      const missing = new Set<string>()
      for (const c of conversations) {
        if (heads.has(c)) known.set(c, heads.get(c))
        else missing.add(c)
      }
      recall.hits += known.size
      recall.misses += missing.size
      if (missing.size === 0) return known
      if (heads.size + missing.size > memoryLimit) heads.clear()
      const asked = [...missing]
      const askedAt = stands
      const found = await store.heads(asked)
      for (const [i, c] of asked.entries()) {
        known.set(c, found[i])
        // What was written while the store was asked is newer than its answer.
        if (stands === askedAt && !heads.has(c)) set(c, found[i])
      }
      return known
    },
    forget: (conversation) => void heads.delete(conversation),
  }
}
