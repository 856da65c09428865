import { beforeEach, describe, expect, it } from 'vitest'
import { type Chat, chatOf } from '../../testing/domain/chat.ts'
import { defaultCaps } from '../caps.ts'
import { readMeta } from './meta.ts'

const chat = 'si_ann:bob'
let cast: Chat
beforeEach(async () => {
  cast = await chatOf({ rules: { caps: { ...defaultCaps, reactionKinds: 3, reactionsPerUser: 2 } } })
  await cast.join('ann', 'bob', 'eve')
  await cast.send('ann', { recv_id: 'bob' }, 'hi')
})

const message = { conversation_id: chat, seq: 1 }
const react = (who: string, emoji: string, remove = false) =>
  cast.act(who, 'message.react', { ...message, emoji, remove })
const counts = async () => readMeta(await cast.seen('ann', chat, 1)).reactions

describe('reacting', () => {
  it('counts each person once per emoji, and back', async () => {
    await react('bob', '👍')
    await react('bob', '👍')
    await react('ann', '👍')
    await react('ann', '🎉')
    expect(await counts()).toEqual({ '👍': 2, '🎉': 1 })
    await react('ann', '👍', true)
    await react('ann', '👍', true)
    expect(await counts()).toEqual({ '👍': 1, '🎉': 1 })
    await react('bob', '👍', true)
    await react('ann', '🎉', true)
    expect((await cast.seen('ann', chat, 1)).meta).toBe('')
  })

  it('stands words that mean something to JavaScript', async () => {
    await react('bob', '__proto__')
    await react('bob', 'constructor')
    expect(Object.entries((await counts()) ?? {})).toEqual([
      ['__proto__', 1],
      ['constructor', 1],
    ])
    await react('bob', '__proto__', true)
    expect(Object.entries((await counts()) ?? {})).toEqual([['constructor', 1]])
  })

  it('ends at the cap of kinds and of reactions of one person; taking one back makes room', async () => {
    await react('bob', '1')
    await react('bob', '2')
    expect(await cast.denied('bob', 'message.react', { ...message, emoji: '3' })).toBe('cap_reached')
    await react('ann', '3')
    expect(await cast.denied('ann', 'message.react', { ...message, emoji: '4' })).toBe('cap_reached')
    await react('ann', '1')
    await react('bob', '1', true)
    await react('bob', '2', true)
    await react('bob', '4')
    expect(await counts()).toEqual({ '1': 1, '3': 1, '4': 1 })
  })

  it('is refused on a gone message, without access and where one is blocked', async () => {
    const thumb = { ...message, emoji: '👍' }
    expect(await cast.denied('eve', 'message.react', thumb)).toBe('no_permission')
    await cast.act('bob', 'block.add', { user_id: 'ann' })
    expect(await cast.denied('ann', 'message.react', thumb)).toBe('blocked')
    await cast.act('ann', 'message.recall', message)
    expect(await cast.denied('bob', 'message.react', thumb)).toBe('message_gone')
    expect(await cast.denied('bob', 'message.reactions', message)).toBe('message_gone')
  })
})

it('forty people react at once and all are counted', async () => {
  const names = Array.from({ length: 40 }, (_, i) => `m${i}`)
  const group_id = await cast.found('owner', { members: names })
  await cast.send('owner', { group_id }, 'who comes?')
  const input = { conversation_id: `sg_${group_id}`, seq: 1, emoji: '🙋' }
  await Promise.all(names.map((who) => cast.act(who, 'message.react', input)))
  expect(readMeta(await cast.seen('owner', `sg_${group_id}`, 1)).reactions).toEqual({ '🙋': 40 })
})

it('who reacted how is listed in pages', async () => {
  await react('bob', 'a')
  await react('bob', 'b')
  await react('ann', 'a')
  const first = await cast.act('ann', 'message.reactions', { ...message, limit: 2 })
  const cursor = first.next_cursor ?? ''
  const second = await cast.act('ann', 'message.reactions', { ...message, limit: 2, cursor })
  expect([...first.list, ...second.list].map((r) => [r.user_id, r.emoji])).toEqual([
    ['ann', 'a'],
    ['bob', 'a'],
    ['bob', 'b'],
  ])
  expect(second).not.toHaveProperty('next_cursor')
  expect(await cast.denied('ann', 'message.reactions', { ...message, cursor: 'x' })).toBe('invalid_parameter')
})
