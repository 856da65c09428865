import { randomUUID } from 'node:crypto'
import { ImError } from '@nexo-im/protocol'
import { Binary } from 'mongodb'
import { collectionOf, documentName, padded } from './documents.ts'
import { apply, type Effects, pack, unpack } from './effects.ts'
import type { Named, Server } from './server.ts'

const slots = 'im_log'
/** Effects that are larger than one document may be. */
const parts = 'im_log_part'
export const states = 'im_state'

/** Zero-padded, so that names sort as numbers; a text, because FerretDB finds nothing else by its key. */
export const slotName = padded

/** Where the log ends, applied. */
export interface Stand {
  /** Number of the last slot; 0 = none yet. */
  readonly slot: number
  /** Position of the last change that stands. */
  readonly to: number
  /** When the log was seen to end there, by two clocks: `performance.now()` and Unix ms. */
  readonly seen: number
  readonly wall: number
}

export interface Slot {
  readonly slot: number
  readonly to: number
  /** Name of the store object that took it. */
  readonly node: string
  readonly applied?: true
}

/** What the log is tuned by; tests shorten the times. All in ms. */
export interface Tuning {
  /** How long a slot may stay unapplied before somebody else applies it. */
  readonly helpAfter: number
  /** How long slots and tombstones stay: longer than any node can sleep and still have a request under way. */
  readonly keepFor: number
  /** Slots that stay in any case. */
  readonly keepSlots: number
  /** Bytes of effects in one document. */
  readonly pieceSize: number
}

export const usual: Tuning = { helpAfter: 1000, keepFor: 3_600_000, keepSlots: 1000, pieceSize: 8_000_000 }

/** How long what was seen of the log is trusted without asking: a node that slept must not use a number again. */
const trustFor = 60_000

export const seenNow = (): Pick<Stand, 'seen' | 'wall'> => ({ seen: performance.now(), wall: Date.now() })

/** By two clocks: one stands still while the machine sleeps, the other can be set. */
export function isFresh(stand: Stand): boolean {
  const wall = Date.now() - stand.wall
  return performance.now() - stand.seen < trustFor && wall < trustFor && wall >= 0
}

export async function appliedStand(server: Server): Promise<Stand> {
  const seen = seenNow()
  const [state] = await server.find(states, { _id: 'applied' })
  if (!state) throw new ImError('unavailable', { detail: 'the database has no state', retryAfter: 1 })
  return { slot: state['slot'] as number, to: state['to'] as number, ...seen }
}

export async function slotAt(server: Server, slot: number): Promise<Slot | undefined> {
  const fields = ['slot', 'to', 'node', 'applied']
  const [found] = await server.find(slots, { _id: slotName(slot) }, { fields })
  return found as Slot | undefined
}

/** What was taken, to be shed once it is applied. */
export interface Taken {
  readonly slot: number
  readonly pieces: readonly string[]
}

/** Takes the slot with all its effects: this is the commit. @returns undefined where somebody else has it */
export async function take(
  server: Server,
  { slot, to, node }: Slot,
  effects: Effects,
  pieceSize: number,
): Promise<Taken | undefined> {
  const bytes = pack(effects, pieceSize).map((b) => new Binary(b))
  const name = `${slotName(slot)} ${randomUUID()}`
  const inserts = bytes.length > 1 ? bytes.map((b, i) => ({ _id: `${name} ${i}`, slot, bytes: b })) : []
  const pieces = inserts.map((d) => d._id)
  await server.write({ collection: parts, inserts, durable: true })
  const removed = effects.removed.map(({ kind, key }) => ({
    from: collectionOf(kind),
    name: documentName(key),
  }))
  const document = {
    _id: slotName(slot),
    slot,
    to,
    node,
    at: Date.now(),
    ...(removed.length > 0 && { removed }),
    ...(pieces.length > 0 ? { pieces } : { effects: bytes[0] }),
  }
  const refused = await server.write({ collection: slots, inserts: [document], durable: true })
  // Pieces of a commit that was not to be are left to `tidy`.
  return refused.length === 0 ? { slot, pieces } : undefined
}

/** Applies a slot of somebody else, all of it or what is missing. */
export async function finish(server: Server, { slot, to, applied }: Slot): Promise<void> {
  if (applied) return raise(server, slot, to)
  const full = await server.settled(slots, slotName(slot))
  // It is not there for good yet, or without its effects because somebody applied it meanwhile.
  const bytes = full && full['applied'] !== true ? await bytesOf(server, full) : undefined
  if (bytes === undefined) return
  await apply(server, slot, unpack(bytes), true)
  await raise(server, slot, to)
  await shed(server, { slot, pieces: (full?.['pieces'] as string[] | undefined) ?? [] })
}

async function bytesOf(server: Server, full: Named): Promise<Uint8Array[] | undefined> {
  if (full['effects'] instanceof Binary) return [full['effects'].value()]
  const names = full['pieces'] as string[]
  const found = new Map((await server.find(parts, { _id: { $in: names } })).map((d) => [d._id, d]))
  const bytes = names.map((n) => (found.get(n)?.['bytes'] as Binary | undefined)?.value())
  return bytes.every((b) => b !== undefined) ? bytes : undefined
}

/** From now on readers may rely on the slot; durable, so that with it all effects are. */
export async function raise(server: Server, slot: number, to: number): Promise<void> {
  const updates = [{ q: { _id: 'applied' }, u: { $max: { slot, to } } }]
  await server.write({ collection: states, updates, durable: true })
}

const shedding = { $set: { applied: true }, $unset: { effects: '', pieces: '' } }

/** What was recalled or erased since must not lie on in the log. */
export async function shed(server: Server, { slot, pieces }: Taken): Promise<void> {
  const updates = [{ q: { _id: slotName(slot) }, u: shedding }]
  await server.write({ collection: slots, updates, durable: false })
  if (pieces.length > 0) await server.remove(parts, { _id: { $in: [...pieces] } })
}

/** Old slots that one round removes: more than came since the last. */
const roundSize = 256

/**
 * Removes old slots with the tombstones they left, pieces of commits that were not to be, and effects still in slots.
 * @param slot up to which everything is applied
 */
export async function tidy(
  server: Server,
  slot: number,
  { keepSlots, keepFor }: Tuning = usual,
): Promise<void> {
  const youngest = slotName(Math.max(0, slot - keepSlots))
  const recent = { $gt: youngest, $lte: slotName(slot) }
  const laden = await server.find(slots, { _id: recent, applied: { $exists: false } }, { fields: ['slot'] })
  const updates = laden.map((d) => ({ q: { _id: d._id }, u: shedding }))
  await server.write({ collection: slots, updates, durable: false })
  await server.remove(parts, { slot: { $lte: slot } })
  const old = await server.find(
    slots,
    { _id: { $lt: youngest }, at: { $lt: Date.now() - keepFor } },
    { sort: { _id: 1 }, limit: roundSize, fields: ['slot', 'removed'] },
  )
  for (const d of old) {
    const removed = (d['removed'] as { from: string; name: string }[] | undefined) ?? []
    for (const [collection, gone] of Map.groupBy(removed, ({ from }) => from)) {
      const names = gone.map(({ name }) => name)
      await server.remove(collection, { _id: { $in: names }, slot: d['slot'] as number, gone: true })
    }
  }
  if (old.length > 0) await server.remove(slots, { _id: { $in: old.map((d) => d._id) } })
}
