import type { Store } from '../core/ports.ts'

/**
 * Opens a store by its URL; drivers are loaded when named, so none is a hard dependency.
 * `memory:` keeps nothing, `sqlite:<path>` is the embedded default; the rest are servers that nodes share.
 * @param tell told in sentences what happens to data of an earlier version, and of damage
 * @param damaged told of each damaged row of an SQLite file, which is then read as it is; servers check their own files
 */
export async function openStore(
  url: string,
  tell?: (line: string) => void,
  damaged?: (what: string) => void,
): Promise<Store> {
  const scheme = /^([a-z][a-z0-9+]*):/.exec(url)?.[1]
  const rest = url.slice((scheme?.length ?? 0) + 1)
  switch (scheme) {
    case 'memory':
      return (await import('./memory.ts')).openMemoryStore()
    case 'sqlite':
      return (await import('./sqlite.ts')).openSqliteStore(rest, tell, damaged)
    case 'mysql':
    case 'mariadb':
      return (await import('./mysql.ts')).openMysqlStore(url)
    case 'redis':
    case 'rediss':
      return (await import('./redis.ts')).openRedisStore(url)
    case 'mongodb':
    case 'mongodb+srv':
      return (await import('./mongodb.ts')).openMongodbStore(url)
    default:
      // Only the scheme: what follows may hold a password.
      throw new Error(
        `store "${scheme ?? url}": known are sqlite:<path>, mysql://, mongodb://, redis:// and memory:`,
      )
  }
}
