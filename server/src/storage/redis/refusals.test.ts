import { once } from 'node:events'
import { createServer } from 'node:net'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { entry } from '../../testing/stores/changes.ts'
import { hasRedisServer, type RedisServer, startRedisServer } from '../../testing/stores/redis-server.ts'
import { openRedisStore } from '../redis.ts'
import { parseRedisUrl } from './address.ts'

if (!hasRedisServer) console.error('redis: no /usr/bin/redis-server, what it refuses is not tested')

describe('the URL of a redis store', () => {
  it('names place, user, database and options, and has a default for each but the host', () => {
    expect(
      parseRedisUrl('rediss://an%40n:p%3Aw@h:7/3?key_prefix=im-&pool_size=9&timeout=50&durability=everysec'),
    ).toEqual({
      host: 'h',
      port: 7,
      isSecured: true,
      username: 'an@n',
      password: 'p:w',
      db: 3,
      keyPrefix: 'im-',
      poolSize: 9,
      timeout: 50,
      durability: 'everysec',
    })
    expect(parseRedisUrl('redis://[::1]')).toMatchObject({
      host: '::1',
      port: 6379,
      isSecured: false,
      db: 0,
      keyPrefix: 'nexo:',
      poolSize: 4,
      timeout: 5000,
      durability: 'always',
    })
  })

  it.each([
    ['redis:', /cannot be read; a Redis is named like redis:\/\//],
    ['redis://user:secret@:99999/0', /cannot be read/],
    ['redis://:secret@h/0?pol_size=3', /unknown option "pol_size"; known are key_prefix, pool_size, timeout/],
    ['redis://:secret@h/main', /the database behind the slash must be a whole number/],
    ['redis://:secret@h?pool_size=0', /pool_size must be a whole number from 1 to 1000/],
    ['redis://:secret@h?timeout=soon', /timeout must be a whole number/],
    ['redis://:secret@h?key_prefix={a}', /key_prefix has no braces/],
    ['redis://:secret@h?durability=no', /durability must be one of always, everysec, unchecked/],
  ])('%s is refused with a sentence', async (url, sentence) => {
    const error = await sentenceOf(url)
    expect(error).toMatch(sentence)
    expect(error).not.toContain('secret')
  })
})

describe.skipIf(!hasRedisServer)('a redis that cannot keep messages', () => {
  let server: RedisServer
  beforeAll(async () => {
    server = await startRedisServer()
  })
  afterAll(() => server.remove())
  beforeEach(() => server.ask('FLUSHALL'))

  const url = (login = '', more = ''): string => `redis://${login}127.0.0.1:${server.port}/${more}`
  const place = (): string => `Redis at 127.0.0.1:${server.port}`

  it('is not there', async () => {
    const error = await sentenceOf('redis://:secret@127.0.0.1:1/0')
    expect(error).toBe(
      `Redis at 127.0.0.1:1 cannot be reached: start it, or correct host and port in the store's URL`,
    )
    expect(await sentenceOf('redis://no-such-host.invalid')).toMatch(/cannot be reached, its name/)
  })

  it('takes the connection and says nothing', async () => {
    const mute = createServer().listen(0, '127.0.0.1')
    await once(mute, 'listening')
    const { port } = mute.address() as { port: number }
    const started = Date.now()
    expect(await sentenceOf(`redis://:secret@127.0.0.1:${port}?timeout=200`)).toMatch(
      /did not answer within 200 ms/,
    )
    expect(Date.now() - started).toBeLessThan(1000)
    mute.close()
  })

  it('is another server', async () => {
    const web = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(
      0,
      '127.0.0.1',
    )
    await once(web, 'listening')
    const { port } = web.address() as { port: number }
    expect(await sentenceOf(`redis://127.0.0.1:${port}`)).toMatch(/does not speak the language of Redis/)
    web.close()
  })

  it('does not speak TLS', async () => {
    const secured = url('', '?timeout=200').replace('redis:', 'rediss:')
    expect(await sentenceOf(secured)).toMatch(/hangs or is overloaded, or does not speak TLS/)
  })

  it('has no such database, and the data do not go into another one', async () => {
    expect(await sentenceOf(url('', '99'))).toBe(
      `${place()} has no database 99: name another one in the store's URL, or raise "databases" in its redis.conf`,
    )
    expect(await server.ask('DBSIZE')).toBe(0)
  })

  it('has a user who writes nothing, and is left as it was', async () => {
    await server.ask(
      'ACL',
      'SETUSER',
      'reader',
      'on',
      '>secret',
      '~*',
      '+@read',
      '+info',
      '+config|get',
      '+@scripting',
    )
    expect(await sentenceOf(url('reader:secret@'))).toMatch(
      /does not let user "reader" do what a store must: .*ACL SETUSER/,
    )
    expect(await server.ask('DBSIZE')).toBe(0)
  })

  it('has a user who may do a part of what a commit does', async () => {
    await server.ask('ACL', 'SETUSER', 'part', 'on', '>secret', '~*', '+@all', '-zadd')
    expect(await sentenceOf(url('part:secret@'))).toMatch(/does not let user "part"/)
    expect(await server.ask('DBSIZE')).toBe(0)
  })

  it('has another password, or wants one', async () => {
    await server.ask('ACL', 'SETUSER', 'ann', 'on', '>right', '~*', '+@all')
    const wrong = await sentenceOf(url('ann:wrong@'))
    expect(wrong).toBe(
      `${place()} refuses user "ann" with this password: correct user and password in the store's URL`,
    )
    const store = await openRedisStore(url('ann:right@'))
    await store.close()
    const inside = new Redis(url())
    await inside.config('SET', 'requirepass', 'right')
    const open = await sentenceOf(url())
    await inside.config('SET', 'requirepass', '')
    inside.disconnect()
    expect(open).toMatch(/demands a password/)
  })

  describe('as it is configured', () => {
    let configured: RedisServer
    beforeAll(async () => {
      configured = await startRedisServer()
    })
    afterAll(() => configured.remove())
    afterEach(async () => {
      await configured.ask('REPLICAOF', 'NO', 'ONE')
      const good = ['appendonly', 'yes', 'appendfsync', 'always', 'no-appendfsync-on-rewrite', 'no']
      await configured.ask('CONFIG', 'SET', ...good, 'maxmemory-policy', 'noeviction')
    })
    const at = (more = ''): string => `redis://127.0.0.1:${configured.port}/${more}`

    it.each([
      [
        ['appendonly', 'no'],
        /write "appendonly yes", "appendfsync always", "no-appendfsync-on-rewrite no" into its redis.conf/,
      ],
      [
        ['appendfsync', 'everysec'],
        /would lose what it confirmed: write "appendfsync always" into its redis.conf;/,
      ],
      [['appendfsync', 'no'], /write "appendfsync always" into its redis.conf/],
      [['no-appendfsync-on-rewrite', 'yes'], /write "no-appendfsync-on-rewrite no" into its redis.conf/],
      [
        ['maxmemory-policy', 'allkeys-lru'],
        /\(maxmemory-policy allkeys-lru\): write "maxmemory-policy noeviction"/,
      ],
    ])('%s is refused with the lines to write', async (setting, sentence) => {
      await configured.ask('CONFIG', 'SET', ...setting)
      expect(await sentenceOf(at())).toMatch(sentence)
    })

    it('is a replica', async () => {
      await configured.ask('REPLICAOF', '127.0.0.1', '1')
      expect(await sentenceOf(at())).toMatch(/is a replica and writes nothing: name the primary/)
    })

    it('promises what the operator took upon himself, and no more', async () => {
      const durable = await openRedisStore(at())
      await configured.ask('CONFIG', 'SET', 'appendfsync', 'everysec')
      const second = await openRedisStore(at('?durability=everysec'))
      await configured.ask('CONFIG', 'SET', 'appendonly', 'no')
      const unchecked = await openRedisStore(at('?durability=unchecked'))
      expect([durable, second, unchecked].map((store) => store.traits.durability)).toEqual(['D2', 'D1', 'D1'])
      for (const store of [durable, second, unchecked]) await store.close()
    })

    it('does not tell how it is configured', async () => {
      await configured.ask('ACL', 'SETUSER', 'ann', 'on', '>secret', '~*', '+@all', '-config')
      const named = at().replace('//', '//ann:secret@')
      expect(await sentenceOf(named)).toMatch(
        /CONFIG is forbidden\): allow \+config\|get .* durability=unchecked/,
      )
      const store = await openRedisStore(`${named}?durability=unchecked`)
      expect(store.traits.durability).toBe('D1')
      await store.close()
    })
  })

  describe('with data', () => {
    const log = 'nexo:{nexo:}:log'
    beforeEach(async () => {
      await (await openRedisStore(url())).close()
    })

    it('of a newer program', async () => {
      await server.ask('HSET', log, 'schema', '99')
      expect(await sentenceOf(url())).toMatch(
        /the data is of version 99, this program knows 1: start a newer Nexo IM/,
      )
    })

    it('laid out in another way', async () => {
      await server.ask('HSET', log, 'layout', 'other')
      expect(await sentenceOf(url())).toMatch(/laid out otherwise/)
    })

    it('that lack their log', async () => {
      const store = await openRedisStore(url())
      await store.commit(() => [{ append: entry('c', 1) }])
      await store.close()
      await server.ask('DEL', log)
      expect(await sentenceOf(url())).toMatch(/holds damaged data, a part of them is missing: restore/)
    })
  })
})

/** What opening it ends with; never with its password in it, in the causes neither. */
async function sentenceOf(url: string): Promise<string> {
  try {
    await (await openRedisStore(url)).close()
    return 'it was opened'
  } catch (error) {
    const told: string[] = []
    for (let each: unknown = error; each instanceof Error; each = each.cause)
      told.push(each.message, JSON.stringify({ ...each }))
    if (told.join().includes('secret')) return 'it repeats the password'
    return (error as Error).message
  }
}
