import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Store } from '../../core/ports.ts'
import { blockAt, messageAt, seqsOf } from '../../testing/stores/changes.ts'
import { hasMysqlServer, type MysqlServer, startMysqlServer } from '../../testing/stores/mysql-server.ts'
import { openMysqlStore } from '../mysql.ts'

const hasServer = hasMysqlServer()

describe.skipIf(!hasServer)('a MariaDB of its own', () => {
  let server: MysqlServer
  beforeAll(async () => {
    server = await startMysqlServer()
    await server.run('CREATE DATABASE nexo')
  }, 60_000)
  afterAll(() => server.remove())

  describe('while running', () => {
    let store: Store
    beforeEach(async () => {
      await server.run('DROP DATABASE nexo', 'CREATE DATABASE nexo')
      store = await openMysqlStore(server.url('nexo', '?timeout=600&pool_size=4'))
    })
    afterEach(() => store.close())

    /** What the log is told; the caller hears only that the store is not there. */
    const refusal = (sentence: RegExp) => ({
      kind: 'unavailable',
      retryAfter: 1,
      cause: { message: expect.stringMatching(sentence) },
    })

    it('has what it committed after a kill -9, and goes on by itself within a second', async () => {
      await store.commit(() => [messageAt('c', 1), blockAt('b', 1)])
      const open = store.commit(async () => {
        await server.kill()
        return [messageAt('c', 2)]
      })
      await expect(open).rejects.toMatchObject(refusal(/closed the connection/))
      await expect(store.commit(() => [messageAt('c', 2)])).rejects.toMatchObject(
        refusal(/cannot be reached \(ECONNREFUSED\)/),
      )
      await expect(store.read('c', 1, 9, 9)).rejects.toMatchObject(refusal(/cannot be reached/))
      await server.start()
      const since = Date.now()
      expect(await seqsOf(store, 'c')).toEqual([1])
      expect((await store.commit(() => [messageAt('c', 2)])).from).toBe(1_000_003)
      expect(Date.now() - since).toBeLessThan(1000)
    })

    it('does not wait for a hung server beyond the timeout, nor opens connections without end', async () => {
      await store.commit(() => [messageAt('c', 1)])
      server.pause()
      try {
        const since = Date.now()
        const asked = [
          ...Array.from({ length: 10 }, () => store.position()),
          store.commit(() => [messageAt('c', 2)]),
        ]
        const answers = await Promise.allSettled(asked)
        expect(answers.map((a) => a.status)).toEqual(asked.map(() => 'rejected'))
        expect(answers.at(-1)).toMatchObject({ reason: refusal(/did not answer within 600 ms/) })
        // One wait for a free connection, one for the answer or for the connection itself.
        expect(Date.now() - since).toBeLessThan(2000)
        expect(store.pool?.().open).toBeLessThanOrEqual(4)
        // From here on nobody waits for a timeout of his own.
        const later = Date.now()
        const once = [store.position(), store.commit(() => [messageAt('c', 3)])]
        expect((await Promise.allSettled(once)).map((a) => a.status)).toEqual(['rejected', 'rejected'])
        expect(Date.now() - later).toBeLessThan(300)
      } finally {
        server.resume()
      }
      await expect.poll(() => store.position().catch(() => 0), { timeout: 5000 }).toBeGreaterThan(0)
      expect(await seqsOf(store, 'c')).toEqual([1])
      expect((await store.commit(() => [messageAt('c', 2)])).refused).toEqual([])
    })

    it('says that a record too long for its column is none, and keeps the others possible', async () => {
      const long = store.commit(() => [blockAt('n'.repeat(200), 1)])
      await expect(long).rejects.toMatchObject({ kind: 'invalid_parameter' })
      expect((await store.commit(() => [blockAt('n', 1)])).refused).toEqual([])
    })
  })

  describe('when it is opened', () => {
    const opening = (url: string): Promise<Store> => openMysqlStore(url)

    it('names user and address when the password is wrong, and never the password', async () => {
      const url = `mysql://root:sesame@127.0.0.1:${server.port}/nexo`
      await expect(opening(url)).rejects.toThrow(
        `MySQL at 127.0.0.1:${server.port} refuses user "root": correct user and password`,
      )
      await expect(opening(url)).rejects.not.toThrow(/sesame/)
    })

    it('names the database that is missing', async () => {
      await expect(opening(server.url('nowhere'))).rejects.toThrow(/has no database "nowhere": create it/)
    })

    it('names the address that nobody listens at', async () => {
      await expect(opening('mysql://root@127.0.0.1:9/nexo')).rejects.toThrow(
        /MySQL at 127.0.0.1:9 cannot be reached \(ECONNREFUSED\)/,
      )
      await expect(opening('mysql://root@no-such-host.invalid/nexo')).rejects.toThrow(
        /no-such-host.invalid:3306 cannot be reached/,
      )
    })

    it('gives up after the timeout when nobody answers', async () => {
      server.pause()
      const since = Date.now()
      try {
        await expect(opening(server.url('nexo', '?timeout=300'))).rejects.toThrow(
          /did not answer within 300 ms/,
        )
        expect(Date.now() - since).toBeLessThan(1500)
      } finally {
        server.resume()
      }
    })

    it('refuses a user who may only read', async () => {
      await (await opening(server.url('nexo'))).close()
      await server.run(
        "CREATE USER reader@'%' IDENTIFIED BY 'r'",
        "GRANT SELECT ON nexo.* TO reader@'%'",
        "CREATE USER stranger@'%' IDENTIFIED BY 's'",
        'FLUSH PRIVILEGES',
      )
      const url = (user: string): string => `mysql://${user}@127.0.0.1:${server.port}/nexo`
      await expect(opening(url('reader:r'))).rejects.toThrow(/"reader" may not write .* GRANT ALL/)
      await expect(opening(url('stranger:s'))).rejects.toThrow(/"stranger" may not use database "nexo"/)
    })

    it('refuses a server that is read-only', async () => {
      await server.run(
        "CREATE USER writer@'%' IDENTIFIED BY 'w'",
        "GRANT ALL ON nexo.* TO writer@'%'",
        'SET GLOBAL read_only = 1',
      )
      const url = `mysql://writer:w@127.0.0.1:${server.port}/nexo`
      await expect(opening(url)).rejects.toThrow(/may not write .* make the server writable/)
      await server.run('SET GLOBAL read_only = 0')
      await (await opening(url)).close()
    })

    it('tells how durable the server is', async () => {
      const durability = async (): Promise<string> => {
        const store = await opening(server.url('nexo'))
        await store.close()
        return store.traits.durability
      }
      expect(await durability()).toBe('D2')
      await server.run('SET GLOBAL innodb_flush_log_at_trx_commit = 2')
      expect(await durability()).toBe('D1')
      await server.run('SET GLOBAL innodb_flush_log_at_trx_commit = 1')
    })

    it('says so when the server has no connection left', async () => {
      await server.run('SET GLOBAL max_connections = 10')
      const held = await opening(server.url('nexo', '?pool_size=20'))
      const reads = await Promise.allSettled(Array.from({ length: 12 * 19 }, () => held.position()))
      const failed = reads.filter((r) => r.status === 'rejected')
      expect(failed[0]).toMatchObject({
        reason: { cause: { message: expect.stringMatching(/raise its max_connections or lower pool_size/) } },
      })
      await held.close()
      await server.run('SET GLOBAL max_connections = 100')
    })
  })
})

describe.skipIf(!hasServer)('a MariaDB whose disk is full', () => {
  it('is unavailable, keeps what stood, and takes no part of what did not fit', async () => {
    // All tables in one file that may not grow: the engine's way to have a disk of twenty megabytes.
    const server = await startMysqlServer('--innodb-file-per-table=0', '--innodb-data-file-path=ibdata1:20M')
    try {
      await server.run('CREATE DATABASE nexo')
      const store = await openMysqlStore(server.url('nexo'))
      const body = JSON.stringify({ text: 'x'.repeat(200_000) })
      let stored = 0
      const fill = async (): Promise<void> => {
        for (; stored < 1000; stored += 2)
          await store.commit(() =>
            [stored + 1, stored + 2].map((seq) => ({ append: { ...messageAt('c', seq).append, body } })),
          )
      }
      await expect(fill()).rejects.toMatchObject({
        kind: 'unavailable',
        cause: { message: expect.stringMatching(/free space/) },
      })
      expect(stored).toBeGreaterThan(0)
      expect(await seqsOf(store, 'c')).toEqual(Array.from({ length: stored }, (_, i) => i + 1))
      await store.close()
    } finally {
      await server.remove()
    }
  }, 60_000)
})
