import type { Entry, Store } from '../../core/ports.ts'
import { type Key, type Kind, keyOf } from '../../core/tables.ts'
import { nameOf, type StoredRow } from '../judge.ts'
import type { Loader } from '../memo.ts'
import { fromRow } from '../sql.ts'
import type { ServerRow } from './connection.ts'
import {
  conversationsText,
  headSeqTexts,
  headTexts,
  listText,
  positionText,
  readText,
  recordTexts,
  scanText,
  twinTexts,
} from './texts.ts'

/** Rows of all the statements together. */
export type RowsOf = (texts: readonly string[]) => Promise<ServerRow[]>

export type Reads = Pick<
  Store,
  'get' | 'list' | 'read' | 'heads' | 'twins' | 'position' | 'scan' | 'conversations'
>

/** Everything the port reads, whoever answers: the pool, or one connection that stays at one moment. */
export function createReads(rowsOf: RowsOf): Reads {
  return {
    get: async (kind, keys) =>
      keys.length === 0 ? [] : (inOrder(kind, keys, await rowsOf(recordTexts(kind, keys))) as never),
    list: async (kind, index, prefix, page = {}) =>
      records(kind, await rowsOf([listText(kind, index, prefix, page)])) as never,
    scan: async (kind, page) => records(kind, await rowsOf([scanText(kind, page)])) as never,
    conversations: async ({ after, limit }) => {
      const rows = await rowsOf([conversationsText(after, limit)])
      return rows.map((row) => row['conversation_id'] as string)
    },
    read: async (conversation, from, to, limit) =>
      (await rowsOf([readText(conversation, from, to, limit)])) as unknown as Entry[],
    heads: async (conversations) => {
      if (conversations.length === 0) return []
      const entries = (await rowsOf(headTexts(conversations))) as unknown as Entry[]
      const byConversation = new Map(entries.map((e) => [e.conversation_id, e]))
      return conversations.map((c) => byConversation.get(c))
    },
    twins: async (keys) => (keys.length === 0 ? [] : twinsOf(keys, await rowsOf(twinTexts(keys)))),
    position: async () => nextOf(await rowsOf([positionText])) - 1,
  }
}

/** What a batch rests on, read under the pen. */
export function createLoader(rowsOf: RowsOf): Loader {
  return {
    records: async (kind, keys) => inOrder(kind, keys, await rowsOf(recordTexts(kind, keys))),
    heads: async (conversations) => {
      const rows = await rowsOf(headSeqTexts(conversations))
      const seqs = new Map(rows.map((r) => [r['conversation_id'], r['seq'] as number | null]))
      return conversations.map((c) => seqs.get(c) ?? 0)
    },
    twins: async (keys) => twinsOf(keys, await rowsOf(twinTexts(keys))),
  }
}

/** Position of the next change, from the row that counts them. */
export function nextOf(rows: readonly ServerRow[]): number {
  const [row] = rows
  if (row) return row['next'] as number
  throw new Error('the row that counts positions is gone from im_block: restore the database from a backup')
}

const records = (kind: Kind, rows: readonly ServerRow[]): StoredRow[] =>
  rows.map((row) => fromRow(kind, row) as StoredRow)

function inOrder(kind: Kind, keys: readonly Key[], rows: readonly ServerRow[]): (StoredRow | undefined)[] {
  const byName = new Map(records(kind, rows).map((row) => [nameOf(kind, keyOf(kind, row)), row]))
  return keys.map((key) => byName.get(nameOf(kind, key)))
}

function twinsOf(
  keys: readonly (readonly [string, string])[],
  rows: readonly ServerRow[],
): (Entry | undefined)[] {
  const entries = rows as unknown as readonly Entry[]
  const byName = new Map(entries.map((e) => [`${e.sender_id}\0${e.client_msg_id}`, e]))
  return keys.map(([sender, id]) => byName.get(`${sender}\0${id}`))
}
