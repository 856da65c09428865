import type { Input } from '@nexo-im/protocol'
import { beforeEach, describe, expect, it } from 'vitest'
import { openStore } from '../../storage/open.ts'
import { manualClock } from '../../testing/clock.ts'
import { type Chat, chatOf } from '../../testing/domain/chat.ts'
import { defaultCaps } from '../caps.ts'
import type { Store } from '../ports.ts'
import { createTimers, type Timers } from './timers.ts'

const chat = 'si_ann:bob'
type Schedule = Input<'message.schedule'>
let cast: Chat
let timers: Timers
beforeEach(async () => {
  cast = await chatOf({ rules: { caps: { ...defaultCaps, scheduled: 3 } } })
  await cast.join('ann', 'bob', 'eve')
  timers = createTimers(cast.core.world, cast.core.dispatch)
})

const inSeconds = (seconds: number, more: Partial<Schedule> = {}): Schedule => ({
  client_msg_id: 'later',
  recv_id: 'bob',
  msg_type: 1,
  content: { text: 'happy birthday' },
  at: cast.core.clock.now() + seconds * 1000,
  ...more,
})
const words = async (who = 'bob') =>
  (await cast.act(who, 'message.pull', { conversation_id: chat })).messages.map((m) => m.body)
async function pass(seconds: number): Promise<void> {
  cast.core.clock.advance(seconds * 1000)
  await timers.runDue()
}

