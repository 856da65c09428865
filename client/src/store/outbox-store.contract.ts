import { describe, expect, it } from 'vitest'
import type { OpenOutbox, OutboxEntry } from './outbox-store.ts'

let keys = 0
const freshKey = (): string => `user${keys++}@im.test`

function entry(clientMsgId: string, order: number, more: Partial<OutboxEntry> = {}): OutboxEntry {
  return {
    clientMsgId,
    conversationId: 'si_ann:bob',
    recvId: 'bob',
    groupId: '',
    type: 1,
    content: { text: { text: 'hi 👩‍👧 \u202e' } },
    createdAt: 1,
    order,
    status: 'sending',
    ...more,
  }
}

/** Every place an outbox may be kept in passes this suite. */
export function outboxStoreContract(name: string, open: OpenOutbox): void {
  describe(`${name} outbox store`, () => {
    it('is empty under a key nobody used', async () => {
      expect(await open(freshKey()).load()).toEqual([])
    })

    it('has after a reload what was put, by rising order, as it was', async () => {
      const key = freshKey()
      const before = open(key)
      await before.put(entry('b', 2))
      await before.put(entry('a', 1, { status: 'failed', error: 'not_member' }))
      before.close()
      const after = open(key)
      expect(await after.load()).toEqual([
        entry('a', 1, { status: 'failed', error: 'not_member' }),
        entry('b', 2),
      ])
      after.close()
    })

    it('replaces an entry of the same id and removes one, unknown ones without complaint', async () => {
      const store = open(freshKey())
      await store.put(entry('a', 1))
      await store.put(entry('a', 1, { status: 'failed' }))
      await store.put(entry('b', 2))
      await store.remove('b')
      await store.remove('unknown')
      expect(await store.load()).toEqual([entry('a', 1, { status: 'failed' })])
      store.close()
    })

    it('lets calls take effect in the order made', async () => {
      const store = open(freshKey())
      const calls = [store.put(entry('a', 1)), store.remove('a'), store.put(entry('a', 3))]
      await Promise.all(calls)
      expect(await store.load()).toEqual([entry('a', 3)])
      store.close()
    })

    it('keeps two users apart', async () => {
      const [one, two] = [open(freshKey()), open(freshKey())]
      await one.put(entry('a', 1))
      expect(await two.load()).toEqual([])
      one.close()
      two.close()
    })
  })
}
