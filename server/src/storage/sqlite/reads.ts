import type { Entry, ListPage, Store } from '../../core/ports.ts'
import { type Key, type Kind, type Table, tables } from '../../core/tables.ts'
import { toColumn } from '../sql.ts'
import type { Rows } from './rows.ts'
import type { Statements } from './statements.ts'

/** What is asked, and what of the answers is known already. */
export interface Known {
  readonly sql: Statements
  readonly rows: Rows
  /** Last seqs; others are looked up. */
  readonly heads: ReadonlyMap<string, number>
  readonly log: { readonly position: number }
}

type Reads = Pick<
  Store,
  'traits' | 'get' | 'list' | 'scan' | 'conversations' | 'read' | 'heads' | 'twins' | 'position'
>

/** Everything the port reads. */
export function createReads(known: Known): Reads {
  const { sql, rows, log } = known
  const entry = (values: unknown, conversation?: string): Entry | undefined =>
    values === undefined ? undefined : rows.entry(values, conversation)
  // Of many at once each would be a transaction of its own, and the file's locks take five times as long as a row.
  const each = <A, T>(asked: readonly A[], ask: (one: A) => T): T[] =>
    asked.length > 1 ? (sql.together(() => asked.map(ask)) as T[]) : asked.map(ask)
  return {
    traits: { durability: 'D2', isShared: false },
    get: async (kind, keys) => each(keys, (key) => getRow(sql, rows, kind, key)) as never,
    list: async (kind, index, prefix, page = {}) =>
      listRows(sql, rows, kind, (tables[kind] as Table).indexes[index] ?? [], prefix, page) as never,
    scan: async (kind, page) => listRows(sql, rows, kind, tables[kind].key, [], page) as never,
    conversations: async ({ after = '', limit }) => sql.conversations.all(after, limit) as string[],
    read: async (conversation, from, to, limit) => {
      const found = sql.read
        .all(conversation, from, to, limit)
        .map((values) => rows.entry(values, conversation))
      needWhole(known, conversation, found, from, found.length < limit ? to : 0)
      return found
    },
    heads: async (conversations) => each(conversations, (c) => entry(sql.head.get(c), c)),
    twins: async (keys) => each(keys, ([sender, id]) => entry(sql.twin.get(sender, id))),
    position: async () => log.position,
  }
}

/**
 * A damaged key hides rows: a page has no gap, and when it ends early, then where the log does.
 * @param to up to where the page must go, as far as there are messages
 */
function needWhole(
  { sql, rows, heads }: Known,
  conversation: string,
  found: readonly Entry[],
  from: number,
  to: number,
): void {
  const first = Math.max(from, 1)
  const next = first + found.length
  const last = found.at(-1)
  if (last && last.seq !== next - 1) {
    const gap = found.findIndex(({ seq }, i) => seq !== first + i)
    rows.missing(conversation, first + gap)
  } else if (next <= to) {
    const head = heads.get(conversation) ?? (sql.headSeq.get(conversation) as number | null) ?? 0
    if (next <= Math.min(to, head)) rows.missing(conversation, next)
  }
}

export function getRow(
  sql: Statements,
  rows: Rows,
  kind: Kind,
  key: Key,
): Record<string, unknown> | undefined {
  const values = sql.get(kind).get(...key.map(toColumn))
  return values === undefined ? undefined : rows.record(kind, values)
}

function listRows(
  sql: Statements,
  rows: Rows,
  kind: Kind,
  fields: readonly string[],
  prefix: Key,
  { after = [], limit = -1 }: ListPage,
): Record<string, unknown>[] {
  const statement = sql.list(kind, fields, prefix.length, after.length)
  const found = statement.all(...prefix.map(toColumn), ...after.map(toColumn), limit)
  return found.map((values) => rows.record(kind, values))
}
