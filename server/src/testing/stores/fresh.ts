import { onTestFinished } from 'vitest'
import type { Store } from '../../core/ports.ts'
import { openStore } from '../../storage/open.ts'
import { openRestlessStore } from './restless.ts'

/** Stores on servers that a suite can run on, with the variable that names their server. */
export const servers = {
  mysql: 'MYSQL_URL',
  mongodb: 'MONGODB_URL',
  redis: 'REDIS_URL',
} as const

export type ServerStore = keyof typeof servers

/** Where that server is; undefined, with a line that says so, when nobody named one. */
export function serverUrl(name: ServerStore): string | undefined {
  const url = process.env[servers[name]]
  if (url === undefined || url === '') {
    process.stderr.write(
      `${name}: not tested, ${servers[name]} is not set (npm test starts a server and sets it)\n`,
    )
    return undefined
  }
  return url
}

/** An empty store of this kind; it goes with the test that closes it. */
export async function freshStore(name: ServerStore | 'memory'): Promise<Store> {
  if (name === 'memory') return openStore('memory:')
  const url = process.env[servers[name]] ?? ''
  switch (name) {
    case 'mysql':
      return (await import('./mysql.ts')).freshMysqlStore(url)
    case 'mongodb':
      return (await import('./mongodb.ts')).freshMongodbStore(url)
    case 'redis':
      return (await import('./redis.ts')).freshRedisStore(url)
  }
}

/**
 * The store that suites of the whole product run on: `NEXO_TEST_STORE`, memory unless somebody says otherwise; `restless`
 * is one that makes every memory of a node worthless.
 */
export async function chosenStore(): Promise<Store> {
  const name = process.env['NEXO_TEST_STORE'] ?? 'memory'
  if (name === 'restless') return openRestlessStore()
  if (name !== 'memory' && !(name in servers))
    throw new Error(`NEXO_TEST_STORE=${name}: memory, restless, mysql, mongodb or redis`)
  const opened = await freshStore(name as ServerStore | 'memory')
  let closing: Promise<void> | undefined
  const store = { ...opened, close: () => (closing ??= opened.close()) }
  closeWithTest(store)
  return store
}

/** Whether suites run on another store than their own: a service in a test then gets a `chosenStore`. */
export const isStoreChosen = (): boolean => (process.env['NEXO_TEST_STORE'] ?? 'memory') !== 'memory'

/** Connections are few: a store that a test asked for goes with it. One that a file asked for goes with the process. */
function closeWithTest(store: Store): void {
  try {
    onTestFinished(() => store.close())
  } catch {
    // Not within a test.
  }
}
