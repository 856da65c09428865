import type { Input } from '@nexo-im/protocol'
import { beforeEach, describe, expect, it } from 'vitest'
import { type Chat, chatOf } from '../../testing/domain/chat.ts'
import type { Entry } from '../ports.ts'
import { readMeta } from './meta.ts'

const chat = 'si_ann:bob'
const target = 'si_bob:eve'
const toBob = { recv_id: 'bob' }
let cast: Chat
beforeEach(async () => {
  cast = await chatOf()
  await cast.join('ann', 'bob', 'eve')
})

type Forward = Input<'message.forward'>
const request = (seqs: number[], more: Partial<Forward> = {}): Forward => ({
  conversation_id: chat,
  seqs,
  recv_id: 'eve',
  client_msg_id: 'f',
  ...more,
})
const forward = (seqs: number[], more: Partial<Forward> = {}, who = 'bob') =>
  cast.act(who, 'message.forward', request(seqs, more))
const denied = (seqs: number[], more: Partial<Forward> = {}, who = 'bob') =>
  cast.denied(who, 'message.forward', request(seqs, more))
const received = async (): Promise<Entry[]> =>
  (await cast.act('eve', 'message.pull', { conversation_id: target })).messages
const bodies = async (): Promise<unknown[]> => (await received()).map((m) => JSON.parse(m.body))

describe('forwarding one by one', () => {
  it('sends each as an own message, marked as forwarded, in the order asked', async () => {
    await cast.send('ann', toBob, 'one')
    await cast.send('ann', toBob, { msg_type: 2, content: { image: { url: 'https://a/b.png', width: 8 } } })
    await cast.send('ann', toBob, 'three')
    await forward([3, 2, 1])
    expect(await bodies()).toEqual([{ text: 'three' }, { url: 'https://a/b.png', width: 8 }, { text: 'one' }])
    const messages = await received()
    expect(messages.map((m) => [m.sender_id, m.client_msg_id, m.msg_type, readMeta(m).forwarded])).toEqual([
      ['bob', 'f', 1, true],
      ['bob', 'f#1', 2, true],
      ['bob', 'f#2', 1, true],
    ])
  })

  it('repeated answers with what was stored, also when the source is gone by then', async () => {
    for (const text of ['one', 'two']) await cast.send('ann', toBob, text)
    const first = await forward([1, 2])
    expect(await forward([1, 2])).toEqual(first)
    await cast.act('ann', 'message.recall', { conversation_id: chat, seq: 1 })
    expect(await forward([1, 2])).toEqual(first)
    expect(await received()).toHaveLength(2)
    expect(await denied([1], { client_msg_id: 'g' })).toBe('message_gone')
  })

  it('under ids that stand for something else is refused as a whole', async () => {
    for (const text of ['one', 'two']) await cast.send('ann', toBob, text)
    await cast.send('bob', { recv_id: 'eve' }, { client_msg_id: 'f#1', content: { text: 'other' } })
    expect(await denied([1, 2])).toBe('duplicate_message')
    expect(await bodies()).toEqual([{ text: 'other' }])
  })

  it('of a quote sends its words and nothing of what it quotes', async () => {
    await cast.send('ann', toBob, 'canary')
    await cast.quote('ann', toBob, 1, 'my words')
    await cast.send('ann', toBob, { msg_type: 8, content: { quote: { seq: 1 } } })
    await forward([2])
    expect((await received()).map((m) => [m.msg_type, m.body])).toEqual([[1, '{"text":"my words"}']])
    expect(await denied([3], { client_msg_id: 'g' })).toBe('invalid_parameter')
  })

  it('does not take mentions, reactions and pins along', async () => {
    await cast.send('ann', toBob, 'hi')
    await cast.send('ann', toBob, { content: { text: '@bob' }, mentions: ['bob'] })
    await cast.act('bob', 'message.react', { conversation_id: chat, seq: 2, emoji: '👍' })
    await cast.act('bob', 'message.pin', { conversation_id: chat, seq: 2 })
    await forward([2])
    expect((await received()).map(readMeta)).toEqual([{ forwarded: true }])
  })

  it('leaves room in the id for the number behind it, or is refused', async () => {
    for (const text of ['one', 'two']) await cast.send('ann', toBob, text)
    const long = { client_msg_id: 'x'.repeat(63) }
    expect(await denied([1, 2], long)).toBe('invalid_parameter')
    expect(await forward([1], long)).toHaveLength(1)
  })

  it('counts each message against the sender’s limit', async () => {
    cast = await chatOf({ limits: { sendsPerMinute: 3 } })
    await cast.join('ann', 'bob', 'eve')
    for (const text of ['one', 'two', 'three']) await cast.send('ann', toBob, text)
    await forward([1, 2])
    expect(await denied([1, 2], { client_msg_id: 'g' })).toBe('too_many_requests')
    expect(await received()).toHaveLength(2)
  })
})

