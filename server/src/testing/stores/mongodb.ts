import { hash } from 'node:crypto'
import { type Collection, type Db, MongoClient } from 'mongodb'
import { logStart, type Store } from '../../core/ports.ts'
import { indexesOf } from '../../storage/migrations/mongodb.ts'
import { readAddress } from '../../storage/mongodb/address.ts'
import type { Tuning } from '../../storage/mongodb/slots.ts'
import { openMongodbStore } from '../../storage/mongodb.ts'

export interface FreshMongodb {
  readonly store: Store
  /** For a second store on the same data. */
  readonly url: string
  /** To look at the data past the store; lasts as long as the store. */
  readonly db: Db
}

/** An empty store on the server at `url`; see `freshMongodb`. */
export async function freshMongodbStore(url: string): Promise<Store> {
  return (await freshMongodb(url)).store
}

/**
 * An empty store and its URL. Databases are kept for the next test, because making all the indexes takes many times as long
 * as emptying them; a note in `nexo_test` lends each to one store at a time, over all processes of this machine. Their name
 * tells the collections they hold, so that a change of those never meets old ones.
 * @param url of a server where databases `nexo_test…` may be made; the database in it is not touched
 */
export async function freshMongodb(url: string, tuning?: Tuning): Promise<FreshMongodb> {
  const client = new MongoClient(readAddress(urlOf(url, 'nexo_test')).url)
  try {
    const lent = client.db('nexo_test').collection<Loan>('lent')
    const number = await borrow(lent)
    const name = `nexo_test_${hash('sha256', JSON.stringify(indexesOf()), 'hex').slice(0, 8)}_${number}`
    const db = client.db(name)
    await empty(db)
    const address = urlOf(url, name)
    const store = await openMongodbStore(address, tuning)
    return {
      url: address,
      db,
      store: {
        ...store,
        close: async () => {
          await store.close()
          await lent.deleteOne({ _id: number })
          await client.close()
        },
      },
    }
  } catch (error) {
    await client.close()
    throw error
  }
}

interface Loan {
  readonly _id: string
  readonly pid: number
}

async function borrow(lent: Collection<Loan>): Promise<string> {
  for (let n = 0; ; n++) {
    const _id = `${n}`
    const holder = await lent.findOne({ _id })
    if (holder && isRunning(holder.pid)) continue
    if (holder) await lent.deleteOne({ _id, pid: holder.pid })
    try {
      await lent.insertOne({ _id, pid: process.pid })
      return _id
    } catch {
      // Somebody else was quicker.
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

async function empty(db: Db): Promise<void> {
  const names = [...Object.keys(indexesOf()), 'im_custom', 'im_last', 'im_log', 'im_log_part']
  await Promise.all(names.map((name) => db.collection(name).deleteMany({})))
  // The schema stays: with it the next store makes no indexes.
  const state = db.collection<{ _id: string }>('im_state')
  await state.deleteOne({ _id: 'waiting' })
  await state.replaceOne({ _id: 'applied' }, { slot: 0, to: logStart }, { upsert: true })
}

/** The same server, another database; what stands in for a MongoDB may take its time where that is not what is tested. */
export function urlOf(url: string, database: string): string {
  const [, server, query = ''] = /^([a-z+]+:\/\/[^/?]+)[^?]*(?:\?(.*))?$/.exec(url) ?? []
  const options = new URLSearchParams(query)
  if (!options.has('timeout')) options.set('timeout', '15000')
  return `${server}/${database}?${options}`
}
