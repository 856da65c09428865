import type { Entry } from '../../core/ports.ts'
import { type Key, type Kind, keyOf, type Scalar, type Table, tables } from '../../core/tables.ts'
import type { StoredRow } from '../judge.ts'
import type { RedisAddress } from './address.ts'

/**
 * The keys of one service. The prefix stands in front of all of them and once more in braces, which is the part that
 * Redis Cluster hashes: everything of one service lies in one slot, on one server, where one script can reach it.
 */
export interface KeyNames {
  /** Hash: whose data this is, its schema and the position of the log. */
  readonly log: string
  /** String with a life of its own: which node may write next, where several want to. */
  readonly pen: string
  /** Hash: conversation → last seq. */
  readonly heads: string
  /** Sorted set: every conversation that has messages. */
  readonly conversations: string
  /** Hash: sender and client_msg_id → `seq:conversation`. */
  readonly twins: string
  /** In front of a conversation's id; a hash: seq → message. */
  readonly messages: string
  /** Hash: primary key → record. */
  records(kind: Kind): string
  /** Sorted set, all with the score 0 and so in bytewise order: index fields and primary key. */
  index(kind: Kind, index: string): string
}

export function keyNames({ keyPrefix }: Pick<RedisAddress, 'keyPrefix'>): KeyNames {
  const prefix = `${keyPrefix}{${keyPrefix || 'im'}}:`
  return {
    log: `${prefix}log`,
    pen: `${prefix}pen`,
    heads: `${prefix}heads`,
    conversations: `${prefix}conversations`,
    twins: `${prefix}twins`,
    messages: `${prefix}message:`,
    records: (kind) => `${prefix}record:${kind}`,
    index: (kind, index) => `${prefix}index:${kind}:${index}`,
  }
}

/**
 * Values as text whose bytes stand in the order of the values, each ending of itself: 0 is null, 1 ends a text, 2 escapes
 * what a text has of 0, 1 and 2; numbers begin with their length. So a prefix of values is a prefix of the text.
 */
export function ordered(values: Key): string {
  let text = ''
  for (const value of values) text += orderedValue(value)
  return text
}

function orderedValue(value: Scalar): string {
  if (typeof value === 'string') return orderedText(value)
  if (typeof value === 'number') return orderedNumber(value)
  if (value === null) return '\0'
  return value ? '1' : '0'
}

/** In this order: what an escape brings in must not be escaped again. */
const escapes = [
  ['\u0002', '\u0002\u0003'],
  ['\u0001', '\u0002\u0002'],
  ['\0', '\u0002\u0001'],
] as const

function orderedText(text: string): string {
  let escaped = text
  for (const [found, instead] of escapes) escaped = escaped.replaceAll(found, instead)
  return `${escaped}\u0001`
}

/** Longer numbers are larger; of negative ones the other way round, and their digits too. */
function orderedNumber(value: number): string {
  if (!Number.isSafeInteger(value)) throw new Error(`${value} is no number of the contract`)
  const digits = String(Math.abs(value))
  if (value >= 0) return String.fromCharCode(0x60 + digits.length) + digits
  const opposite = digits.replace(/\d/g, (digit) => String(9 - Number(digit)))
  return String.fromCharCode(0x60 - digits.length) + opposite
}

const anyTable = (kind: Kind): Table => tables[kind]
const fieldsOf = new Map(
  (Object.keys(tables) as Kind[]).map((kind) => [kind, Object.keys(anyTable(kind).fields)]),
)

/** Values in the order of the table: the names of eighteen fields would be four fifths of a view. */
export function recordText(kind: Kind, row: StoredRow): string {
  return JSON.stringify([row.version, ...(fieldsOf.get(kind) ?? []).map((field) => row[field] ?? null)])
}

export function recordOf(kind: Kind, text: string): StoredRow {
  const [version, ...values] = JSON.parse(text) as [number, ...Scalar[]]
  const row: Record<string, Scalar> = {}
  for (const [i, field] of (fieldsOf.get(kind) ?? []).entries()) row[field] = values[i] ?? null
  return { ...row, version }
}

/** Name → fields of the indexes that are kept of a kind: those of its table, and one along its key. */
const indexes = new Map(
  (Object.keys(tables) as Kind[]).map((kind) => {
    const { indexes: declared, key } = anyTable(kind)
    const own = Object.entries(declared)
    return [kind, own.some(([, fields]) => isSame(fields, key)) ? own : [...own, ['key', key] as const]]
  }),
)

export const indexesOf = (kind: Kind): (readonly [name: string, fields: readonly string[]])[] =>
  indexes.get(kind) ?? []

/** The index that has a kind's records in the order of their key. */
export const keyIndexOf = (kind: Kind): string =>
  indexesOf(kind).find(([, fields]) => isSame(fields, anyTable(kind).key))?.[0] ?? ''

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((field, i) => field === b[i])
}

/** Where a record stands in an index: behind the index fields its primary key, unless they are the same. */
export function memberOf(kind: Kind, fields: readonly string[], row: StoredRow): string {
  const values = ordered(fields.map((field) => row[field] ?? null))
  return isSame(fields, anyTable(kind).key) ? values : `${values}\0${ordered(keyOf(kind, row))}`
}

/** All but conversation and seq, which the place says where it stands. */
export function entryText(entry: Entry): string {
  return JSON.stringify([
    entry.id,
    entry.sender_id,
    entry.client_msg_id,
    entry.msg_type,
    entry.body,
    entry.send_at,
    entry.meta,
    entry.salt,
    entry.digest,
    entry.chain,
  ])
}

type EntryValues = [number, string, string, number, string, number, string, string, string, string]

export function entryOf(conversation_id: string, seq: number, text: string): Entry {
  const [id, sender_id, client_msg_id, msg_type, body, send_at, meta, salt, digest, chain] = JSON.parse(
    text,
  ) as EntryValues
  return {
    conversation_id,
    seq,
    id,
    sender_id,
    client_msg_id,
    msg_type,
    body,
    send_at,
    meta,
    salt,
    digest,
    chain,
  }
}

/** Names a message from elsewhere. */
export const pointerTo = (conversation: string, seq: number): string => `${seq}:${conversation}`

export function pointedAt(pointer: string): readonly [conversation: string, seq: number] {
  const colon = pointer.indexOf(':')
  return [pointer.slice(colon + 1), Number(pointer.slice(0, colon))]
}
