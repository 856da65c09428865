import { beforeEach, expect, it } from 'vitest'
import { type Chat, chatOf } from '../../testing/domain/chat.ts'

let cast: Chat
let group_id: string
let conversation_id: string
beforeEach(async () => {
  cast = await chatOf()
  await cast.join('bob', 'eve')
  group_id = await cast.found('ann')
  conversation_id = `sg_${group_id}`
})

const extras = (who: string, more: { begin_seq?: number; end_seq?: number; limit?: number } = {}) =>
  cast.act(who, 'conversation.extras', { conversation_id, ...more })
const kinds = async (who: string, more = {}) => (await extras(who, more)).notices.map((n) => n.kind)
const rename = (name: string) => cast.act('ann', 'group.update', { group_id, name })

it('notices come with the stretch of messages they stand behind', async () => {
  await rename('A')
  await cast.send('ann', { group_id }, 'one')
  await cast.act('bob', 'group.join', { group_id })
  await cast.send('ann', { group_id }, 'two')
  await cast.send('ann', { group_id }, 'three')
  await cast.act('bob', 'group.quit', { group_id })
  expect(await kinds('ann', { begin_seq: 1, end_seq: 1 })).toEqual([
    'group_created',
    'group_changed',
    'member_joined',
  ])
  expect(await kinds('ann', { begin_seq: 2, end_seq: 2 })).toEqual([])
  expect(await kinds('ann', { begin_seq: 2 })).toEqual(['member_left'])
  expect(await kinds('ann', { begin_seq: 2, limit: 1 })).toEqual([])
  expect(await kinds('ann', { begin_seq: 9 })).toEqual([])
})

it('a conversation without messages shows its notices', async () => {
  expect(await kinds('ann')).toEqual(['group_created'])
})

it('a joiner sees their own joining and nothing from before, a leaver nothing from after', async () => {
  await rename('A')
  await cast.send('ann', { group_id }, 'one')
  await rename('B')
  await cast.act('bob', 'group.join', { group_id })
  await rename('C')
  await cast.act('bob', 'group.quit', { group_id })
  await rename('D')
  expect(await kinds('bob')).toEqual(['member_joined', 'group_changed', 'member_left'])
})

it('a joiner sees their own joining behind more notices than one answer holds', async () => {
  const place = (position: number) => ({
    kind: 'notice' as const,
    row: {
      conversation_id,
      position,
      at_seq: 0,
      kind: 'group_changed',
      actor_id: 'ann',
      user_ids: '[]',
      data: '{}',
      created_at: 0,
    },
  })
  await cast.core.store.commit(() => [{ put: Array.from({ length: 1100 }, (_, i) => place(i)) }])
  await cast.act('bob', 'group.join', { group_id })
  expect(await kinds('bob')).toEqual(['member_joined'])
})

it('own reactions and deletions are told to their owner alone, within the stretch', async () => {
  await cast.act('bob', 'group.join', { group_id })
  for (const text of ['one', 'two', 'three']) await cast.send('ann', { group_id }, text)
  for (const seq of [1, 3]) await cast.act('bob', 'message.react', { conversation_id, seq, emoji: '👍' })
  await cast.act('ann', 'message.react', { conversation_id, seq: 2, emoji: '🎉' })
  await cast.act('bob', 'message.delete', { conversation_id, seqs: [2, 3] })
  expect(await extras('bob')).toMatchObject({
    my_reactions: [
      { seq: 1, emoji: '👍' },
      { seq: 3, emoji: '👍' },
    ],
    hidden_seqs: [2, 3],
  })
  expect(await extras('bob', { begin_seq: 2, end_seq: 2 })).toMatchObject({
    my_reactions: [],
    hidden_seqs: [2],
  })
  expect(await extras('ann')).toMatchObject({
    my_reactions: [{ seq: 2, emoji: '🎉' }],
    hidden_seqs: [],
  })
})

it('strangers are told nothing', async () => {
  expect(await cast.denied('eve', 'conversation.extras', { conversation_id })).toBe('no_permission')
})
