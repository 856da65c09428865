import { beforeEach, describe, expect, it } from 'vitest'
import { type Chat, chatOf } from '../../testing/domain/chat.ts'
import { readMeta } from './meta.ts'
import { createTimers, type Timers } from './timers.ts'

const chat = 'si_ann:bob'
const toBob = { recv_id: 'bob' }
let cast: Chat
let timers: Timers
beforeEach(async () => {
  cast = await chatOf()
  await cast.join('ann', 'bob', 'eve')
  timers = createTimers(cast.core.world, cast.core.dispatch)
})

const setExpiry = (who: string, seconds: number, conversation_id = chat) =>
  cast.act(who, 'conversation.set_expiry', { conversation_id, seconds })
const waiting = () => cast.core.store.list('timer', 'by_time', ['all'])
/** Lets what a moved clock set off come to its end. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 30))

describe('disappearing messages', () => {
  it('carry the end of their life, and are gone for both sides when it comes', async () => {
    await cast.send('ann', toBob, 'stays')
    await setExpiry('bob', 60)
    const sent = await cast.send('ann', toBob, 'goes')
    expect(readMeta(sent).expires_at).toBe(sent.send_at + 60_000)
    cast.core.clock.advance(59_999)
    await timers.runDue()
    expect((await cast.seen('bob', chat, 2)).body).not.toBe('')
    cast.core.clock.advance(1)
    await timers.runDue()
    const gone = { cause: 'expired', by: '', at: sent.send_at + 60_000 }
    expect(readMeta(await cast.seen('bob', chat, 2)).gone).toEqual(gone)
    expect((await cast.seen('ann', chat, 1)).body).not.toBe('')
    expect(await waiting()).toEqual([])
  })

  it('leave unread as it was and show as gone in the list', async () => {
    await setExpiry('ann', 1)
    await cast.send('ann', toBob, 'goes')
    cast.core.clock.advance(1000)
    await timers.runDue()
    const input = { with_last_message: true }
    expect(await cast.act('bob', 'conversation.list', input)).toMatchObject([
      { unread_count: 1, expire_after: 1, last_message: { body: '' } },
    ])
  })

  it('keep the life they were sent with when the setting changes', async () => {
    await setExpiry('ann', 10)
    await cast.send('ann', toBob, 'goes')
    await setExpiry('ann', 0)
    await cast.send('ann', toBob, 'stays')
    cast.core.clock.advance(10_000)
    await timers.runDue()
    expect((await cast.seen('bob', chat, 1)).body).toBe('')
    expect((await cast.seen('bob', chat, 2)).meta).toBe('')
  })

  it('that were recalled before leave no timer', async () => {
    await setExpiry('ann', 10)
    await cast.send('ann', toBob, 'oops')
    await cast.act('ann', 'message.recall', { conversation_id: chat, seq: 1 })
    expect(await waiting()).toEqual([])
  })

  it('go by the hundreds, those that quote each other too', async () => {
    await setExpiry('ann', 1)
    await cast.send('ann', toBob, 'first')
    await Promise.all(Array.from({ length: 250 }, () => cast.quote('ann', toBob, 1, 'words')))
    cast.core.clock.advance(1000)
    await timers.runDue()
    const { messages } = await cast.act('bob', 'message.pull', { conversation_id: chat, begin_seq: 200 })
    expect(messages.map((m) => m.body).join('')).toBe('')
    expect(await waiting()).toEqual([])
  })
})

describe('the setting', () => {
  it('is told by a notice, once per change', async () => {
    await cast.send('ann', toBob, 'hi')
    await setExpiry('bob', 60)
    await setExpiry('ann', 60)
    const { notices } = await cast.act('ann', 'conversation.extras', { conversation_id: chat })
    expect(notices).toMatchObject([{ kind: 'expiry_changed', actor_id: 'bob', data: { seconds: 60 } }])
  })

  it('binds the very next message of whoever wrote before it changed', async () => {
    await cast.send('ann', toBob, 'hi')
    await setExpiry('bob', 60)
    expect(readMeta(await cast.send('ann', toBob, 'goes'))).toHaveProperty('expires_at')
  })

  it('is for admins in groups and for nobody outside', async () => {
    const group_id = await cast.found('owner', { members: ['ann'] })
    const input = { conversation_id: `sg_${group_id}`, seconds: 5 }
    expect(await cast.denied('ann', 'conversation.set_expiry', input)).toBe('not_admin')
    expect(await cast.denied('eve', 'conversation.set_expiry', input)).toBe('no_permission')
    expect(await cast.refusal('owner', 'conversation.set_expiry', input)).toBe('done')
  })
})

describe('the loop', () => {
  it('runs what falls due while it sleeps, and nothing after it was stopped', async () => {
    timers.start()
    await setExpiry('ann', 3)
    await cast.send('ann', toBob, 'one')
    for (let i = 0; i < 3; i++) {
      cast.core.clock.advance(1000)
      await settle()
    }
    expect((await cast.seen('bob', chat, 1)).body).toBe('')
    await cast.send('ann', toBob, 'two')
    await timers.stop()
    cast.core.clock.advance(10_000)
    await settle()
    expect((await cast.seen('bob', chat, 2)).body).not.toBe('')
  })

  it('puts a task that fails behind the others and tries it again after five seconds', async () => {
    await setExpiry('ann', 1)
    for (const text of ['one', 'two']) await cast.send('ann', toBob, text)
    const { world, dispatch } = cast.core
    let isBroken = true
    const store = {
      ...world.store,
      read: (conversation: string, from: number, to: number, limit: number) => {
        if (isBroken && from === 1) throw new Error('a bad sector')
        return world.store.read(conversation, from, to, limit)
      },
    }
    timers = createTimers({ ...world, store }, dispatch)
    cast.core.clock.advance(1000)
    await timers.runDue()
    expect((await cast.seen('bob', chat, 1)).body).not.toBe('')
    expect((await cast.seen('bob', chat, 2)).body).toBe('')
    isBroken = false
    cast.core.clock.advance(5000)
    await timers.runDue()
    expect((await cast.seen('bob', chat, 1)).body).toBe('')
  })
})