describe('forwarding merged', () => {
  it('sends one message that holds them all, quotes as their words', async () => {
    const sent = await cast.send('ann', toBob, 'one')
    await cast.quote('bob', { recv_id: 'ann' }, 1, 'two')
    await forward([1, 2], { merged: true, title: 'Chat history' })
    const [message] = await received()
    expect(message).toMatchObject({ msg_type: 100, client_msg_id: 'f' })
    const { type, data } = JSON.parse(message?.body ?? '') as { type: string; data: string }
    expect(type).toBe('nexo.merged')
    const text = (words: string) => ({ msg_type: 1, content: { text: { text: words } } })
    expect(JSON.parse(data)).toEqual({
      title: 'Chat history',
      items: [
        { sender_id: 'ann', send_at: sent.send_at, ...text('one') },
        { sender_id: 'bob', send_at: sent.send_at, ...text('two') },
      ],
    })
  })

  it('can itself be forwarded, though nobody may write such a message by hand', async () => {
    await cast.send('ann', toBob, 'one')
    await forward([1], { merged: true })
    const again = { conversation_id: target, recv_id: 'ann', client_msg_id: 'g' }
    const [copy] = await forward([1], again)
    expect(copy?.body).toBe((await received())[0]?.body)
    const forged = { msg_type: 100, content: { custom: { type: 'nexo.merged', data: '{}' } } }
    await expect(cast.send('bob', toBob, forged)).rejects.toMatchObject({ kind: 'invalid_parameter' })
  })

  it('of more than a message can hold is refused', async () => {
    for (let i = 0; i < 3; i++) await cast.send('ann', toBob, 'x'.repeat(30_000))
    expect(await denied([1, 2, 3], { merged: true })).toBe('invalid_parameter')
    expect(await forward([1, 2], { merged: true })).toHaveLength(1)
  })
})

describe('what may be forwarded', () => {
  it('is nothing from a conversation one is not in', async () => {
    await cast.send('ann', toBob, 'canary')
    expect(await denied([1], { recv_id: 'bob' }, 'eve')).toBe('no_permission')
  })

  it('is nothing from before one joined or after one left', async () => {
    const group_id = await cast.found('ann')
    const source = { conversation_id: `sg_${group_id}` }
    await cast.send('ann', { group_id }, 'before')
    await cast.act('bob', 'group.join', { group_id })
    await cast.send('ann', { group_id }, 'during')
    await cast.act('bob', 'group.quit', { group_id })
    await cast.send('ann', { group_id }, 'after')
    for (const merged of [false, true]) {
      expect(await denied([1], { ...source, merged })).toBe('message_not_found')
      expect(await denied([2, 3], { ...source, merged })).toBe('message_not_found')
    }
    await forward([2], source)
    expect(await bodies()).toEqual([{ text: 'during' }])
  })

  it('is nothing that is meant to disappear', async () => {
    await cast.act('ann', 'conversation.set_expiry', { conversation_id: chat, seconds: 60 })
    await cast.send('ann', toBob, 'canary')
    for (const merged of [false, true]) expect(await denied([1], { merged })).toBe('conflict')
  })

  it('goes only where one may write', async () => {
    await cast.send('ann', toBob, 'hi')
    await cast.act('eve', 'block.add', { user_id: 'bob' })
    expect(await denied([1])).toBe('blocked')
    const group_id = await cast.found('ann')
    const { recv_id: _, ...rest } = request([1])
    expect(await cast.denied('bob', 'message.forward', { ...rest, group_id })).toBe('not_member')
    expect(await cast.denied('bob', 'message.forward', rest)).toBe('invalid_parameter')
  })
})
