import { beforeEach, describe, expect, it } from 'vitest'
import { type Chat, chatOf } from '../../testing/domain/chat.ts'
import { defaultCaps } from '../caps.ts'
import { readMeta } from './meta.ts'

const chat = 'si_ann:bob'
const toBob = { recv_id: 'bob' }
let cast: Chat
beforeEach(async () => {
  cast = await chatOf({ rules: { caps: { ...defaultCaps, pins: 2 } } })
  await cast.join('ann', 'bob', 'eve')
})

const message = (seq: number, conversation_id = chat) => ({ conversation_id, seq })
const pinned = async (who: string, conversation_id = chat) =>
  (await cast.act(who, 'message.pins', { conversation_id })).map((m) => m.seq)

describe('a pin', () => {
  it('is set by either side, shown to both, told by a notice, and taken off by either side', async () => {
    for (const text of ['a', 'b']) await cast.send('ann', toBob, text)
    await cast.act('bob', 'message.pin', message(2))
    await cast.act('ann', 'message.pin', message(1))
    await cast.act('ann', 'message.pin', message(1))
    expect(await pinned('ann')).toEqual([1, 2])
    const at = cast.core.clock.now()
    expect(readMeta(await cast.seen('ann', chat, 2)).pinned).toEqual({ by: 'bob', at })
    await cast.act('ann', 'message.unpin', message(2))
    await cast.act('ann', 'message.unpin', message(2))
    expect(await pinned('bob')).toEqual([1])
    expect((await cast.seen('ann', chat, 2)).meta).toBe('')
    const { notices } = await cast.act('bob', 'conversation.extras', { conversation_id: chat })
    expect(notices.map((n) => [n.kind, n.actor_id, n.data])).toEqual([
      ['message_pinned', 'bob', { seq: 2 }],
      ['message_pinned', 'ann', { seq: 1 }],
      ['message_unpinned', 'ann', { seq: 2 }],
    ])
  })

  it('ends at the cap; taking one off makes room at once for everybody', async () => {
    for (const text of ['a', 'b', 'c']) await cast.send('ann', toBob, text)
    await cast.act('ann', 'message.pin', message(1))
    await cast.act('ann', 'message.pin', message(2))
    expect(await cast.denied('ann', 'message.pin', message(3))).toBe('cap_reached')
    await cast.act('bob', 'message.unpin', message(1))
    await cast.act('ann', 'message.pin', message(3))
    expect(await pinned('ann')).toEqual([2, 3])
  })

  it('set at the same time as others stays within the cap', async () => {
    for (const text of ['a', 'b', 'c', 'd', 'e']) await cast.send('ann', toBob, text)
    const ended = await Promise.all(
      [1, 2, 3, 4, 5].map((seq) => cast.refusal(seq % 2 ? 'ann' : 'bob', 'message.pin', message(seq))),
    )
    expect(ended.sort()).toEqual(['cap_reached', 'cap_reached', 'cap_reached', 'done', 'done'])
    expect(await pinned('ann')).toHaveLength(2)
  })

  it('in a group is for admins, from the moment they are made one', async () => {
    const group_id = await cast.found('owner', { members: ['ann'] })
    const conversation = `sg_${group_id}`
    await cast.send('ann', { group_id }, 'a')
    expect(await cast.denied('ann', 'message.pin', message(1, conversation))).toBe('not_admin')
    await cast.act('owner', 'group.set_role', { group_id, user_id: 'ann', role_level: 2 })
    await cast.act('ann', 'message.pin', message(1, conversation))
    expect(await pinned('owner', conversation)).toEqual([1])
  })

  it('is refused on a gone message, to strangers and to whom the other side blocked', async () => {
    await cast.send('ann', toBob, 'a')
    expect(await cast.denied('eve', 'message.pin', message(1))).toBe('no_permission')
    expect(await cast.denied('eve', 'message.pins', { conversation_id: chat })).toBe('no_permission')
    await cast.act('ann', 'message.recall', message(1))
    expect(await cast.denied('bob', 'message.pin', message(1))).toBe('message_gone')
    await cast.act('bob', 'block.add', { user_id: 'ann' })
    expect(await cast.denied('ann', 'message.pin', message(1))).toBe('blocked')
  })
})

it('pins of messages from before somebody joined are not shown to them', async () => {
  const group_id = await cast.found('owner')
  const conversation = `sg_${group_id}`
  await cast.send('owner', { group_id }, 'secret')
  await cast.act('owner', 'message.pin', message(1, conversation))
  await cast.act('eve', 'group.join', { group_id })
  await cast.send('owner', { group_id }, 'public')
  await cast.act('owner', 'message.pin', message(2, conversation))
  expect(await pinned('eve', conversation)).toEqual([2])
})
