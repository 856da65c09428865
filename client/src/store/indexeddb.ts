import type { OpenOutbox, OutboxEntry } from './outbox-store.ts'

const storeName = 'entries'

/** Survives reloads and restarts of the browser; one database per key. */
export function indexedDbOutbox(factory: IDBFactory = globalThis.indexedDB): OpenOutbox {
  return (key) => {
    const opened = openDatabase(factory, `nexo-im outbox ${key}`)
    // Nobody may have asked yet: the failure is told by the first call.
    opened.catch(() => undefined)

    async function run<T>(
      mode: IDBTransactionMode,
      work: (entries: IDBObjectStore) => IDBRequest<T>,
    ): Promise<T> {
      // `strict`: a browser's default may still lose a completed write when the machine loses power.
      const transaction = (await opened).transaction(storeName, mode, { durability: 'strict' })
      const request = work(transaction.objectStore(storeName))
      return new Promise((resolve, reject) => {
        transaction.oncomplete = () => resolve(request.result)
        transaction.onabort = () => reject(transaction.error ?? new Error('the transaction was aborted'))
      })
    }

    return {
      load: async () => {
        const entries = await run('readonly', (s) => s.getAll() as IDBRequest<OutboxEntry[]>)
        return entries.sort((a, b) => a.order - b.order)
      },
      put: async (entry) => {
        await run('readwrite', (s) => s.put(entry))
      },
      remove: async (clientMsgId) => {
        await run('readwrite', (s) => s.delete(clientMsgId))
      },
      close: () => {
        opened.then(
          (database) => database.close(),
          () => undefined,
        )
      },
    }
  }
}

function openDatabase(factory: IDBFactory, name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = factory.open(name, 1)
    request.onupgradeneeded = () => {
      request.result.createObjectStore(storeName, { keyPath: 'clientMsgId' })
    }
    request.onerror = () => reject(request.error ?? new Error('the database does not open'))
    request.onsuccess = () => {
      const database = request.result
      // Another tab wants to delete or upgrade it: holding on would block that tab for ever.
      database.onversionchange = () => database.close()
      resolve(database)
    }
  })
}
