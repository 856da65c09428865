import { Redis } from 'ioredis'
import type { Store } from '../../core/ports.ts'
import { openRedisStore } from '../../storage/redis.ts'

export interface FreshRedis {
  readonly store: Store
  /** For a second store on the same data. */
  readonly url: string
}

/** An empty store on the server at `url`; see `freshRedis`. */
export async function freshRedisStore(url: string): Promise<Store> {
  return (await freshRedis(url)).store
}

/**
 * An empty store and its URL: a prefix nobody else has, because that takes no time at all. What was written goes when the
 * store is closed; whoever opens a second one on the same data closes it first.
 * @param url of a server; what else it holds is not touched
 */
export async function freshRedis(url: string): Promise<FreshRedis> {
  const prefix = `nexo_test_${crypto.randomUUID()}:`
  const named = new URL(url)
  named.searchParams.set('key_prefix', prefix)
  const store = await openRedisStore(named.href)
  return {
    url: named.href,
    store: {
      ...store,
      close: async () => {
        await store.close()
        await erase(named, prefix)
      },
    },
  }
}

async function erase(url: URL, prefix: string): Promise<void> {
  const redis = new Redis(new URL(url.pathname, url).href, { disableClientInfo: true })
  try {
    for await (const keys of redis.scanStream({ match: `${prefix}*`, count: 10_000 }))
      if (keys.length > 0) await redis.unlink(...(keys as string[]))
  } finally {
    redis.disconnect()
  }
}
