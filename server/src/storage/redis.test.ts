import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Change, Store } from '../core/ports.ts'
import { type Key, tables } from '../core/tables.ts'
import { blockAt, entry } from '../testing/stores/changes.ts'
import { freshRedis, freshRedisStore } from '../testing/stores/redis.ts'
import { openStore } from './open.ts'
import { storeContract } from './store.contract.ts'

const url = process.env['REDIS_URL'] ?? ''
if (url === '') console.error('redis: REDIS_URL names no server, its store is not tested')

describe.skipIf(url === '')('redis', () => {
  storeContract('redis', () => freshRedisStore(url))

  describe('one store', () => {
    let store: Store
    let place = ''
    beforeEach(async () => {
      ;({ store, url: place } = await freshRedis(url))
    })
    afterEach(() => store.close())

    it('is one of many on the same server: two prefixes never meet', async () => {
      const { store: other } = await freshRedis(url)
      await store.commit(() => [blockAt('n', 7)])
      expect(await other.get('block', [['n']])).toEqual([undefined])
      await other.close()
    })

    it('begins every key with its prefix and keeps all of them in one slot', async () => {
      await store.commit(() => [{ ...blockAt('n', 7), append: entry('c', 1) }, { put: [hidden('ann', 1)] }])
      const prefix = new URL(place).searchParams.get('key_prefix') ?? ''
      const redis = new Redis(url)
      const keys = (await redis.keys(`*${prefix}*`)).toSorted()
      redis.disconnect()
      const names = [
        'conversations',
        'heads',
        'index:block:key',
        'index:hidden:by_change',
        'index:hidden:by_user',
      ]
      names.push('log', 'message:c', 'record:block', 'record:hidden', 'twins')
      expect(keys).toEqual(names.map((name) => `${prefix}{${prefix}}:${name}`))
    })

    it('keeps its data when it is opened again', async () => {
      const { from } = await store.commit(() => [blockAt('n', 7)])
      const again = await openStore(place)
      expect(await again.position()).toBe(from)
      expect(await again.get('block', [['n']])).toEqual([{ name: 'n', next: 7, version: 1 }])
      await again.close()
    })

    it('writes and reads more at once than one command takes', async () => {
      const size = 5000
      const changes = numbers(size).map((seq) => ({ append: entry('c', seq), put: [hidden('ann', seq)] }))
      expect((await store.commit(() => changes)).refused).toEqual([])
      expect(await store.read('c', 0, 1e9, 1e9)).toHaveLength(size)
      expect(await store.list('hidden', 'by_user', ['ann'])).toHaveLength(size)
      const names = numbers(size).map((n): [string, string] => ['ann', `c-${n}`])
      expect((await store.twins(names)).map((e) => e?.seq)).toEqual(numbers(size))
      await store.commit(() => [
        { remove: numbers(size).map((n) => ({ kind: 'hidden', key: ['ann', 'c', n] })) },
      ])
      expect(await store.list('hidden', 'by_user', ['ann'])).toEqual([])
    })

    it('lists numbers, booleans and hostile text in their order, wherever a page begins', async () => {
      const seqs = [-(2 ** 53) + 1, -20, -3, 0, 3, 20, 2 ** 53 - 1]
      const users = [
        '',
        '\0',
        '\0\0',
        '\u0001',
        '\u0001\0',
        '\u0002',
        'a',
        'a\0',
        'a\0b',
        'a\u0001',
        'ab',
        '\u{1f600}',
      ]
      const keys = users.flatMap((user) => seqs.map((seq) => [user, seq] as const))
      await store.commit(() => [{ put: keys.map(([user, seq]) => hidden(user, seq)).toReversed() }])
      for (const user of users)
        expect((await store.list('hidden', 'by_user', [user, 'c'])).map((h) => h.seq)).toEqual(seqs)
      const all = (await store.list('hidden', 'by_user', [])).map((h) => [h.user_id, h.seq])
      expect(all).toEqual(keys)
      const paged: unknown[] = []
      for (let after: Key | undefined; ; ) {
        const page = await store.list('hidden', 'by_user', [], { limit: 5, ...(after && { after }) })
        paged.push(...page.map((h) => [h.user_id, h.seq]))
        const last = page.at(-1)
        if (!last) break
        after = [last.user_id, last.conversation_id, last.seq]
      }
      expect(paged).toEqual(keys)
    })

    it('moves a record in its indexes when a field of them changes', async () => {
      const relation = (is_friend: boolean): Change => ({
        put: [
          {
            kind: 'relation',
            row: {
              owner_id: 'ann',
              other_id: 'bob',
              is_friend,
              is_blocked: false,
              remark: '',
              friends_since: 1,
              position: 1,
            },
          },
        ],
      })
      await store.commit(() => [relation(true)])
      await store.commit(() => [relation(false)])
      expect(await store.list('relation', 'by_friend', ['ann', true])).toEqual([])
      expect(await store.list('relation', 'by_friend', ['ann', false])).toHaveLength(1)
      await store.commit(() => [{ remove: [{ kind: 'relation', key: ['ann', 'bob'] }] }])
      expect(await store.list('relation', 'by_friend', ['ann'])).toEqual([])
    })

    it('begins behind everything that equals a part of the index', async () => {
      await store.commit(() => [{ put: ['a', 'b', 'bc'].map((user) => hidden(user, 1)) }])
      const page = await store.list('hidden', 'by_user', [], { after: ['b'] })
      expect(page.map((h) => h.user_id)).toEqual(['bc'])
    })

    it('amends a message of an earlier batch and of the same one, the last time counting', async () => {
      await store.commit(() => [{ append: entry('c', 1) }])
      const amend = (seq: number, body: string) => ({ conversation_id: 'c', seq, body, meta: '', salt: '' })
      await store.commit(() => [
        { append: entry('c', 2), amend: [amend(1, 'x'), amend(2, 'y')] },
        { amend: [amend(1, 'z'), amend(9, 'no')] },
      ])
      expect((await store.read('c', 1, 9, 9)).map((e) => e.body)).toEqual(['z', 'y'])
    })

    it('tells of a twin as earlier changes of the batch have amended it', async () => {
      await store.commit(() => [{ append: entry('c', 1) }])
      const amended = { body: '', meta: '"x":1', salt: '' }
      const { refused } = await store.commit(() => [
        { amend: [{ conversation_id: 'c', seq: 1, ...amended }] },
        { append: entry('d', 1, { client_msg_id: 'c-1' }) },
      ])
      expect(refused).toEqual([{ change: 1, why: 'twin', twin: { ...entry('c', 1), ...amended } }])
      expect(await store.read('c', 1, 1, 1)).toEqual([entry('c', 1)])
    })

    it('reads by key or along an index and never through everything', async () => {
      await store.commit(() => [{ ...blockAt('n', 7), append: entry('c', 1) }, { put: [hidden('ann', 1)] }])
      const used = await commandsOf(url, async () => {
        await store.get('block', [['n']])
        await store.read('c', 1, 9, 9)
        await store.heads(['c', 'd'])
        await store.twins([['ann', 'c-1']])
        for (const [kind, table] of Object.entries(tables)) {
          for (const index of Object.keys(table.indexes)) {
            await store.list(kind as 'view', index as 'by_user', [], { limit: 3 })
            await store.list(kind as 'view', index as 'by_user', ['x'], { after: ['y'], limit: 3 })
          }
          await store.scan(kind as 'view', { after: ['x'], limit: 3 })
        }
        await store.conversations({ after: 'b', limit: 3 })
        await store.commit(() => [{ ...blockAt('m', 7), append: entry('c', 2), amend: [] }])
      })
      const keyed = ['evalsha', 'eval', 'hget', 'hmget', 'hset', 'get', 'zadd', 'zrangebylex']
      expect(used.filter((command) => !keyed.includes(command))).toEqual([])
    })

    it('shows its connections and never has more than it may', async () => {
      const one = await openStore(`${place}&pool_size=2`)
      const counts: number[] = []
      const reads = numbers(50).map(async () => {
        await one.get('block', [['n']])
        counts.push(one.pool?.().open ?? 0)
      })
      expect(one.pool?.().limit).toBe(2)
      await Promise.all(reads)
      expect(Math.max(...counts)).toBe(2)
      expect(one.pool?.()).toEqual({ limit: 2, open: 2, busy: 0, waiting: 0 })
      await one.close()
    })
  })
})

/** What the server was asked to run meanwhile, by its own count; tests beside this one use the same server. */
async function commandsOf(at: string, work: () => Promise<void>): Promise<string[]> {
  const redis = new Redis(at)
  const monitor = await redis.monitor()
  const seen = new Set<string>()
  monitor.on('monitor', (_time: string, [command = '']: string[], source: string) => {
    if (source === 'lua' || /^eval/i.test(command)) seen.add(command.toLowerCase())
  })
  await work()
  // The monitor hears its own end last.
  await redis.call('ECHO', 'end')
  await new Promise((resolve) => setTimeout(resolve, 20))
  monitor.disconnect()
  redis.disconnect()
  return [...seen].toSorted()
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1)

const hidden = (user_id: string, seq: number) =>
  ({ kind: 'hidden', row: { user_id, conversation_id: 'c', seq, position: 1 } }) as const
