import type { Store } from '../core/ports.ts'

/**
 * Opens a store by its URL; drivers are loaded when named, so none is a hard dependency.
 * `memory:` keeps nothing, `sqlite:<path>` is the embedded default.
 */
export async function openStore(url: string): Promise<Store> {
  const scheme = /^([a-z][a-z0-9+]*):/.exec(url)?.[1]
  const rest = url.slice((scheme?.length ?? 0) + 1)
  switch (scheme) {
    case 'memory':
      return (await import('./memory.ts')).openMemoryStore()
    case 'sqlite':
      return (await import('./sqlite.ts')).openSqliteStore(rest)
    default:
      throw new Error(`store "${url}": known are memory: and sqlite:<path>`)
  }
}
