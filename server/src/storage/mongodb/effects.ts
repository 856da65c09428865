import type { Amend, Entry } from '../../core/ports.ts'
import type { Key, Kind } from '../../core/tables.ts'
import type { Outcome, StoredRow } from '../judge.ts'
import { customs, customWrites } from './custom.ts'
import {
  collectionOf,
  documentName,
  lasts,
  messageName,
  messages,
  nameFilter,
  toDocument,
  toMessage,
  tombstone,
} from './documents.ts'
import { Damaged } from './failures.ts'
import type { Named, Server, Update } from './server.ts'

/** What one commit leaves behind: whoever knows it can write it, as often as need be, and the result is the same. */
export interface Effects {
  readonly entries: readonly Entry[]
  readonly amends: readonly Amend[]
  readonly rows: readonly { readonly kind: Kind; readonly key: Key; readonly row: StoredRow }[]
  readonly removed: readonly { readonly kind: Kind; readonly key: Key }[]
}

export const nothing: Effects = { entries: [], amends: [], rows: [], removed: [] }

export function effectsOf({ entries, amends, records }: Outcome): Effects {
  // Whatever is written carries the slot's number once, so of two amends of one message only the last can be written.
  const last = new Map(amends.map((a) => [documentName([a.conversation_id, a.seq]), a]))
  const rows: Effects['rows'][number][] = []
  const removed: Effects['removed'][number][] = []
  for (const { kind, key, after } of records.values()) {
    if (after) rows.push({ kind, key, row: after })
    else removed.push({ kind, key })
  }
  return { entries, amends: [...last.values()], rows, removed }
}

/** Effects as bytes, in pieces that fit into a document each. */
export function pack(effects: Effects, pieceSize: number): Buffer[] {
  const bytes = Buffer.from(JSON.stringify(effects))
  const pieces: Buffer[] = []
  for (let at = 0; at < bytes.length; at += pieceSize) pieces.push(bytes.subarray(at, at + pieceSize))
  return pieces
}

export const unpack = (pieces: readonly Uint8Array[]): Effects =>
  JSON.parse(Buffer.concat(pieces).toString()) as Effects

/**
 * Writes them. Every document carries the number of the slot that wrote it last, and only a later slot may write it
 * again: so the same effects may be written by several nodes at once, or by one that slept, and nothing goes back.
 * @param again they may have been written in part: what is there is looked up first, instead of being met one by one
 */
export async function apply(server: Server, slot: number, effects: Effects, again: boolean): Promise<void> {
  const { entries, amends } = effects
  await Promise.all([
    // Messages that an amend of the same commit meets are in the entries already, with what it made of them.
    insertMessages(server, slot, entries, again),
    server.write({ collection: messages, updates: amends.map((a) => amendment(a, slot)), durable: false }),
    guarded(server, lasts, slot, lastOnes(entries, slot), again),
    writeCustoms(server, slot, effects),
    ...[...recordsOf(effects, slot)].map(([kind, documents]) =>
      guarded(server, collectionOf(kind), slot, documents, again),
    ),
  ])
}

function recordsOf({ rows, removed }: Effects, slot: number): ReadonlyMap<Kind, Named[]> {
  const byKind = new Map<Kind, Named[]>()
  const add = (kind: Kind, document: Named): void => {
    const ofKind = byKind.get(kind) ?? []
    byKind.set(kind, ofKind)
    ofKind.push(document)
  }
  for (const { kind, key, row } of rows) add(kind, toDocument({ kind, key }, row, slot))
  for (const { kind, key } of removed) add(kind, tombstone(key, slot))
  return byKind
}

async function writeCustoms(server: Server, slot: number, { entries, amends }: Effects): Promise<void> {
  const { puts, ends, edits } = customWrites(entries, amends, slot)
  const spare = [...puts.map((d) => putOver(d, slot)), ...edits]
  await Promise.all([
    server.write({ collection: customs, updates: ends, durable: false }),
    server.write({ collection: customs, updates: spare, durable: false, isSpare: true }),
  ])
}

function lastOnes(entries: readonly Entry[], slot: number): Named[] {
  const last = new Map<string, Named>()
  for (const { conversation_id, seq, sender_id, client_msg_id } of entries) {
    const _id = documentName([conversation_id])
    last.set(_id, { _id, slot, conversation_id, seq, message: messageName(sender_id, client_msg_id) })
  }
  return [...last.values()]
}

/** In the order of seqs, so that no reader sees a message before the one in front of it. */
async function insertMessages(
  server: Server,
  slot: number,
  entries: readonly Entry[],
  again: boolean,
): Promise<void> {
  const there = again ? await present(server, messages, entries.map(nameOfEntry)) : new Set<string>()
  const missing = entries.filter((e) => !there.has(nameOfEntry(e)))
  const inserts = missing.map((e) => toMessage(e, slot))
  const refused = await server.write({ collection: messages, inserts, durable: false })
  if (refused.length === 0) return
  const met = refused.map((i) => missing[i]).filter((e) => e !== undefined)
  const found = new Map(
    (await server.find(messages, nameFilter(met.map(nameOfEntry)))).map((d) => [d._id, d]),
  )
  for (const e of met) {
    const stored = found.get(nameOfEntry(e))
    if (stored?.['conversation_id'] === e.conversation_id && stored['seq'] === e.seq) continue
    throw new Damaged(
      `${messages} holds another message where ${JSON.stringify(e.conversation_id)} ${e.seq} of im_log ${slot} belongs: restore a backup`,
    )
  }
}

const nameOfEntry = (e: Entry): string => messageName(e.sender_id, e.client_msg_id)

function amendment({ conversation_id, seq, body, meta, salt }: Amend, slot: number): Update {
  return { q: { conversation_id, seq, slot: { $lt: slot } }, u: { $set: { body, meta, salt, slot } } }
}

/**
 * Puts documents in the place of older ones. Where one of this slot or a later one stands, the filter finds none, the
 * upsert meets it by its name, and that refusal is passed over.
 */
async function guarded(
  server: Server,
  collection: string,
  slot: number,
  documents: readonly Named[],
  again: boolean,
): Promise<void> {
  const names = documents.map((d) => d._id)
  const there = again ? await present(server, collection, names, slot) : new Set<string>()
  const updates = documents.filter((d) => !there.has(d._id)).map((d) => putOver(d, slot))
  await server.write({ collection, updates, durable: false })
}

function putOver({ _id, ...u }: Named, slot: number): Update {
  return { q: { _id, slot: { $lt: slot } }, u, upsert: true }
}

/** Which of them are there, written by this slot or a later one. */
async function present(
  server: Server,
  collection: string,
  names: readonly string[],
  slot = 0,
): Promise<ReadonlySet<string>> {
  if (names.length === 0) return new Set()
  const found = await server.find(collection, nameFilter(names), { fields: ['slot'] })
  return new Set(found.filter((d) => (d['slot'] as number) >= slot).map((d) => d._id))
}
