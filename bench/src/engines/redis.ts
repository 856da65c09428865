import { join } from 'node:path'
import { Redis } from 'ioredis'
import type { Engine } from './engine.ts'

async function withRedis<T>(url: string, work: (redis: Redis) => Promise<T>): Promise<T> {
  const { search, href } = new URL(url)
  const redis = new Redis(href.slice(0, href.length - search.length), {
    lazyConnect: true,
    connectTimeout: 2000,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
  })
  // Told by the call that fails as well.
  redis.on('error', () => undefined)
  try {
    await redis.connect()
    return await work(redis)
  } finally {
    redis.disconnect()
  }
}

export const redisEngine: Engine = {
  service: 'redis',
  variable: 'REDIS_URL',
  ping: (url) =>
    withRedis(url, async (redis) => {
      await redis.ping()
    }),
  promises: (url) =>
    withRedis(url, async (redis) => {
      const [, version = '?'] = /redis_version:(\S+)/.exec(await redis.info('server')) ?? []
      const [, sync] = (await redis.config('GET', 'appendfsync')) as string[]
      const [, isOn] = (await redis.config('GET', 'appendonly')) as string[]
      const setting = isOn === 'yes' ? `appendfsync=${sync}` : 'appendonly=no'
      const durability = isOn !== 'yes' ? 'D0' : sync === 'always' ? 'D2' : 'D1'
      return { version: `Redis ${version}`, durability, setting }
    }),
  // It writes its title over its arguments.
  argumentsIn: (folder) => [join(folder, 'redis.conf')],
  fresh: async (url, name) => {
    const place = new URL(url)
    place.searchParams.set('key_prefix', `${name}:`)
    return place.href
  },
  drop: (url) =>
    withRedis(url, async (redis) => {
      const match = `${new URL(url).searchParams.get('key_prefix')}*`
      for await (const keys of redis.scanStream({ match, count: 10_000 }))
        if (keys.length > 0) await redis.unlink(...(keys as string[]))
    }),
}
