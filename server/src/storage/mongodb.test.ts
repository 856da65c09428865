import { MongoClient } from 'mongodb'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Change, Pool, Store } from '../core/ports.ts'
import { blockAt, entry } from '../testing/stores/changes.ts'
import { serverUrl } from '../testing/stores/fresh.ts'
import { freshMongodbStore, urlOf } from '../testing/stores/mongodb.ts'
import { useFresh } from '../testing/stores/mongodb-tests.ts'
import type { Named } from './mongodb/server.ts'
import { openMongodbStore } from './mongodb.ts'
import { storeContract } from './store.contract.ts'

const url = serverUrl('mongodb')

describe.skipIf(url === undefined)('mongodb', () => {
  storeContract('mongodb', () => freshMongodbStore(url ?? ''))
  nodes(url ?? '')
  openings(url ?? '')
})

function nodes(server: string): void {
  describe('two nodes on one database', () => {
    const fresh = useFresh(server)
    let ann: Store
    let bob: Store
    beforeEach(async () => {
      ann = fresh().store
      bob = await openMongodbStore(fresh().url)
    })
    afterEach(() => bob.close())

    it('number without gap or duplicate, in the one order of the log', async () => {
      const seen: [position: number, seq: number][] = []
      const writers = Array.from({ length: 20 }, (_, w) => writeThree(w % 2 ? ann : bob, `w${w}`, seen))
      await Promise.all(writers)
      const seqs = (await ann.read('c', 0, 1e9, 1e9)).map((e) => e.seq)
      expect(seqs).toEqual(Array.from({ length: 60 }, (_, i) => i + 1))
      const places = seen.toSorted((a, b) => a[0] - b[0])
      expect(places.map(([, seq]) => seq)).toEqual(seqs)
      expect(places.at(-1)?.[0]).toBe((places[0]?.[0] ?? 0) + 59)
      expect(await bob.position()).toBe(places.at(-1)?.[0])
    })

    it('refuse what the other one made stale, and do not remember what it changed', async () => {
      const expecting = (version: number): Change => ({
        ...blockAt('n', version),
        expect: [{ kind: 'block', key: ['n'], version }],
      })
      await ann.commit(() => [expecting(0)])
      const stale = await bob.commit(() => [expecting(0)])
      expect(stale.refused).toEqual([{ change: 0, why: 'expect' }])
      expect((await bob.commit(() => [expecting(1)])).refused).toEqual([])
      expect((await ann.commit(() => [expecting(1)])).refused).toHaveLength(1)
      expect((await ann.commit(() => [expecting(2)])).refused).toEqual([])
      expect((await bob.get('block', [['n']]))[0]?.version).toBe(3)
    })

    it('judge a batch anew when the other one was quicker', async () => {
      await ann.commit(() => [blockAt('n', 0)])
      const froms: number[] = []
      const late = await ann.commit(async (from) => {
        froms.push(from)
        if (froms.length === 1) await bob.commit(() => [blockAt('n', 1)])
        return [{ ...blockAt('m', 0), expect: [{ kind: 'block', key: ['n'], version: 2 }] }]
      })
      expect(late.refused).toEqual([])
      expect(froms).toEqual([froms[0], (froms[0] ?? 0) + 1])
    })

    it('meet one another’s twins', async () => {
      await ann.commit(() => [{ append: entry('c', 1) }])
      const twin = await bob.commit(() => [{ append: entry('d', 1, { client_msg_id: 'c-1' }) }])
      expect(twin.refused).toEqual([{ change: 0, why: 'twin', twin: entry('c', 1) }])
    })

    it('take turns when both have much to write', async () => {
      const order: string[] = []
      let stop = false
      const flood = async (store: Store, name: string): Promise<void> => {
        for (let n = 0; !stop && n < 100; n++) {
          await store.commit(() => [blockAt(name, n)])
          order.push(name)
          stop ||= order.filter((o) => o === name).length === 20 && new Set(order).size === 2
        }
      }
      await Promise.all([flood(ann, 'ann'), flood(bob, 'bob')])
      const shares = ['ann', 'bob'].map((name) => order.filter((o) => o === name).length)
      expect(Math.min(...shares) / Math.max(...shares)).toBeGreaterThan(0.5)
    })
  })
}

