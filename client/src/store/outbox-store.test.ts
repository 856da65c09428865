import { IDBFactory } from 'fake-indexeddb'
import { expect, it } from 'vitest'
import { indexedDbOutbox } from './indexeddb.ts'
import { memoryOutbox } from './memory.ts'
import { outboxStoreContract } from './outbox-store.contract.ts'

outboxStoreContract('memory', memoryOutbox())
outboxStoreContract('IndexedDB', indexedDbOutbox(new IDBFactory()))

it('tells with the first call that a browser forbids IndexedDB', async () => {
  const forbidden = { open: () => failing() } as unknown as IDBFactory
  await expect(indexedDbOutbox(forbidden)('key').load()).rejects.toThrow(/does not open/)
})

function failing(): IDBOpenDBRequest {
  const request = { error: null, onerror: (): void => undefined }
  queueMicrotask(() => request.onerror())
  return request as unknown as IDBOpenDBRequest
}
