import { hash } from 'node:crypto'
import { digestOf } from '@nexo-im/protocol'
import { beforeEach, describe, expect, it } from 'vitest'
import { type Chat, chatOf } from '../../testing/domain/chat.ts'
import { defaultCaps } from '../caps.ts'
import { readMeta } from './meta.ts'

const chat = 'si_ann:bob'
const toBob = { recv_id: 'bob' }
const hour = 3_600_000
let cast: Chat
beforeEach(async () => {
  cast = await chatOf({ rules: { editWindow: hour, caps: { ...defaultCaps, edits: 3 } } })
  await cast.join('ann', 'bob', 'eve')
})

const edit = (seq: number, text: string, who = 'ann') =>
  cast.act(who, 'message.edit', { conversation_id: chat, seq, content: { text } })
const deniedEdit = (seq: number, content: object, who = 'ann') =>
  cast.denied(who, 'message.edit', { conversation_id: chat, seq, content })

describe('an edit', () => {
  it('changes the words for both sides and says when and how often', async () => {
    await cast.send('ann', toBob, 'helo')
    cast.core.clock.advance(500)
    await edit(1, 'hello')
    const seen = await cast.seen('bob', chat, 1)
    expect(JSON.parse(seen.body)).toEqual({ text: 'hello' })
    expect(readMeta(seen)).toEqual({ edits: 1, edited_at: cast.core.clock.now() })
  })

  it('keeps earlier versions readable, oldest first, with the time they were written', async () => {
    const { send_at } = await cast.send('ann', toBob, 'one')
    cast.core.clock.advance(500)
    await edit(1, 'two')
    cast.core.clock.advance(500)
    await edit(1, 'three')
    expect(await cast.act('bob', 'message.edits', { conversation_id: chat, seq: 1 })).toEqual([
      { content: { text: { text: 'one' } }, at: send_at },
      { content: { text: { text: 'two' } }, at: send_at + 500 },
    ])
  })

  it('leaves digest, salt and chain, and the original with its salt beside them', async () => {
    const sent = await cast.send('ann', toBob, 'one')
    await edit(1, 'two')
    await edit(1, 'three')
    const { salt, digest, chain } = await cast.seen('bob', chat, 1)
    expect({ salt, digest, chain }).toEqual({ salt: sent.salt, digest: sent.digest, chain: sent.chain })
    const versions = await cast.core.store.list('edit', 'by_message', [chat, 1])
    expect(versions.map((v) => v.salt)).toEqual([sent.salt, ''])
    const sha256 = (text: string): string => hash('sha256', text, 'base64url')
    expect(digestOf(sha256, sent.salt, versions[0]?.body ?? '')).toBe(digest)
  })

  it('to the same words changes nothing', async () => {
    await cast.send('ann', toBob, 'one')
    await edit(1, 'one')
    expect((await cast.seen('bob', chat, 1)).meta).toBe('')
    expect(await cast.core.store.get('touch', [[chat, 1]])).toEqual([undefined])
  })

  it('of a quote changes its words and keeps what it quotes; its versions show no snapshot', async () => {
    await cast.send('bob', { recv_id: 'ann' }, 'the original')
    const sent = await cast.quote('ann', toBob, 1, 'quiet so')
    await cast.act('ann', 'message.edit', {
      conversation_id: chat,
      seq: 2,
      content: { quote: { seq: 1, text: 'quite so' } },
    })
    const before = JSON.parse(sent.body) as object
    expect(JSON.parse((await cast.seen('bob', chat, 2)).body)).toEqual({ ...before, text: 'quite so' })
    expect(await cast.act('bob', 'message.edits', { conversation_id: chat, seq: 2 })).toEqual([
      { content: { quote: { seq: 1, text: 'quiet so' } }, at: sent.send_at },
    ])
    expect(await deniedEdit(2, { quote: { seq: 2, text: 'quite so' } })).toBe('not_editable')
  })

  it('keeps mentions and reactions of the message', async () => {
    await cast.send('ann', toBob, 'hi')
    await cast.send('ann', toBob, { content: { text: '@bob helo' }, mentions: ['bob'] })
    await cast.act('bob', 'message.react', { conversation_id: chat, seq: 2, emoji: '👍' })
    await edit(2, '@bob hello')
    expect(readMeta(await cast.seen('bob', chat, 2))).toMatchObject({
      mentions: ['bob'],
      reactions: { '👍': 1 },
      edits: 1,
    })
  })

  it('is for the author alone', async () => {
    await cast.send('ann', toBob, 'one')
    expect(await deniedEdit(1, { text: 'two' }, 'bob')).toBe('not_author')
    expect(await deniedEdit(1, { text: 'two' }, 'eve')).toBe('no_permission')
  })

  it('is refused past its time', async () => {
    await cast.send('ann', toBob, 'one')
    cast.core.clock.advance(hour)
    await edit(1, 'two')
    cast.core.clock.advance(1)
    expect(await deniedEdit(1, { text: 'three' })).toBe('too_late')
  })

  it('is refused of what is no text, of another kind of content, and of what is not there', async () => {
    await cast.send('ann', toBob, { msg_type: 2, content: { image: { url: 'https://a/b.png' } } })
    await cast.send('ann', toBob, 'words')
    expect(await deniedEdit(1, { image: { url: 'https://a/c.png' } })).toBe('not_editable')
    expect(await deniedEdit(2, { image: { url: 'https://a/c.png' } })).toBe('invalid_parameter')
    expect(await deniedEdit(2, { text: '' })).toBe('invalid_parameter')
    expect(await deniedEdit(3, { text: 'x' })).toBe('message_not_found')
  })

  it('is refused once there are as many versions as there may be', async () => {
    await cast.send('ann', toBob, 'one')
    for (const text of ['two', 'three', 'four']) await edit(1, text)
    expect(await deniedEdit(1, { text: 'five' })).toBe('cap_reached')
  })

  it('is refused of a recalled message, as are its versions', async () => {
    await cast.send('ann', toBob, 'one')
    await edit(1, 'two')
    await cast.act('ann', 'message.recall', { conversation_id: chat, seq: 1 })
    expect(await deniedEdit(1, { text: 'three' })).toBe('message_gone')
    expect(await cast.denied('bob', 'message.edits', { conversation_id: chat, seq: 1 })).toBe('message_gone')
  })

  it('binds to the right to write of its moment: a muted author is refused, though they just wrote', async () => {
    const group_id = await cast.found('owner', { members: ['ann'] })
    await cast.send('ann', { group_id }, 'one')
    await cast.act('owner', 'group.mute', { group_id, user_id: 'ann', seconds: 60 })
    const input = { conversation_id: `sg_${group_id}`, seq: 1, content: { text: 'two' } }
    expect(await cast.denied('ann', 'message.edit', input)).toBe('muted')
  })
})

it('versions from before somebody joined stay hidden from them', async () => {
  const group_id = await cast.found('ann')
  await cast.send('ann', { group_id }, 'secret')
  await cast.act('ann', 'message.edit', {
    conversation_id: `sg_${group_id}`,
    seq: 1,
    content: { text: 'shown' },
  })
  await cast.act('eve', 'group.join', { group_id })
  const asked = { conversation_id: `sg_${group_id}`, seq: 1 }
  expect(await cast.denied('eve', 'message.edits', asked)).toBe('message_not_found')
})

it('edits at the same time end as one after the other', async () => {
  await cast.send('ann', toBob, 'zero')
  await Promise.all(['one', 'two', 'three'].map((text) => edit(1, text)))
  const versions = (await cast.act('bob', 'message.edits', { conversation_id: chat, seq: 1 })).map(
    (v) => (v.content as { text: { text: string } }).text.text,
  )
  const last = (JSON.parse((await cast.seen('bob', chat, 1)).body) as { text: string }).text
  expect([...versions, last].sort()).toEqual(['one', 'three', 'two', 'zero'])
})
