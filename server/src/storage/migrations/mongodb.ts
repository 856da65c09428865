import type { Db, IndexDescription } from 'mongodb'
import { logStart } from '../../core/ports.ts'
import { type Kind, type Table, tables } from '../../core/tables.ts'

/** Fields need no migration here; a new version is one that old programs must not write to. The number is that of SQLite's. */
const newest = 3

/**
 * Makes indexes and the first state where they are missing; several nodes may do so at once. The version is written last, so
 * that a kill in the middle repeats it. Refuses data from the future.
 */
export async function migrateMongodb(db: Db): Promise<void> {
  const state = db.collection<{ _id: string }>('im_state')
  const schema = (await state.findOne({ _id: 'schema' })) as { version?: number } | null
  const version = schema?.version ?? 0
  if (version > newest) {
    throw new Error(
      `the data is of version ${version}, this program knows ${newest}: start a newer Nexo IM on it`,
    )
  }
  if (version === newest) return
  for (const [name, indexes] of Object.entries(indexesOf())) {
    if (indexes.length > 0) await db.collection(name).createIndexes(indexes)
  }
  const writeConcern = { w: 'majority', j: true } as const
  const first = { slot: 0, to: logStart }
  await state.updateOne({ _id: 'applied' }, { $setOnInsert: first }, { upsert: true, writeConcern })
  await state.updateOne({ _id: 'schema' }, { $set: { version: newest } }, { upsert: true, writeConcern })
}

/** Collection → its indexes beside that of `_id`. */
export function indexesOf(): Record<string, IndexDescription[]> {
  const all: Record<string, IndexDescription[]> = {
    im_message: [{ name: 'by_conversation', key: { conversation_id: 1, seq: 1 }, unique: true }],
  }
  for (const kind of Object.keys(tables) as Kind[]) {
    all[`im_${kind}`] = Object.entries((tables[kind] as Table).indexes).map(([name, fields]) => ({
      name,
      key: Object.fromEntries(fields.map((f) => [f, 1])),
    }))
  }
  return all
}
