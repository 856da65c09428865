import { compareIds } from '@nexo-im/protocol'
import {
  type Amend,
  type Change,
  type CommitResult,
  type Entry,
  type Expectation,
  type ListPage,
  logStart,
  type Refusal,
  type Store,
} from '../core/ports.ts'
import { type Key, type Kind, keyOf, type Scalar, tables } from '../core/tables.ts'
import { createLine } from './line.ts'

type Row = Readonly<Record<string, Scalar>> & { readonly version: number }
type AnyTable = { readonly indexes: Readonly<Record<string, readonly string[]>> }

const nameOf = (key: Key): string => JSON.stringify(key)

interface State {
  readonly records: Map<Kind, Map<string, Row>>
  readonly logs: Map<string, Entry[]>
  readonly sent: Map<string, Entry>
  position: number
}

const twinName = (sender: string, clientMsgId: string): string => nameOf([sender, clientMsgId])

function rowsOf({ records }: State, kind: Kind): Map<string, Row> {
  const found = records.get(kind) ?? new Map<string, Row>()
  records.set(kind, found)
  return found
}

/** Keeps everything in the process: for tests and trials, durability D0. */
export function openMemoryStore(): Store {
  const state: State = { records: new Map(), logs: new Map(), sent: new Map(), position: logStart }
  const inLine = createLine()
  return {
    traits: { durability: 'D0', isShared: false },
    get: async (kind, keys) => keys.map((key) => rowsOf(state, kind).get(nameOf(key))) as never,
    list: async (kind, index, prefix, page = {}) => {
      const fields = (tables[kind] as AnyTable).indexes[index] ?? []
      const rows = [...rowsOf(state, kind).values()]
      const inside = rows.filter((row) => prefix.every((value, i) => row[fields[i] ?? ''] === value))
      return sorted(kind, inside, fields, {
        ...page,
        ...(page.after && { after: [...prefix, ...page.after] }),
      }) as never
    },
    read: async (conversation, from, to, limit) =>
      (state.logs.get(conversation) ?? []).slice(Math.max(0, from - 1), Math.max(0, to)).slice(0, limit),
    heads: async (conversations) => conversations.map((c) => state.logs.get(c)?.at(-1)),
    twins: async (keys) => keys.map(([sender, id]) => state.sent.get(twinName(sender, id))),
    position: async () => state.position,
    commit: (propose) =>
      inLine(async () => {
        const from = state.position + 1
        return commit(state, from, await propose(from))
      }),
    scan: async (kind, page) => {
      const fields = tables[kind].key
      return sorted(kind, [...rowsOf(state, kind).values()], fields, page) as never
    },
    conversations: async ({ after, limit }) =>
      [...state.logs.keys()]
        .filter((c) => state.logs.get(c)?.length)
        .sort(compareIds)
        .filter((c) => after === undefined || compareIds(c, after) > 0)
        .slice(0, limit),
    advance: async (position) => {
      state.position = Math.max(state.position, position)
    },
    close: async () => undefined,
  }
}

/** Rows in the order of these fields, equal ones in that of their key; only those behind `page.after`. */
function sorted(
  kind: Kind,
  rows: readonly Row[],
  fields: readonly string[],
  { after, limit }: ListPage,
): Row[] {
  const values = (row: Row): Key => fields.map((f) => row[f] ?? null)
  return rows
    .filter((row) => !after || compareKeys(values(row), after) > 0)
    .sort((a, b) => compareKeys(values(a), values(b)) || compareKeys(keyOf(kind, a), keyOf(kind, b)))
    .slice(0, limit ?? Number.MAX_SAFE_INTEGER)
}

function holds(state: State, expected: Expectation): boolean {
  if ('conversation' in expected)
    return (state.logs.get(expected.conversation)?.length ?? 0) === expected.head
  return (rowsOf(state, expected.kind).get(nameOf(expected.key))?.version ?? 0) === expected.version
}

function judge(state: State, change: Change, index: number): Refusal | undefined {
  if (!(change.expect ?? []).every((e) => holds(state, e))) return { change: index, why: 'expect' }
  if (!change.append) return undefined
  const twin = state.sent.get(twinName(change.append.sender_id, change.append.client_msg_id))
  if (twin) return { change: index, why: 'twin', twin }
  const head = state.logs.get(change.append.conversation_id)?.length ?? 0
  return change.append.seq === head + 1 ? undefined : { change: index, why: 'seq' }
}

/** Applies a change and returns how to take it back. */
function apply(state: State, change: Change): (() => void)[] {
  const undo: (() => void)[] = []
  const set = (kind: Kind, name: string, row: Row | undefined): void => {
    const rows = rowsOf(state, kind)
    const before = rows.get(name)
    undo.push(() => (before ? rows.set(name, before) : rows.delete(name)))
    if (row) rows.set(name, row)
    else rows.delete(name)
  }
  if (change.append) undo.push(append(state, change.append))
  for (const amended of change.amend ?? []) undo.push(amend(state, amended))
  for (const { kind, row } of change.put ?? []) {
    const name = nameOf(keyOf(kind, row))
    set(kind, name, { ...row, version: (rowsOf(state, kind).get(name)?.version ?? 0) + 1 })
  }
  for (const { kind, key, to } of change.raise ?? []) {
    const row = rowsOf(state, kind).get(nameOf(key))
    if (!row || Object.entries(to).every(([f, v]) => Number(row[f]) >= v)) continue
    const raised = Object.entries(to).map(([f, v]) => [f, Math.max(Number(row[f]), v)])
    set(kind, nameOf(key), { ...row, ...Object.fromEntries(raised), version: row.version + 1 })
  }
  for (const { kind, key } of change.remove ?? []) set(kind, nameOf(key), undefined)
  return undo
}

function append({ logs, sent }: State, entry: Entry): () => void {
  const log = logs.get(entry.conversation_id) ?? []
  logs.set(entry.conversation_id, log)
  log.push(entry)
  sent.set(twinName(entry.sender_id, entry.client_msg_id), entry)
  return () => {
    log.pop()
    sent.delete(twinName(entry.sender_id, entry.client_msg_id))
  }
}

function amend({ logs, sent }: State, { conversation_id, seq, body, meta, salt }: Amend): () => void {
  const log = logs.get(conversation_id)
  const before = log?.[seq - 1]
  if (!log || !before) return () => undefined
  const replace = (entry: Entry): void => {
    log[seq - 1] = entry
    sent.set(twinName(entry.sender_id, entry.client_msg_id), entry)
  }
  replace({ ...before, body, meta, salt })
  return () => replace(before)
}

function commit(state: State, from: number, changes: readonly Change[]): CommitResult {
  const undo: (() => void)[] = []
  const refused: Refusal[] = []
  for (const [index, change] of changes.entries()) {
    const refusal = judge(state, change, index)
    if (refusal) refused.push(refusal)
    else undo.push(...apply(state, change))
  }
  if (refused.length === 0) state.position += changes.length
  else for (const back of undo.reverse()) back()
  return { from, refused }
}

function compareKeys(a: Key, b: Key): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const x = a[i] ?? null
    const y = b[i] ?? null
    const d = typeof x === 'string' && typeof y === 'string' ? compareIds(x, y) : Number(x) - Number(y)
    if (d !== 0) return d
  }
  return 0
}
