import { beforeEach, describe, expect, it } from 'vitest'
import { openStore } from '../../storage/open.ts'
import { manualClock } from '../../testing/clock.ts'
import { type Chat, chatOf } from '../../testing/domain/chat.ts'
import { dumpStore } from '../../testing/domain/dump.ts'
import type { Store } from '../ports.ts'
import { erasureBatch } from './erasure.ts'
import { createTimers } from './timers.ts'

const chat = 'si_ann:bob'
const toBob = { recv_id: 'bob' }
const canary = 'canary-7f3a'
let cast: Chat
beforeEach(async () => {
  cast = await chatOf()
  await cast.join('ann', 'bob')
})

const snapshot = async (seq: number) =>
  (JSON.parse((await cast.seen('bob', chat, seq)).body) as { snapshot: object }).snapshot

describe('quotes of an erased message', () => {
  it('show that it is gone and none of its words; their own words stay', async () => {
    await cast.send('ann', toBob, canary)
    await cast.quote('bob', { recv_id: 'ann' }, 1, 'really?')
    await cast.act('ann', 'message.recall', { conversation_id: chat, seq: 1 })
    expect(await snapshot(2)).toEqual({ sender_id: 'ann', msg_type: 1, preview: '', gone: true })
    expect(JSON.parse((await cast.seen('ann', chat, 2)).body)).toMatchObject({ seq: 1, text: 'really?' })
    expect(await dumpStore(cast.core.store)).not.toContain(canary)
  })

  it('are told to devices that catch up', async () => {
    await cast.send('ann', toBob, canary)
    await cast.quote('bob', { recv_id: 'ann' }, 1)
    const { position } = await cast.act('bob', 'sync.changes', {})
    await cast.act('ann', 'message.recall', { conversation_id: chat, seq: 1 })
    const { changes } = await cast.act('bob', 'sync.changes', { position })
    expect(changes.flatMap((c) => c.message?.seq ?? []).sort()).toEqual([1, 2])
    expect(JSON.stringify(changes)).not.toContain(canary)
  })

  it('that are sent at the very same time carry nothing of it either', async () => {
    await cast.send('ann', toBob, canary)
    const quotes = Array.from({ length: 5 }, () => cast.quote('bob', { recv_id: 'ann' }, 1))
    const ended = await Promise.allSettled([
      ...quotes,
      cast.act('ann', 'message.recall', { conversation_id: chat, seq: 1 }),
    ])
    expect(ended.at(-1)).toMatchObject({ status: 'fulfilled' })
    expect(await dumpStore(cast.core.store)).not.toContain(canary)
  })

  it('that another node is about to store while the recall is written are refused', async () => {
    const store = await openStore('memory:')
    const there = await chatOf({ store })
    await there.join('ann', 'bob')
    await there.send('ann', toBob, canary)
    let meanwhile = async (): Promise<unknown> => undefined
    const commit: Store['commit'] = async (propose) => {
      await meanwhile()
      return store.commit(propose)
    }
    const here = await chatOf({ store: { ...store, commit } })
    await here.join('bob')
    meanwhile = async () => {
      meanwhile = async () => undefined
      await there.act('ann', 'message.recall', { conversation_id: chat, seq: 1 })
    }
    await expect(here.quote('bob', { recv_id: 'ann' }, 1)).rejects.toMatchObject({ kind: 'message_gone' })
    expect(await dumpStore(store)).not.toContain(canary)
  })

  it('that are recalled first do not hold up the other', async () => {
    await cast.send('ann', toBob, canary)
    await cast.quote('bob', { recv_id: 'ann' }, 1)
    await cast.act('bob', 'message.recall', { conversation_id: chat, seq: 2 })
    await cast.act('ann', 'message.recall', { conversation_id: chat, seq: 1 })
    expect((await cast.seen('bob', chat, 2)).body).toBe('')
  })
})

async function quoteOften(count: number): Promise<void> {
  await cast.send('ann', toBob, canary)
  await Promise.all(Array.from({ length: count }, () => cast.quote('bob', { recv_id: 'ann' }, 1)))
}

describe('a message with more quotes than one change takes', () => {
  it('is gone from all of them when the recall is answered', async () => {
    await quoteOften(erasureBatch + 30)
    await cast.act('ann', 'message.recall', { conversation_id: chat, seq: 1 })
    expect(await dumpStore(cast.core.store)).not.toContain(canary)
    expect(await cast.core.store.list('timer', 'by_time', ['all'])).toEqual([])
  })

  it('is gone from all of them even when the process dies in between', async () => {
    const store = await openStore('memory:')
    const clock = manualClock()
    cast = await chatOf({ store: dying(store), clock })
    await cast.join('ann', 'bob')
    await quoteOften(erasureBatch + 30)
    await cast.act('ann', 'message.recall', { conversation_id: chat, seq: 1 })
    expect(await dumpStore(store)).toContain(canary)
    clock.advance(60_000)
    const { world, dispatch } = (await chatOf({ store, clock })).core
    await createTimers(world, dispatch).runDue()
    expect(await dumpStore(store)).not.toContain(canary)
    expect(await store.list('timer', 'by_time', ['all'])).toEqual([])
  })
})

/** A store that is never reached again after the first change that brought a timer. */
function dying(store: Store): Store {
  let isDead = false
  return {
    ...store,
    commit: async (propose) => {
      if (isDead) throw new Error('the process is gone')
      return store.commit(async (from) => {
        const changes = await propose(from)
        isDead = changes.some((c) => c.put?.some((p) => p.kind === 'timer'))
        return changes
      })
    },
  }
}
