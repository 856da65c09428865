import { describe, expect, it } from 'vitest'
import type { Change, Store } from '../../core/ports.ts'
import { blockAt, entry } from '../../testing/stores/changes.ts'
import { serverUrl } from '../../testing/stores/fresh.ts'
import { useFresh } from '../../testing/stores/mongodb-tests.ts'
import { openMongodbStore } from '../mongodb.ts'
import { readAddress } from './address.ts'
import { apply, type Effects } from './effects.ts'
import { createReads } from './reads.ts'
import { type Named, openServer, type Server } from './server.ts'
import { slotName, type Tuning, tidy, usual } from './slots.ts'

const url = serverUrl('mongodb')
const quick: Tuning = { ...usual, helpAfter: 100, pieceSize: 1000 }

describe.skipIf(url === undefined)('a commit whose node died before its effects were written', () => {
  const fresh = useFresh(url ?? '', quick)

  /** A commit whose node died between the slot and its effects, as the next node finds it. */
  async function unapply(slot: number, to: number, effects: object): Promise<void> {
    const { db } = fresh()
    await db.collection<Named>('im_log').insertOne({
      _id: slotName(slot),
      slot,
      to,
      node: 'dead',
      at: Date.now(),
      effects: Buffer.from(JSON.stringify(effects)),
    })
  }
  const block = (name: string, version: number) => ({
    kind: 'block',
    key: [name],
    row: { name, next: 1, version },
  })
  const dead = { entries: [entry('c', 1)], amends: [], rows: [block('n', 1)], removed: [] }

  it('is finished by the next node that commits', async () => {
    const { store } = fresh()
    const before = await store.position()
    await unapply(1, before + 2, dead)
    expect((await store.commit(() => [{ append: entry('c', 2) }])).from).toBe(before + 3)
    expect(await store.read('c', 1, 9, 9)).toEqual([entry('c', 1), entry('c', 2)])
    expect(await store.get('block', [['n']])).toEqual([{ name: 'n', next: 1, version: 1 }])
  })

  it('is finished by a node that only asks for the position', async () => {
    const { store } = fresh()
    const before = await store.position()
    await unapply(1, before + 2, dead)
    await expect.poll(() => store.position(), { timeout: 3000 }).toBe(before + 2)
    expect(await store.twins([['ann', 'c-1']])).toEqual([entry('c', 1)])
  })

  it('is finished before a store that opens is handed out', async () => {
    const { store, url: address } = fresh()
    const before = await store.position()
    await unapply(1, before + 2, dead)
    const other = await openMongodbStore(address, quick)
    expect(await other.position()).toBe(before + 2)
    await other.close()
  })

  it('is finished where a part was done already, without harm to what was', async () => {
    const { store, db } = fresh()
    const before = await store.position()
    await unapply(1, before + 2, { ...dead, entries: [entry('c', 1), entry('c', 2)] })
    const there = { _id: 'ann\u0001c-1', slot: 1, ...entry('c', 1) }
    await db.collection<Named>('im_message').insertOne(there)
    await db.collection<Named>('im_block').insertOne({ _id: 'n', slot: 1, name: 'n', next: 1, version: 1 })
    await store.commit(() => [blockAt('m', 1)])
    expect((await store.read('c', 0, 9, 9)).map((e) => e.seq)).toEqual([1, 2])
    expect((await store.get('block', [['n']]))[0]?.version).toBe(1)
  })

  it('does not let effects of a slot that comes late stand over those of a later one', async () => {
    const { store, db } = fresh()
    await store.commit(() => [{ ...blockAt('n', 1) }, { append: entry('c', 1) }, blockAt('gone', 1)])
    await store.commit(() => [
      { amend: [{ conversation_id: 'c', seq: 1, body: 'late', meta: '', salt: '' }] },
      blockAt('n', 2),
      { remove: [{ kind: 'block', key: ['gone'] }] },
    ])
    // The first slot once more, as if its node had slept over all of it.
    await db.collection<Named>('im_state').updateOne({ _id: 'applied' }, { $set: { slot: 0 } })
    await db.collection<Named>('im_log').deleteOne({ _id: slotName(1) })
    await unapply(1, (await store.position()) - 3, { ...dead, rows: [block('n', 1), block('gone', 1)] })
    const other = await openMongodbStore(fresh().url, quick)
    expect((await other.get('block', [['n'], ['gone']])).map((b) => b?.next)).toEqual([2, undefined])
    expect((await other.read('c', 1, 1, 1))[0]?.body).toBe('late')
    await other.close()
  })

  it('and that wakes up after later commits changes nothing that they left', async () => {
    const { store, url: address } = fresh()
    await store.commit(() => [{ append: entry('c', 1) }, blockAt('n', 1), blockAt('gone', 1)])
    const amend = (body: string) => ({ conversation_id: 'c', seq: 1, body, meta: '', salt: '' })
    await store.commit(() => [
      { amend: [amend('second')], remove: [{ kind: 'block', key: ['gone'] }] },
      blockAt('n', 2),
      { append: entry('c', 2) },
    ])
    const { server } = await openServer(readAddress(address))
    const early = { ...dead, amends: [amend('first')], rows: [block('n', 1), block('gone', 1)] } as unknown
    await apply(server, 1, early as Effects, false)
    expect((await store.get('block', [['n'], ['gone']])).map((b) => b?.next)).toEqual([2, undefined])
    expect((await store.read('c', 1, 9, 9)).map((e) => e.body)).toEqual(['second', '{"text":"hi"}'])
    expect((await store.heads(['c']))[0]?.seq).toBe(2)
    await server.close()
  })
})

