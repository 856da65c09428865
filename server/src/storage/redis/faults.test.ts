import { mkdirSync } from 'node:fs'
import { inspect } from 'node:util'
import { ImError } from '@nexo-im/protocol'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Change, logStart, type Store } from '../../core/ports.ts'
import { entry, putUser } from '../../testing/stores/changes.ts'
import { type CutLink, openCutLink } from '../../testing/stores/cut-link.ts'
import { hasRedisServer, type RedisServer, startRedisServer } from '../../testing/stores/redis-server.ts'
import { openRedisStore } from '../redis.ts'
import { scripts } from './scripts.ts'

if (!hasRedisServer) console.error('redis: no /usr/bin/redis-server, its faults are not tested')

const timeout = 600

describe.skipIf(!hasRedisServer)('redis at its worst', () => {
  let server: RedisServer
  let link: CutLink
  const stores: Store[] = []
  beforeAll(async () => {
    server = await startRedisServer()
    link = await openCutLink(server.port)
  })
  afterAll(async () => {
    link.close()
    await server.remove()
  })
  beforeEach(() => server.ask('FLUSHALL'))
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close()
  })

  async function open(port = server.port): Promise<Store> {
    const store = await openRedisStore(`redis://127.0.0.1:${port}?pool_size=2&timeout=${timeout}`)
    stores.push(store)
    return store
  }

  async function openBehindLink(): Promise<Store> {
    const store = await open(link.port)
    // From here on the server knows the script, so that the next commit is one request.
    await store.commit(() => [putUser('warm')])
    return store
  }

  describe('two nodes on the same data', () => {
    it('number messages and changes without gap or reuse, in the order of their commits', async () => {
      const nodes = [await open(), await open()]
      const taken: [from: number, count: number][] = []
      const writers = Array.from({ length: 20 }, async (_, w) => {
        for (let n = 0; n < 5; n++) taken.push(await say(nodes[w % 2] as Store, `w${w}`, n))
      })
      await Promise.all(writers)
      const [store] = nodes as [Store]
      const entries = await store.read('c', 1, 1e9, 1e9)
      expect(entries.map((e) => e.seq)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1))
      expect(entries.map((e) => e.id)).toEqual(entries.map((e) => e.id).toSorted((a, b) => a - b))
      const positions = taken.flatMap(([from, count]) => Array.from({ length: count }, (_, i) => from + i))
      expect(positions.toSorted((a, b) => a - b)).toEqual(
        Array.from({ length: 200 }, (_, i) => logStart + 1 + i),
      )
    })

    it('refuse what rests on a record that the other one has changed, however well they remember it', async () => {
      const [a, b] = [await open(), await open()] as const
      const from = (version: number): Change => ({
        ...putUser('ann'),
        expect: [{ kind: 'user', key: ['ann'], version }],
      })
      await a.commit(() => [putUser('ann')])
      await b.commit(() => [from(1)])
      // What a remembers would refuse this one, and take the next.
      expect((await a.commit(() => [from(2)])).refused).toEqual([])
      await b.commit(() => [from(3)])
      expect((await a.commit(() => [from(3)])).refused).toEqual([{ change: 0, why: 'expect' }])
      expect((await b.commit(() => [{ append: entry('c', 2) }])).refused).toEqual([{ change: 0, why: 'seq' }])
    })

    it('let large batches through between small ones', async () => {
      const [large, small] = [await open(), await open()] as const
      let isOver = false
      const hail = (async () => {
        for (let n = 0; !isOver; n++) await small.commit(() => [putUser(`s${n % 5}`)])
      })()
      for (let n = 0; n < 5; n++) {
        const result = await large.commit(async () => {
          await new Promise((resolve) => setTimeout(resolve, 20))
          return Array.from({ length: 300 }, (_, i) => putUser(`l${i}`))
        })
        expect(result.refused).toEqual([])
      }
      isOver = true
      await hail
    })

    it('wait for a node that died in its turn no longer than the turn', async () => {
      const store = await open()
      await server.ask('SET', 'nexo:{nexo:}:pen', 'a dead node', 'PX', '200')
      expect((await store.commit(() => [putUser('ann')])).refused).toEqual([])
    })

    it('are told that they cannot write where a turn does not end', async () => {
      const store = await open()
      await server.ask('SET', 'nexo:{nexo:}:pen', 'another node', 'PX', '60000')
      const refusal = await refusalOf(store.commit(() => [putUser('ann')]))
      expect(refusal).toMatch(/other nodes wrote all the time for 600 ms/)
    })
  })

  describe('a connection that breaks', () => {
    it('in the middle of a commit leaves nothing, and holds up nobody', async () => {
      const [dying, other] = [await openBehindLink(), await open()] as const
      link.cutWithin(scripts.commit.sha)
      const failed = dying.commit(() => [{ ...putUser('ann'), append: entry('c', 1) }])
      expect(await refusalOf(failed)).toMatch(/closed the connection before it answered/)
      expect(await other.get('user', [['ann']])).toEqual([undefined])
      expect(await other.read('c', 1, 9, 9)).toEqual([])
      expect((await other.commit(() => [{ append: entry('c', 1) }])).refused).toEqual([])
      expect((await dying.commit(() => [{ append: entry('c', 2) }])).refused).toEqual([])
    })

    it('before the answer of a commit is an error, and the repeated offer meets its twin', async () => {
      const store = await openBehindLink()
      link.loseAnswerTo(scripts.commit.sha)
      const failed = store.commit(() => [{ append: entry('c', 1) }])
      expect(await refusalOf(failed)).toMatch(/closed the connection before it answered/)
      const again = await store.commit(() => [{ append: entry('c', 1) }])
      expect(again.refused).toEqual([{ change: 0, why: 'twin', twin: entry('c', 1) }])
      expect(await store.read('c', 1, 9, 9)).toHaveLength(1)
    })
  })

  describe('a server that', () => {
    it('was killed and started again has everything confirmed, and the same store goes on', async () => {
      const store = await open()
      for (let seq = 1; seq <= 20; seq++) await store.commit(() => [{ append: entry('c', seq) }])
      await server.kill()
      const meanwhile = await refusalOf(store.commit(() => [{ append: entry('c', 21) }]))
      const reached = await seen(() => refusalOf(store.heads(['c'])), /cannot be reached: start it/)
      await server.start()
      expect(meanwhile).toMatch(/closed the connection|cannot be reached/)
      expect(reached).toBe(true)
      await expect.poll(() => store.position().catch(() => 0), { timeout: 1000 }).toBe(logStart + 20)
      expect(await store.read('c', 1, 99, 99)).toHaveLength(20)
      expect((await store.commit(() => [{ append: entry('c', 21) }])).refused).toEqual([])
    })

    it('hangs gives an error after the timeout, with no connection above the limit, and goes on afterwards', async () => {
      const store = await open()
      server.pause()
      const started = Date.now()
      const reads = Array.from({ length: 10 }, () => refusalOf(store.get('user', [['ann']])))
      const commit = refusalOf(store.commit(() => [putUser('ann')]))
      for (const refusal of [...(await Promise.all(reads)), await commit])
        expect(refusal).toMatch(/did not answer within 600 ms|closed the connection/)
      expect(Date.now() - started).toBeLessThan(3 * timeout)
      expect(store.pool?.().open).toBeLessThanOrEqual(2)
      server.resume()
      await expect
        .poll(() => store.position().catch(() => 0), { timeout: 1000 })
        .toBeGreaterThanOrEqual(logStart)
      expect((await store.commit(() => [putUser('bob')])).refused).toEqual([])
    })

    it('was emptied under a running node is refused, and no number is given twice', async () => {
      const store = await open()
      await store.commit(() => [{ ...putUser('ann'), append: entry('c', 1) }])
      await server.ask('FLUSHALL')
      const asked: (() => Promise<unknown>)[] = [
        () => store.position(),
        () => store.get('user', [['ann']]),
        () => store.list('user', 'by_name', []),
        () => store.read('c', 1, 9, 9),
        () => store.heads(['c']),
        () => store.commit(() => [{ append: entry('c', 1) }]),
      ]
      for (const ask of asked) expect(await refusalOf(ask())).toMatch(/does not hold the data any more/)
      // Another process may begin anew there; the old one does not mix with it.
      const anew = await open()
      await anew.commit(() => [putUser('bob'), putUser('cid'), putUser('dan')])
      expect(await refusalOf(store.commit(() => [putUser('ann')]))).toMatch(/does not hold the data any more/)
    })

    it('has lost its newest data is refused', async () => {
      const store = await open()
      await store.commit(() => [putUser('ann'), putUser('bob')])
      await server.ask('HSET', 'nexo:{nexo:}:log', 'position', String(logStart + 1))
      expect(await refusalOf(store.get('user', [['ann']]))).toMatch(
        /has lost the last things it had confirmed/,
      )
      expect(await refusalOf(store.commit(() => [putUser('ann')]))).toMatch(/has lost the last things/)
    })

    it('is full takes nothing of a batch, is read on, and writes again when there is room', async () => {
      const store = await open()
      await store.commit(() => [putUser('ann')])
      await server.ask('CONFIG', 'SET', 'maxmemory', '1')
      const failed = store.commit(() => [{ ...putUser('ann'), append: entry('c', 1, { body: 'a secret' }) }])
      const error = await failed.then(
        () => undefined,
        (e: unknown) => e,
      )
      expect(error).toMatchObject({ kind: 'unavailable', retryAfter: 1 })
      expect((error as ImError).detail).toMatch(/is full: raise maxmemory/)
      // What is logged must not repeat what people write.
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('a secret')
      expect((await store.get('user', [['ann']]))[0]?.version).toBe(1)
      await server.ask('CONFIG', 'SET', 'maxmemory', '0')
      expect((await store.commit(() => [{ append: entry('c', 1) }])).refused).toEqual([])
    })

    it('cannot write to its disk takes nothing', async () => {
      const store = await open()
      const [, folder] = (await server.ask('CONFIG', 'GET', 'dir')) as [string, string]
      mkdirSync(`${folder}/dump.rdb`)
      await server.ask('CONFIG', 'SET', 'save', '3600 100000')
      await server.ask('BGSAVE')
      await expect
        .poll(async () => String(await server.ask('INFO', 'persistence')), { timeout: 2000 })
        .toMatch(/rdb_last_bgsave_status:err/)
      expect(await refusalOf(store.commit(() => [putUser('ann')]))).toMatch(/cannot write to its disk/)
      await server.ask('CONFIG', 'SET', 'save', '')
      expect((await store.commit(() => [putUser('ann')])).refused).toEqual([])
    })

    it('became a replica takes nothing', async () => {
      const store = await open()
      await server.ask('REPLICAOF', '127.0.0.1', '1')
      expect(await refusalOf(store.commit(() => [putUser('ann')]))).toMatch(/is a replica/)
      await server.ask('REPLICAOF', 'NO', 'ONE')
      expect((await store.commit(() => [putUser('ann')])).refused).toEqual([])
    })

    it('has forgotten the scripts is told them again', async () => {
      const store = await open()
      await server.ask('SCRIPT', 'FLUSH')
      expect((await store.commit(() => [putUser('ann')])).refused).toEqual([])
      await server.ask('SCRIPT', 'FLUSH')
      expect((await store.get('user', [['ann']]))[0]?.version).toBe(1)
    })

    it('misses a part of the data is not answered for as empty', async () => {
      const store = await open()
      await store.commit(() => [{ ...putUser('ann'), append: entry('c', 1) }])
      await server.ask('DEL', 'nexo:{nexo:}:message:c', 'nexo:{nexo:}:record:user')
      const asked = [
        () => store.read('c', 1, 9, 9),
        () => store.heads(['c']),
        () => store.twins([['ann', 'c-1']]),
      ]
      for (const ask of asked) await expect(ask()).rejects.toThrow(/damaged data, message 1.* is missing/)
      await expect(store.list('user', 'by_name', [])).rejects.toThrow(
        /damaged data, a record of the kind user/,
      )
    })
  })
})

/** Whether an answer is given within a second. */
async function seen(ask: () => Promise<string>, answer: RegExp): Promise<boolean> {
  for (let tries = 0; tries < 50; tries++) {
    if (answer.test(await ask())) return true
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return false
}

async function refusalOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'done'
  } catch (error) {
    if (error instanceof ImError && error.kind === 'unavailable') return error.detail ?? ''
    throw error
  }
}

/** One message and a change beside it, offered until they stand. */
async function say(node: Store, sender: string, n: number): Promise<[from: number, count: number]> {
  for (;;) {
    const { from, refused } = await node.commit(async (at) => {
      const [head] = await node.heads(['c'])
      const seq = (head?.seq ?? 0) + 1
      return [
        { append: entry('c', seq, { id: at, sender_id: sender, client_msg_id: String(n) }) },
        putUser(sender),
      ]
    })
    if (refused.length === 0) return [from, 2]
  }
}