function openings(server: string): void {
  describe('opening', () => {
    const fresh = useFresh(server)

    it('refuses data of a newer program with a sentence', async () => {
      const state = fresh().db.collection<Named>('im_state')
      await state.updateOne({ _id: 'schema' }, { $set: { version: 99 } })
      await expect(openMongodbStore(fresh().url)).rejects.toThrow(
        /version 99, this program knows 3: start a newer/,
      )
      await state.updateOne({ _id: 'schema' }, { $set: { version: 3 } })
    })

    it('says whom the server refuses', async () => {
      const address = fresh().url.replace('//', '//nobody:s3cret@')
      const error = await openMongodbStore(address).catch((e: Error) => e)
      expect(String(error)).toMatch(/refuses user "nobody": correct user, password/)
      expect(String(error)).not.toMatch(/s3cret/)
    })

    it('says which server it cannot reach', async () => {
      const opening = openMongodbStore('mongodb://ann:s3cret@127.0.0.1:1/im?timeout=300')
      const error = await opening.catch((e: Error) => e)
      expect(String(error)).toMatch(/127\.0\.0\.1:1 cannot be reached .*is it running/)
      expect(String(error)).not.toMatch(/s3cret/)
    })

    it('can be done by many nodes at once on a new database', async () => {
      const name = `nexo_test_new_${process.pid}`
      const address = urlOf(server, name)
      // FerretDB panics when two make the same index at once, which a MongoDB lines up.
      const first = isStandIn(fresh().store, 'three nodes open a new database one by one')
        ? [await openMongodbStore(address)]
        : []
      const stores = await Promise.all([1, 2, 3].map(() => openMongodbStore(address)))
      await Promise.all(stores.map((s, i) => s.commit(() => [blockAt(`n${i}`, 1)])))
      expect(await stores[0]?.scan('block', {})).toHaveLength(3)
      await Promise.all([...first, ...stores].map((s) => s.close()))
      const client = new MongoClient(server)
      await client.db(name).dropDatabase()
      await client.close()
    })

    it('never opens more connections than pool_size, and shows who waits', async () => {
      const store = await openMongodbStore(`${fresh().url}&pool_size=3`)
      const asking = Promise.all(Array.from({ length: 60 }, () => store.read('c', 1, 9, 9)))
      const { most } = await watched(store, asking)
      expect(store.pool?.()).toMatchObject({ limit: 3, busy: 0, waiting: 0 })
      expect(most.open).toBeLessThanOrEqual(3)
      expect(most.waiting).toBeGreaterThan(3)
      await store.close()
    })
  })
}

/** FerretDB stands in for a MongoDB: what it cannot do is told, with what is tested instead. */
function isStandIn({ traits }: Store, instead: string): boolean {
  if (traits.durability === 'D2') return false
  process.stderr.write(`mongodb: the server is a FerretDB, so ${instead}\n`)
  return true
}

/** What comes of it, and the most of each number that the pool showed meanwhile. */
async function watched<T>(
  store: Store,
  work: Promise<T>,
): Promise<{ readonly most: Pool; readonly rows: T }> {
  let most: Pool = { limit: 0, open: 0, busy: 0, waiting: 0 }
  const watch = setInterval(() => {
    const now = store.pool?.() ?? most
    most = {
      limit: now.limit,
      open: Math.max(most.open, now.open),
      busy: Math.max(most.busy, now.busy),
      waiting: Math.max(most.waiting, now.waiting),
    }
  }, 0)
  const rows = await work
  clearInterval(watch)
  return { most, rows }
}

async function writeThree(store: Store, sender: string, seen: [number, number][]): Promise<void> {
  for (let n = 0; n < 3; n++) {
    for (;;) {
      let seq = 0
      const result = await store.commit(async () => {
        const [head] = await store.heads(['c'])
        seq = (head?.seq ?? 0) + 1
        return [{ append: entry('c', seq, { sender_id: sender, client_msg_id: String(n) }) }]
      })
      if (result.refused.length > 0) continue
      seen.push([result.from, seq])
      break
    }
  }
}
