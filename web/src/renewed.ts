import { type KeptSession, readSession } from './session.ts'

const database = 'nexo.renewals'
const table = 'last'
const lineage = 10

interface Record {
  /** Tokens that this session has replaced, the newest last. */
  readonly replaced: readonly string[]
  readonly session: string
}

/**
 * What became of a token, told from tab to tab. `localStorage` will not do: another process may still see what it held
 * before, also behind a lock, and a refresh token that is used twice ends the session. A database is one for all.
 */
export async function replacementOf(token: string): Promise<KeptSession | undefined> {
  const record = await withTable(
    'readonly',
    (store) => store.get('session') as IDBRequest<Record | undefined>,
  )
  return record?.replaced.includes(token) ? readSession(record.session) : undefined
}

/** Resolves once every other tab can see it. */
export async function noteReplacement(token: string, session: KeptSession): Promise<void> {
  const before = await withTable(
    'readonly',
    (store) => store.get('session') as IDBRequest<Record | undefined>,
  )
  const replaced = [...(before?.replaced ?? []), token].slice(-lineage)
  await withTable('readwrite', (store) =>
    store.put({ replaced, session: JSON.stringify(session) }, 'session'),
  )
}

/** Signing out leaves nothing behind. */
export async function forgetReplacements(): Promise<void> {
  await withTable('readwrite', (store) => store.clear())
}

async function withTable<T>(
  mode: IDBTransactionMode,
  work: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const db = await open()
  try {
    return await new Promise<T>((resolve, reject) => {
      const transaction = db.transaction(table, mode)
      const request = work(transaction.objectStore(table))
      transaction.oncomplete = () => resolve(request.result)
      transaction.onabort = () => reject(transaction.error ?? new Error('the browser kept nothing'))
    })
  } finally {
    db.close()
  }
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(database, 1)
    request.onupgradeneeded = () => void request.result.createObjectStore(table)
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error ?? new Error('the browser’s database cannot be opened'))
  })
}
