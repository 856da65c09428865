import { createServer, connect as dial, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Proposal, Store } from '../core/ports.ts'
import { blockAt, messageAt, seqsOf } from '../testing/stores/changes.ts'
import { serverUrl } from '../testing/stores/fresh.ts'
import { freshMysql, freshMysqlStore } from '../testing/stores/mysql.ts'
import { readAddress } from './mysql/address.ts'
import { connect } from './mysql/connection.ts'
import { openMysqlStore } from './mysql.ts'
import { openStore } from './open.ts'
import { storeContract } from './store.contract.ts'

const server = serverUrl('mysql')
const url = server ?? ''

describe.skipIf(server === undefined)('on a server', () => {
  storeContract('mysql', () => freshMysqlStore(url))

  let one: Store
  let two: Store
  let database: string
  beforeEach(async () => {
    const fresh = await freshMysql(url)
    one = fresh.store
    database = fresh.url.replace(/[?].*/, '')
    two = await openStore(database)
  })
  afterEach(async () => {
    await two.close()
    await one.close()
  })

  /** Ends the server's session that holds the pen, as the death of its node does. */
  const endWriter = (): Promise<void> =>
    endSessions('JOIN information_schema.innodb_trx t ON t.trx_mysql_thread_id = p.id')

  async function endSessions(which = ''): Promise<void> {
    const connection = await connect(readAddress(database), false)
    const rows = (await connection.query(
      `SELECT p.id AS id FROM information_schema.processlist p ${which}
       WHERE p.db = DATABASE() AND p.id <> CONNECTION_ID()`,
    )) as { id: number }[]
    for (const { id } of rows) await connection.query(`KILL ${id}`)
    connection.close()
  }

  describe('two nodes on one database', () => {
    it('number without gap or duplicate when twenty writers offer at both', async () => {
      const froms: number[] = []
      const write = async (store: Store, sender: string): Promise<void> => {
        for (let n = 0; n < 5; ) {
          let seq = 0
          const { from, refused } = await store.commit(async () => {
            const [head] = await store.heads(['c'])
            seq = (head?.seq ?? 0) + 1
            return [messageAt('c', seq, sender)]
          })
          if (refused.length > 0) continue
          froms[seq] = from
          n += 1
        }
      }
      await Promise.all(Array.from({ length: 20 }, (_, w) => write(w % 2 === 0 ? one : two, `w${w}`)))
      expect(await seqsOf(one, 'c')).toEqual(Array.from({ length: 100 }, (_, i) => i + 1))
      // One log: positions rise without gap in the order in which the messages stand.
      expect(froms.slice(1)).toEqual(Array.from({ length: 100 }, (_, i) => 1_000_001 + i))
    })

    it('refuse what rests on a record or a head that the other one changed', async () => {
      await one.commit(() => [blockAt('b', 1), messageAt('c', 1)])
      await two.commit(() => [blockAt('b', 2, 1), messageAt('c', 2)])
      const stale = await one.commit(() => [
        blockAt('b', 3, 1),
        { ...blockAt('x', 1), expect: [{ conversation: 'c', head: 1 }] },
        messageAt('c', 2, 'bob'),
      ])
      expect(stale.refused.map((r) => r.why)).toEqual(['expect', 'expect', 'seq'])
      expect((await one.commit(() => [blockAt('b', 3, 2), messageAt('c', 3)])).refused).toEqual([])
    })

    it('tell a twin that the other one stored', async () => {
      await two.commit(() => [messageAt('c', 1)])
      await one.commit(() => [messageAt('d', 1)])
      const again = { append: { ...messageAt('c', 1).append, seq: 2 } }
      const { refused } = await one.commit(() => [again])
      expect(refused).toEqual([{ change: 0, why: 'twin', twin: messageAt('c', 1).append }])
    })

    it('raise what the other one has written last', async () => {
      const raise = (next: number) => ({ raise: [{ kind: 'block' as const, key: ['b'], to: { next } }] })
      await one.commit(() => [blockAt('b', 1)])
      await two.commit(() => [raise(9)])
      await one.commit(() => [raise(5)])
      expect(await two.get('block', [['b']])).toEqual([{ name: 'b', next: 9, version: 2 }])
    })

    it('go on when one dies between its proposal and its commit, and nothing half-written stays', async () => {
      await one.commit(() => [messageAt('c', 1)])
      const dying: Proposal = async () => {
        await endWriter()
        return [messageAt('c', 2), blockAt('b', 1)]
      }
      await expect(one.commit(dying)).rejects.toMatchObject({ kind: 'unavailable' })
      expect((await two.commit(() => [messageAt('c', 2, 'bob')])).from).toBe(1_000_002)
      expect(await two.get('block', [['b']])).toEqual([undefined])
      expect((await one.commit(() => [messageAt('c', 3)])).from).toBe(1_000_003)
    })

    it('take the pen from one that stalls', async () => {
      const stalling = await openMysqlStore(`${database}?timeout=2000`)
      const late = stalling.commit(async () => {
        await new Promise((resolve) => setTimeout(resolve, 3500))
        return [messageAt('c', 1, 'late')]
      })
      const failed = late.catch((error: unknown) => error)
      await stalling.position()
      expect((await two.commit(() => [messageAt('c', 1, 'bob')])).refused).toEqual([])
      expect(await failed).toMatchObject({ kind: 'unavailable' })
      expect((await two.read('c', 1, 9, 9)).map((e) => e.sender_id)).toEqual(['bob'])
      await stalling.close()
    })
  })

  describe('a commit that gets lost on its way', () => {
    let wire: Server
    let cut: 'answer' | 'question' | undefined
    beforeEach(async () => {
      cut = undefined
      const { host, port } = readAddress(database)
      wire = createServer((client) => relay(client, dial(port, host)))
      await new Promise<void>((resolve) => wire.listen(0, '127.0.0.1', resolve))
    })
    afterEach(() => wire.close())

    /** Lets everything through, until a COMMIT or the answer to it is to be lost. */
    function relay(client: Socket, upstream: Socket): void {
      upstream.on('data', (data) => client.write(data)).on('close', () => client.destroy())
      client.on('close', () => upstream.end())
      client.on('error', () => upstream.destroy())
      upstream.on('error', () => client.destroy())
      client.on('data', (data) => {
        const lost = data.includes('COMMIT') ? cut : undefined
        if (lost) cut = undefined
        if (lost === 'question') client.destroy()
        else upstream.write(data)
        if (lost === 'answer') upstream.removeAllListeners('data').on('data', () => client.destroy())
      })
    }

    async function openFar(): Promise<Store> {
      const far = new URL(database)
      far.port = String((wire.address() as { port: number }).port)
      return openMysqlStore(far.href)
    }

    it('is an error when only its answer was lost, and offered again it meets its twin', async () => {
      const store = await openFar()
      await store.commit(() => [messageAt('c', 1)])
      cut = 'answer'
      const lost = store.commit(() => [messageAt('c', 2), blockAt('b', 1)])
      await expect(lost).rejects.toMatchObject({
        kind: 'unavailable',
        retryAfter: 1,
        cause: { message: expect.stringContaining('closed the connection') },
      })
      const again = await store.commit(() => [messageAt('c', 2), messageAt('c', 3)])
      expect(again.refused.map((r) => [r.change, r.why])).toEqual([[0, 'twin']])
      expect((await store.commit(() => [messageAt('c', 3)])).from).toBe(1_000_004)
      await store.close()
    })

    it('leaves nothing when it never arrived, though most of its batch had', async () => {
      const body = JSON.stringify({ text: 'x'.repeat(1_500_000) })
      const offers = [1, 2, 3].map((seq) => ({ append: { ...messageAt('c', seq).append, body } }))
      const store = await openFar()
      cut = 'question'
      await expect(store.commit(() => offers)).rejects.toMatchObject({ kind: 'unavailable' })
      expect(await seqsOf(one, 'c')).toEqual([])
      expect(await one.position()).toBe(1_000_000)
      expect((await store.commit(() => offers)).from).toBe(1_000_001)
      await store.close()
    })
  })

  it('answers the question whether a message is stored once its unique key has refused it', async () => {
    // Somebody wrote past the pen: seq 1 is taken, though the store remembers an empty conversation.
    await one.commit(() => [{ ...blockAt('b', 1), expect: [{ conversation: 'c', head: 0 }] }])
    const connection = await connect(readAddress(database), false)
    await connection.query(
      `INSERT INTO im_message VALUES ('c', 1, 1, 'eve', 'e', 1, '{}', 1, '', 'salt', 'digest', 'chain')`,
    )
    connection.close()
    const { refused } = await one.commit(() => [messageAt('c', 1)])
    expect(refused).toEqual([{ change: 0, why: 'seq' }])
    expect((await one.commit(() => [messageAt('c', 2)])).refused).toEqual([])
  })

  it('goes on by itself when the server has ended its idle sessions', async () => {
    const other = await openMysqlStore(database)
    for (let n = 1; n <= 3; n++) {
      await other.commit(() => [blockAt('b', n)])
      await endSessions()
      // At once: whether the good-bye has arrived already or comes as the answer.
      const answers = await Promise.all([other.commit(() => [blockAt('c', n)]), other.get('block', [['b']])])
      expect([answers[0].refused, answers[1][0]?.next]).toEqual([[], n])
    }
    await other.close()
  })

  it('writes a batch larger than one packet as a whole', async () => {
    const body = JSON.stringify({ text: '\u4f60'.repeat(1_000_000) })
    const offers = [1, 2, 3, 4, 5, 6].map((seq) => ({ append: { ...messageAt('c', seq).append, body } }))
    await one.commit(() => offers)
    expect((await two.read('c', 1, 9, 9)).map((e) => e.body === body)).toEqual(offers.map(() => true))
    const amend = offers.map(({ append: { seq } }) => ({
      conversation_id: 'c',
      seq,
      body: `${body} `,
      meta: '',
      salt: '',
    }))
    await one.commit(() => [{ amend }])
    expect((await two.read('c', 1, 9, 9)).map((e) => e.body.length)).toEqual(
      offers.map(() => body.length + 1),
    )
  })

  it('reads and forgets thousands of records at once', async () => {
    const names = Array.from({ length: 1100 }, (_, i) => `n${i}`)
    await one.commit(() => names.map((name, i) => blockAt(name, i)))
    const keys = names.map((name) => [name])
    expect((await two.get('block', keys)).map((b) => b?.next)).toEqual(names.map((_, i) => i))
    await two.commit(() => [{ remove: keys.slice(1).map((key) => ({ kind: 'block', key })) }])
    expect((await one.get('block', keys)).filter((b) => b !== undefined).map((b) => b.name)).toEqual(['n0'])
  })

  it('keeps to its connections, and says how many they are', async () => {
    const small = await openMysqlStore(`${database}?pool_size=3`)
    // A dozen reads share a way to the server.
    const reads = Array.from({ length: 600 }, () => small.position())
    const commits = Array.from({ length: 5 }, (_, i) => small.commit(() => [blockAt(`b${i}`, i)]))
    await new Promise((resolve) => setImmediate(resolve))
    expect(small.pool?.()).toMatchObject({ limit: 3, busy: 3, waiting: 48 })
    await Promise.all([...reads, ...commits])
    expect(small.pool?.()).toEqual({ limit: 3, open: 3, busy: 0, waiting: 0 })
    const snapshot = await small.snapshot?.()
    expect(small.pool?.()).toMatchObject({ open: 3, busy: 1 })
    await snapshot?.close()
    await small.close()
    expect(small.pool?.()).toEqual({ limit: 3, open: 0, busy: 0, waiting: 0 })
  })

  it('closes connections beyond those it may keep idle', async () => {
    const small = await openMysqlStore(`${database}?pool_size=8&max_idle=1`)
    await Promise.all(Array.from({ length: 7 }, () => small.position()))
    expect(small.pool?.().open).toBe(1)
    await small.close()
  })

  it('says that the pool is too small when no connection becomes free in time', async () => {
    const small = await openMysqlStore(`${database}?pool_size=2&timeout=300`)
    const snapshot = await small.snapshot?.()
    await expect(small.position()).rejects.toMatchObject({
      kind: 'unavailable',
      cause: { message: expect.stringContaining('raise pool_size') },
    })
    await snapshot?.close()
    expect(await small.position()).toBe(1_000_000)
    await small.close()
  })
})