describe.skipIf(url === undefined)('the log of slots', () => {
  const fresh = useFresh(url ?? '', quick)

  it('sheds the bodies of a slot once it is applied', async () => {
    const { store, db, url: address } = fresh()
    await store.commit(() => [{ append: entry('c', 1, { body: 'x'.repeat(5000) }) }])
    await store.commit(() => [{ append: entry('c', 2) }])
    const other = await openMongodbStore(address, quick)
    await other.close()
    await expect
      .poll(() => db.collection('im_log').countDocuments({ applied: true }), { timeout: 2000 })
      .toBe(2)
    const slots = await db.collection('im_log').find().toArray()
    expect(slots.flatMap((s) => Object.keys(s)).filter((f) => f === 'effects' || f === 'pieces')).toEqual([])
    expect(await db.collection('im_log_part').countDocuments()).toBe(0)
  })

  it('takes a commit that is larger than a document may be, in pieces', async () => {
    const { store, db } = fresh()
    const bodies = Array.from({ length: 5 }, (_, i) => entry('c', i + 1, { body: '\u{1f600}'.repeat(1000) }))
    await store.commit(() => bodies.map((append) => ({ append })))
    expect(await store.read('c', 1, 9, 9)).toEqual(bodies)
    // And another node reads them out of the pieces.
    const text = Buffer.from(
      JSON.stringify({
        entries: [entry('d', 1, { body: '你'.repeat(900) })],
        amends: [],
        rows: [],
        removed: [],
      }),
    )
    const cut = [text.subarray(0, 1500), text.subarray(1500)]
    const pieces = cut.map((bytes, i) => ({ _id: `p${i}`, slot: 2, bytes }))
    await db.collection<Named>('im_log_part').insertMany(pieces)
    const slot = {
      _id: slotName(2),
      slot: 2,
      to: (await store.position()) + 1,
      node: 'dead',
      at: Date.now(),
    }
    await db.collection<Named>('im_log').insertOne({ ...slot, pieces: ['p0', 'p1'] })
    await store.commit(() => [blockAt('m', 1)])
    expect((await store.heads(['d']))[0]?.body).toBe('你'.repeat(900))
    await expect.poll(() => db.collection('im_log_part').countDocuments(), { timeout: 2000 }).toBe(0)
  })

  it('refuses to go on where a message stands that the log does not know', async () => {
    const { store, db } = fresh()
    const stranger = { _id: 'x', slot: 0, ...entry('c', 1, { sender_id: 'eve', client_msg_id: 'e' }) }
    await db.collection<Named>('im_message').insertOne(stranger)
    await expect(store.commit(() => [{ append: entry('c', 1) }])).rejects.toThrow(/holds another message/)
  })

  it('is swept with its tombstones when it is old, but never the youngest slots', async () => {
    const { store, db, url: address } = fresh()
    for (const n of [1, 2]) await store.commit(() => [blockAt(`n${n}`, 1)])
    await store.commit(() => [{ remove: [{ kind: 'block', key: ['n1'] }] }])
    await store.commit(() => [blockAt('n3', 1)])
    const { server: mongodb } = await openServer(readAddress(address))
    const old: Tuning = { ...quick, keepFor: -1000, keepSlots: 1 }
    await tidy(mongodb, 4, { ...old, keepFor: 60_000 })
    expect(await db.collection('im_log').countDocuments()).toBe(4)
    expect(await db.collection('im_block').countDocuments()).toBe(3)
    await tidy(mongodb, 4, old)
    expect((await db.collection('im_log').find().sort({ _id: 1 }).toArray()).map((s) => s['slot'])).toEqual([
      3, 4,
    ])
    await tidy(mongodb, 5, old)
    expect((await db.collection('im_block').find().sort({ _id: 1 }).toArray()).map((b) => b['name'])).toEqual(
      ['n2', 'n3'],
    )
    await mongodb.close()
  })
})