describe('a scheduled message', () => {
  it('is listed until its time, and then sent once with its own id', async () => {
    const made = await cast.act('ann', 'message.schedule', inSeconds(60))
    expect(await cast.act('ann', 'message.scheduled', {})).toEqual([made])
    expect(await cast.act('bob', 'message.scheduled', {})).toEqual([])
    await pass(59)
    expect(await words()).toEqual([])
    await pass(1)
    await pass(1)
    expect(await words()).toEqual(['{"text":"happy birthday"}'])
    expect(await cast.seen('bob', chat, 1)).toMatchObject({ sender_id: 'ann', client_msg_id: 'later' })
    expect(await cast.act('ann', 'message.scheduled', {})).toEqual([])
  })

  it('waits soonest first, and those of one time keep their order of sending', async () => {
    for (const [i, seconds] of [30, 10, 20].entries())
      await cast.act('ann', 'message.schedule', inSeconds(seconds, { client_msg_id: `c${i}` }))
    const listed = await cast.act('ann', 'message.scheduled', {})
    expect(listed.map((m) => m.client_msg_id)).toEqual(['c1', 'c2', 'c0'])
    await pass(60)
    const { messages } = await cast.act('bob', 'message.pull', { conversation_id: chat })
    expect(messages.map((m) => m.client_msg_id)).toEqual(['c1', 'c2', 'c0'])
  })

  it('can be cancelled by its author until it is sent', async () => {
    const { id } = await cast.act('ann', 'message.schedule', inSeconds(10))
    expect(await cast.denied('bob', 'message.cancel_scheduled', { id })).toBe('scheduled_not_found')
    await cast.act('ann', 'message.cancel_scheduled', { id })
    await pass(10)
    expect(await words()).toEqual([])
    const again = await cast.act('ann', 'message.schedule', inSeconds(10))
    await pass(10)
    expect(await cast.denied('ann', 'message.cancel_scheduled', again)).toBe('scheduled_not_found')
  })

  it('cancelled while it falls due is either cancelled or sent', async () => {
    for (let i = 0; i < 10; i++) {
      const { id } = await cast.act('ann', 'message.schedule', inSeconds(1, { client_msg_id: `r${i}` }))
      cast.core.clock.advance(1000)
      const before = (await words()).length
      const cancelled = cast.refusal('ann', 'message.cancel_scheduled', { id })
      const [answer] = await Promise.all(
        i % 2 ? [cancelled, timers.runDue()] : [cancelled, new Promise(setImmediate).then(timers.runDue)],
      )
      expect((await words()).length - before).toBe(answer === 'done' ? 0 : 1)
    }
  })

  it('asked for twice is scheduled once; another one under its id is refused', async () => {
    const input = inSeconds(10)
    const made = await cast.act('ann', 'message.schedule', input)
    expect(await cast.act('ann', 'message.schedule', input)).toEqual(made)
    const denied = (more: Partial<Schedule>) => cast.denied('ann', 'message.schedule', inSeconds(10, more))
    expect(await denied({ content: { text: 'other' } })).toBe('duplicate_message')
    await cast.send('ann', { recv_id: 'bob' }, { client_msg_id: 'sent', content: { text: 'x' } })
    expect(await denied({ client_msg_id: 'sent' })).toBe('duplicate_message')
  })

  it.each<[string, Partial<Schedule>, string]>([
    ['for the past', { at: 1 }, 'invalid_parameter'],
    ['in more than a year', { at: 1_700_000_000_000 + 367 * 86_400_000 }, 'invalid_parameter'],
    ['without words', { content: { text: '' } }, 'invalid_parameter'],
    [
      'of a kind that is the server’s own',
      { msg_type: 100, content: { custom: { type: 'nexo.merged', data: '1' } } },
      'invalid_parameter',
    ],
    ['that quotes what is not there', { msg_type: 8, content: { quote: { seq: 5 } } }, 'message_not_found'],
    ['to nobody', { recv_id: 'ghost' }, 'user_not_found'],
  ])('%s is refused at once', async (_, more, error) => {
    expect(await cast.denied('ann', 'message.schedule', inSeconds(10, more))).toBe(error)
  })

  it('is refused beyond the cap, also when many are asked for at once', async () => {
    const all = [0, 1, 2, 3, 4].map((i) =>
      cast.refusal('ann', 'message.schedule', inSeconds(10, { client_msg_id: `c${i}` })),
    )
    expect((await Promise.all(all)).filter((e) => e === 'cap_reached')).toHaveLength(2)
    expect(await cast.denied('ann', 'message.schedule', inSeconds(10))).toBe('cap_reached')
  })

  it('is judged by the rules of its time: refused, it stays with the reason until it is cancelled', async () => {
    const { id } = await cast.act('ann', 'message.schedule', inSeconds(10))
    await cast.act('bob', 'block.add', { user_id: 'ann' })
    await pass(10)
    expect(await words()).toEqual([])
    expect(await cast.act('ann', 'message.scheduled', {})).toMatchObject([{ id, error: 'blocked' }])
    await pass(60)
    await cast.act('ann', 'message.cancel_scheduled', { id })
    expect(await cast.act('ann', 'message.scheduled', {})).toEqual([])
  })

  it('of a banned user is not sent', async () => {
    await cast.act('ann', 'message.schedule', inSeconds(10))
    const operator = { userId: '', sessionId: '', platformId: 0, isOperator: true }
    await cast.core.dispatch(operator, 'operator.ban', { user_id: 'ann' })
    await pass(10)
    expect(await words()).toEqual([])
    expect(await cast.core.store.list('timer', 'by_user', ['ann', 'send'])).toMatchObject([
      { queue: 'failed', error: 'banned' },
    ])
  })

  it('that meets a spent limit is sent a little later', async () => {
    cast = await chatOf({ limits: { sendsPerMinute: 2 } })
    await cast.join('ann', 'bob')
    timers = createTimers(cast.core.world, cast.core.dispatch)
    await cast.act('ann', 'message.schedule', inSeconds(10))
    await cast.send('ann', { recv_id: 'bob' }, 'hi')
    await pass(10)
    expect(await words()).toHaveLength(1)
    await pass(60)
    expect(await words()).toHaveLength(2)
  })
})

describe('a process that dies', () => {
  it('between sending and forgetting sends once', async () => {
    const store = await openStore('memory:')
    const clock = manualClock()
    let dies = true
    const dying: Store = {
      ...store,
      commit: (propose) =>
        store.commit(async (from) => {
          const changes = await propose(from)
          if (dies && changes.some((c) => c.remove?.some((r) => r.kind === 'timer')))
            throw new Error('the process is gone')
          return changes
        }),
    }
    cast = await chatOf({ store: dying, clock })
    await cast.join('ann', 'bob')
    await cast.act('ann', 'message.schedule', inSeconds(10))
    clock.advance(10_000)
    timers = createTimers(cast.core.world, cast.core.dispatch)
    await timers.runDue()
    expect(await words()).toHaveLength(1)
    dies = false
    clock.advance(10_000)
    const { world, dispatch } = (await chatOf({ store, clock })).core
    await createTimers(world, dispatch).runDue()
    expect(await words()).toHaveLength(1)
    expect(await store.list('timer', 'by_time', ['all'])).toEqual([])
  })
})
