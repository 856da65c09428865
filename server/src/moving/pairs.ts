import { compareIds } from '@nexo-im/protocol'
import type { Entry, Store } from '../core/ports.ts'
import { type Key, type Kind, keyOf, type Scalar, tables } from '../core/tables.ts'
import { createWalk, type Walk, walkBoth } from './walk.ts'

export type AnyRow = Readonly<Record<string, Scalar>>

/** Told of everything that is in one of two stores or in both; undefined is what a side does not have. */
export interface Visitor {
  record(kind: Kind, from: AnyRow | undefined, to: AnyRow | undefined): Promise<void> | undefined
  /** One message of a conversation, in the order of seq; all of one conversation follow each other. */
  entry(from: Entry | undefined, to: Entry | undefined): Promise<void> | undefined
}

export const kinds = Object.keys(tables) as readonly Kind[]

/** Rows of `block` that belong to a store and not to its data: its own position, and that it is being filled. */
export const ownBlocks = { log: 'log', filling: 'move' } as const

const rowsPerPage = 500
const entriesPerPage = 200
/** Conversations whose first pages are asked for in advance: most are short, and a server is far away. */
const ahead = 8

/** Goes through two whole stores side by side, in memory of some thousand rows. */
export async function visit(from: Store, to: Store, visitor: Visitor, signal?: AbortSignal): Promise<void> {
  for (const kind of kinds) {
    const order = (a: AnyRow, b: AnyRow): number => compareKeys(keyOf(kind, a), keyOf(kind, b))
    await walkBoth(walkRows(from, kind, order, signal), walkRows(to, kind, order, signal), order, (a, b) =>
      isOwn(kind, a ?? b) ? undefined : visitor.record(kind, a, b),
    )
  }
  await visitLogs(from, to, visitor, signal)
}

export function isOwn(kind: Kind, row: AnyRow | undefined): boolean {
  return kind === 'block' && (row?.['name'] === ownBlocks.log || row?.['name'] === ownBlocks.filling)
}

type Order = (a: AnyRow, b: AnyRow) => number

function walkRows(store: Store, kind: Kind, order: Order, signal?: AbortSignal): Walk<AnyRow> {
  return createWalk<AnyRow>({
    name: `records of the kind ${kind}`,
    page: (after, limit) => store.scan(kind, { limit, ...(after && { after: keyOf(kind, after) }) }),
    size: rowsPerPage,
    order,
    signal,
  })
}

interface Logs {
  readonly from: Walk<Entry>
  readonly to: Walk<Entry>
}

const bySeq = (a: Entry, b: Entry): number => a.seq - b.seq

async function visitLogs(from: Store, to: Store, visitor: Visitor, signal?: AbortSignal): Promise<void> {
  const waiting: Logs[] = []
  const visitFirst = async (): Promise<void> => {
    const logs = waiting.shift()
    if (logs) await walkBoth(logs.from, logs.to, bySeq, (a, b) => visitor.entry(a, b))
  }
  const ids = [from, to].map((store) => walkConversations(store, signal)) as [Walk<string>, Walk<string>]
  await walkBoth(...ids, compareIds, (a, b) => {
    waiting.push({
      from: a === undefined ? nothing : walkLog(from, a, signal),
      to: b === undefined ? nothing : walkLog(to, b, signal),
    })
    return waiting.length < ahead ? undefined : visitFirst()
  })
  while (waiting.length > 0) await visitFirst()
}

const nothing: Walk<Entry> = { head: undefined, next: () => undefined }

export function walkConversations(store: Store, signal?: AbortSignal): Walk<string> {
  return createWalk<string>({
    name: 'its conversations',
    page: (after, limit) => store.conversations({ limit, ...(after !== undefined && { after }) }),
    size: rowsPerPage,
    order: compareIds,
    signal,
  })
}

function walkLog(store: Store, conversation: string, signal?: AbortSignal): Walk<Entry> {
  return createWalk<Entry>({
    name: `the messages of ${conversation}`,
    page: (after, limit) => store.read(conversation, (after?.seq ?? 0) + 1, Number.MAX_SAFE_INTEGER, limit),
    size: entriesPerPage,
    order: bySeq,
    signal,
  })
}

function compareKeys(a: Key, b: Key): number {
  for (const [i, x] of a.entries()) {
    const y = b[i] ?? null
    const way = typeof x === 'string' && typeof y === 'string' ? compareIds(x, y) : Number(x) - Number(y)
    if (way !== 0) return way
  }
  return 0
}

const fields = new Map(kinds.map((kind) => [kind, Object.keys(tables[kind].fields)]))

/** A row as text, without its version, which counts the writes of one store: the same for every driver. */
export function rowText(kind: Kind, row: AnyRow): string {
  return JSON.stringify(fields.get(kind)?.map((field) => row[field] ?? null))
}

/** What never changes of a message. */
export function sentText(e: Entry): string {
  return JSON.stringify([
    e.conversation_id,
    e.seq,
    e.id,
    e.sender_id,
    e.client_msg_id,
    e.msg_type,
    e.send_at,
    e.digest,
    e.chain,
  ])
}

export function entryText(e: Entry): string {
  return sentText(e) + JSON.stringify([e.body, e.meta, e.salt])
}