describe.skipIf(url === undefined)('a read of several records', () => {
  const fresh = useFresh(url ?? '', { ...usual, helpAfter: 400 })
  const both = (next: number): Change[] => [blockAt('a', next), blockAt('b', next)]
  const seen = async (store: Store): Promise<(number | undefined)[]> =>
    (await store.get('block', [['a'], ['b']])).map((row) => row?.next)

  it('never sees one of them before and one behind a commit that is being applied', async () => {
    const { store, db } = fresh()
    await store.commit(() => both(1))
    // The next slot is taken and half of it written, as readers meet it all the time.
    const row = (name: string) => ({ kind: 'block', key: [name], row: { name, next: 2, version: 2 } })
    const effects = { entries: [], amends: [], rows: [row('a'), row('b')], removed: [] }
    const slot = { slot: 2, to: (await store.position()) + 2, node: 'slow', at: Date.now() }
    const bytes = Buffer.from(JSON.stringify(effects))
    await db.collection<Named>('im_log').insertOne({ _id: slotName(2), ...slot, effects: bytes })
    await db.collection<Named>('im_block').updateOne({ _id: 'a' }, { $set: { slot: 2, next: 2, version: 2 } })
    expect(await seen(store)).toEqual([2, 2])
    expect(await store.position()).toBe(slot.to)
  })

  it('is whole under constant writing by this node and another one', async () => {
    const { store, url: address } = fresh()
    const other = await openMongodbStore(address)
    await store.commit(() => both(0))
    let isOver = false
    const write = async (by: Store, from: number): Promise<void> => {
      for (let n = from; !isOver; n += 2) await by.commit(() => both(n))
    }
    const writing = [write(store, 1), write(other, 2)]
    for (let i = 0; i < 60; i++) {
      const [a, b] = await seen(i % 2 ? store : other)
      expect(a).toBe(b)
    }
    isOver = true
    await Promise.all(writing)
    await other.close()
  })
})

describe.skipIf(url === undefined)('the documents of MongoDB', () => {
  const fresh = useFresh(url ?? '')

  it('are asked for once when many callers ask by name in one turn', async () => {
    const { store, url: address } = fresh()
    await store.commit(() => [blockAt('n', 1), blockAt('m', 2)])
    const { server } = await openServer(readAddress(address))
    let asked = 0
    const counting: Server = {
      ...server,
      find: (...question) => {
        asked += 1
        return server.find(...question)
      },
    }
    const { reads } = createReads(counting, { whole: (read) => read() })
    const names = Array.from({ length: 40 }, (_, i) => (i % 2 ? 'n' : 'm'))
    const rows = await Promise.all(names.map((name) => reads.get('block', [[name]])))
    expect(rows.map(([row]) => row?.name)).toEqual(names)
    expect(asked).toBe(1)
    await server.close()
  })

  it('lets people index and query the data of custom messages, which goes when the message does', async () => {
    const { store, db } = fresh()
    const customs = db.collection('im_custom')
    await customs.createIndex({ 'data.order': 1 }, { unique: true, name: 'theirs' })
    const custom = (seq: number, data: string): Change => ({
      append: entry('c', seq, { msg_type: 100, body: JSON.stringify({ type: 'order', data }) }),
    })
    const odd = ['no JSON', '[1]', '{"a":1e999}', '{"a.b":1}', '{"$a":1}', '{"a\\u0000":1}', '{"a":[[1]]}']
    await store.commit(() => [custom(1, '{"order":7,"lines":[{"sku":"x"}]}'), custom(2, '{"order":8}')])
    // Their index refuses a second order 7, and some data is none: the messages stand all the same.
    await store.commit(() => ['{"order":7}', ...odd].map((data, i) => custom(3 + i, data)))
    expect(await store.read('c', 1, 99, 99)).toHaveLength(3 + odd.length)
    const found = await customs.find({ 'data.order': 7, type: 'order' }).toArray()
    expect(found.map((d) => [d['conversation_id'], d['seq'], d['data']['lines']])).toEqual([
      ['c', 1, [{ sku: 'x' }]],
    ])
    const amend = (seq: number, body: string): Change => ({
      amend: [{ conversation_id: 'c', seq, body, meta: '', salt: '' }],
    })
    await store.commit(() => [amend(1, ''), amend(2, JSON.stringify({ data: '{"order":9}' }))])
    expect((await customs.find({ data: { $exists: true } }).toArray()).map((d) => d['data'])).toEqual([
      { order: 9 },
    ])
    await customs.dropIndex('theirs')
  })

  it('lets people query records and messages by typed fields', async () => {
    const { store, db } = fresh()
    await store.commit(() => [blockAt('n', 2 ** 53 - 1), { append: entry('c', 1) }])
    expect(await db.collection('im_block').findOne({ next: { $gt: 2 ** 52 } })).toMatchObject({
      _id: 'n',
      name: 'n',
    })
    expect(await db.collection('im_message').findOne({ conversation_id: 'c', seq: 1 })).toMatchObject({
      body: '{"text":"hi"}',
    })
  })
})
