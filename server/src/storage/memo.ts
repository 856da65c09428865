import type { Entry, Recall } from '../core/ports.ts'
import type { Key, Kind } from '../core/tables.ts'
import { type Ground, type Needs, nameOf, type Outcome, type StoredRow } from './judge.ts'

/** How a driver asks its server for what a batch needs, as it stands now. */
export interface Loader {
  records(kind: Kind, keys: readonly Key[]): Promise<readonly (StoredRow | undefined)[]>
  /** Last seqs, 0 where none was written. */
  heads(conversations: readonly string[]): Promise<readonly number[]>
  twins(keys: Needs['twins']): Promise<readonly (Entry | undefined)[]>
}

/**
 * The ground of the next batch, remembered from the ones before: as long as nobody else commits, what a node's own
 * commits left behind is still true and need not be asked for. The position of the log tells whether somebody did.
 */
export interface Memo extends Ground {
  /** From here on what is remembered must be true at this position; where others wrote, nothing is. */
  standAt(position: number): void
  /**
   * Asks for whatever the batch needs and is not remembered.
   * @param options.twins whether twins are asked for too; without it the ground has none
   */
  prepare(needs: Needs, loader: Loader, options?: { readonly twins: boolean }): Promise<void>
  /** The batch stands, up to this position. */
  follow(outcome: Outcome, to: number): void
  /** Nothing is certain any more: a commit got no answer. */
  clear(): void
  /** Records and heads that were known, and those that were asked for. */
  readonly recall: Readonly<Recall>
}

/** Records and heads remembered; past it all are forgotten, which costs one read each. */
const memoryLimit = 100_000

export function createMemo(): Memo {
  const records = new Map<string, StoredRow | undefined>()
  const heads = new Map<string, number>()
  let twins = new Map<string, Entry>()
  const recall: Recall = { hits: 0, misses: 0 }
  let stands = -1

  function clear(): void {
    records.clear()
    heads.clear()
    stands = -1
  }

  async function prepareRecords(needs: Needs, loader: Loader): Promise<void> {
    const missing = new Map<Kind, { name: string; key: Key }[]>()
    for (const [name, { kind, key }] of needs.records) {
      if (records.has(name)) {
        recall.hits += 1
        continue
      }
      recall.misses += 1
      const ofKind = missing.get(kind) ?? []
      missing.set(kind, ofKind)
      ofKind.push({ name, key })
    }
    await Promise.all(
      [...missing].map(async ([kind, asked]) => {
        const keys = asked.map((a) => a.key)
        const found = await loader.records(kind, keys)
        for (const [i, { name }] of asked.entries()) records.set(name, found[i])
      }),
    )
  }

  async function prepareHeads(needs: Needs, loader: Loader): Promise<void> {
    const missing = [...needs.heads].filter((c) => !heads.has(c))
    recall.hits += needs.heads.size - missing.length
    recall.misses += missing.length
    if (missing.length === 0) return
    const found = await loader.heads(missing)
    for (const [i, c] of missing.entries()) heads.set(c, found[i] ?? 0)
  }

  async function prepareTwins(needs: Needs, loader: Loader): Promise<void> {
    if (needs.twins.length === 0) return
    for (const entry of await loader.twins(needs.twins))
      if (entry) twins.set(`${entry.sender_id}\0${entry.client_msg_id}`, entry)
  }

  return {
    record: (kind, key) => records.get(nameOf(kind, key)),
    head: (conversation) => heads.get(conversation) ?? 0,
    twin: (sender, clientMsgId) => twins.get(`${sender}\0${clientMsgId}`),
    standAt: (position) => {
      if (position === stands) return
      clear()
      stands = position
    },
    prepare: async (needs, loader, options) => {
      if (records.size + heads.size > memoryLimit) {
        records.clear()
        heads.clear()
      }
      twins = new Map()
      await Promise.all([
        prepareRecords(needs, loader),
        prepareHeads(needs, loader),
        options?.twins === false ? undefined : prepareTwins(needs, loader),
      ])
    },
    follow: (outcome, to) => {
      for (const [name, { after }] of outcome.records) records.set(name, after)
      for (const { conversation_id, seq } of outcome.entries) heads.set(conversation_id, seq)
      stands = to
    },
    clear,
    recall,
  }
}
