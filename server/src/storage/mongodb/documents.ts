import type { Filter } from 'mongodb'
import type { Entry } from '../../core/ports.ts'
import { type Key, type Kind, type Scalar, tables } from '../../core/tables.ts'
import type { RecordName, StoredRow } from '../judge.ts'
import type { Named } from './server.ts'

/**
 * How records and messages lie in the collections: every field as a field of its own type, so that people can query them,
 * and beside them `_id`, made of the key, and `slot`, the commit that wrote the document last.
 * Whole numbers are int32, and double where they are larger: exact up to 2^53 − 1, which is all the port has.
 */
export const collectionOf = (kind: Kind): string => `im_${kind}`

export const messages = 'im_message'
/** Of each conversation the last seq and its message's name: asked for with every batch after another node wrote. */
export const lasts = 'im_last'

/** Below every character that a part of a key may have after `escaped`. */
const border = '\u0001'

/**
 * The key in one text that sorts as the key does, so that the index of `_id` is that of the key; mostly readable: `ann`, or
 * `sg_1` and `ann` with U+0001 between. Numbers of keys are not negative.
 */
export function documentName(key: Key): string {
  return key.map((part) => (typeof part === 'number' ? padded(part) : escaped(String(part)))).join(border)
}

/** Where everything whose key begins with these parts is behind. */
export const behindAll = (parts: Key): string => `${documentName(parts)}\u0002`

export const padded = (n: number): string => String(n).padStart(16, '0')

/** The three lowest characters keep their order and stay above the border. */
function escaped(text: string): string {
  if (!lowest.some((c) => text.includes(c))) return text
  return [...text]
    .map((c) => (lowest.includes(c) ? `\u0002${String.fromCharCode(c.charCodeAt(0) + 1)}` : c))
    .join('')
}

const lowest = ['\u0000', '\u0001', '\u0002']

export const messageName = (sender: string, clientMsgId: string): string =>
  documentName([sender, clientMsgId])

const fieldNames = new Map((Object.keys(tables) as Kind[]).map((k) => [k, Object.keys(tables[k].fields)]))

export function toDocument({ kind, key }: RecordName, row: StoredRow, slot: number): Named {
  const document: { _id: string; [field: string]: Scalar } = {
    _id: documentName(key),
    slot,
    version: row.version,
  }
  for (const field of fieldNames.get(kind) ?? []) document[field] = row[field] ?? null
  return document
}

/**
 * What stays of a removed record for a while: without it, a node that wakes up late would put the record back.
 * Its index fields are gone, so that lists do not meet it.
 */
export const tombstone = (key: Key, slot: number): Named => ({ _id: documentName(key), slot, gone: true })

export function toRow(kind: Kind, document: Named | undefined): StoredRow | undefined {
  if (document === undefined || document['gone'] === true) return undefined
  const row: { [field: string]: Scalar } = {}
  for (const field of fieldNames.get(kind) ?? []) row[field] = document[field] as Scalar
  return { ...row, version: document['version'] as number }
}

export function toMessage(entry: Entry, slot: number): Named {
  return { _id: messageName(entry.sender_id, entry.client_msg_id), slot, ...entry }
}

export function toEntry(document: Named): Entry {
  const { conversation_id, seq, id, sender_id, client_msg_id, msg_type } = document as unknown as Entry
  const { body, send_at, meta, salt, digest, chain } = document as unknown as Entry
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

/** A single name is asked for as such: FerretDB finds nothing else by its key. */
export function nameFilter(names: readonly string[]): Filter<Named> {
  const [only] = names
  return only !== undefined && names.length === 1 ? { _id: only } : { _id: { $in: names } }
}
