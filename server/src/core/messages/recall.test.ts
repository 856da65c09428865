import { beforeEach, describe, expect, it } from 'vitest'
import { type Chat, chatOf } from '../../testing/domain/chat.ts'
import { defaultCaps } from '../caps.ts'
import type { Listed } from '../conversations/listing.ts'
import { readMeta } from './meta.ts'

const chat = 'si_ann:bob'
const toBob = { recv_id: 'bob' }
const hour = 3_600_000
let cast: Chat
beforeEach(async () => {
  cast = await chatOf({ rules: { recallWindow: hour, caps: { ...defaultCaps, hidden: 3 } } })
  await cast.join('ann', 'bob', 'eve')
})

const recall = (who: string, seq: number, conversation_id = chat) =>
  cast.act(who, 'message.recall', { conversation_id, seq })
const deniedRecall = (who: string, seq: number, conversation_id = chat) =>
  cast.denied(who, 'message.recall', { conversation_id, seq })
const remove = (who: string, seqs: number[], more: { for_everyone?: boolean } = {}, conversation_id = chat) =>
  cast.act(who, 'message.delete', { conversation_id, seqs, ...more })
const everyone = { for_everyone: true }

describe('a recall', () => {
  it('takes body and salt and says who and when; ids, digest and chain stay', async () => {
    const sent = await cast.send('ann', toBob, 'oops')
    await recall('ann', 1)
    const gone = { cause: 'recalled', by: 'ann', at: cast.core.clock.now() }
    const { meta, ...rest } = await cast.seen('bob', chat, 1)
    expect(rest).toEqual({ ...sent, body: '', salt: '', meta: undefined })
    expect(readMeta({ meta })).toEqual({ gone })
  })

  it('leaves unread and numbering as they were, and shows in the list as recalled', async () => {
    await cast.send('ann', toBob, 'one')
    await cast.send('ann', toBob, 'oops')
    await recall('ann', 2)
    const [listed] = (await cast.act('bob', 'conversation.list', { with_last_message: true })) as Listed[]
    expect(listed).toMatchObject({ unread_count: 2, max_seq: 2, last_message: { seq: 2, body: '' } })
    expect((await cast.send('ann', toBob, 'next')).seq).toBe(3)
  })

  it('takes versions, mentions, reactions and the pin with it', async () => {
    await cast.send('bob', { recv_id: 'ann' }, 'hi')
    await cast.send('ann', toBob, { content: { text: '@bob oops' }, mentions: ['bob'] })
    const message = { conversation_id: chat, seq: 2 }
    await cast.act('ann', 'message.edit', { ...message, content: { text: '@bob ooops' } })
    await cast.act('bob', 'message.react', { ...message, emoji: '👍' })
    await cast.act('bob', 'message.pin', message)
    await recall('ann', 2)
    const { store } = cast.core
    expect(await store.list('edit', 'by_message', [chat])).toEqual([])
    expect(await store.list('mention', 'by_user', [chat])).toEqual([])
    expect(await store.list('reaction', 'by_message', [chat])).toEqual([])
    expect(await store.list('pin', 'by_conversation', [chat])).toEqual([])
    expect(await store.get('conversation', [[chat]])).toMatchObject([{ pins: 0 }])
    expect(await cast.act('bob', 'message.mentions', { conversation_id: chat })).toEqual({ seqs: [] })
    expect(await cast.act('bob', 'message.pins', { conversation_id: chat })).toEqual([])
  })

  it('of an own message is refused past its time, of another one always, of a gone one too', async () => {
    await cast.send('ann', toBob, 'one')
    await cast.send('ann', toBob, 'two')
    expect(await deniedRecall('bob', 1)).toBe('not_author')
    expect(await deniedRecall('eve', 1)).toBe('no_permission')
    expect(await deniedRecall('ann', 3)).toBe('message_not_found')
    cast.core.clock.advance(hour)
    await recall('ann', 1)
    expect(await deniedRecall('ann', 1)).toBe('message_gone')
    cast.core.clock.advance(1)
    expect(await deniedRecall('ann', 2)).toBe('too_late')
  })

  it('by somebody whom the other side blocked still works: it is their own message', async () => {
    await cast.send('ann', toBob, 'oops')
    await cast.act('bob', 'block.add', { user_id: 'ann' })
    await recall('ann', 1)
    expect((await cast.seen('bob', chat, 1)).body).toBe('')
  })
})

describe('in a group', () => {
  let group: string
  let conversation: string
  beforeEach(async () => {
    group = await cast.found('owner', { admins: ['adm', 'adm2'], members: ['ann', 'bob'] })
    conversation = `sg_${group}`
    for (const who of ['owner', 'adm', 'ann']) await cast.send(who, { group_id: group }, `of ${who}`)
    cast.core.clock.advance(2 * hour)
  })

  it.each([
    ['a member', 'bob', ['not_author', 'not_author', 'not_author']],
    ['the author', 'ann', ['not_author', 'not_author', 'too_late']],
    ['an admin', 'adm', ['role_too_low', 'too_late', 'done']],
    ['another admin', 'adm2', ['role_too_low', 'role_too_low', 'done']],
    ['the owner', 'owner', ['done', 'done', 'done']],
  ])('%s long after may recall those of owner, admin and member: %s %j', async (_, who, outcome) => {
    const ended: string[] = []
    for (const seq of [1, 2, 3])
      ended.push(await cast.refusal(who, 'message.recall', { conversation_id: conversation, seq }))
    expect(ended).toEqual(outcome)
  })

  it('an admin who was made a member again may not any more', async () => {
    await cast.act('owner', 'group.set_role', { group_id: group, user_id: 'adm', role_level: 1 })
    expect(await deniedRecall('adm', 3, conversation)).toBe('not_author')
  })

  it('whoever left recalls nothing', async () => {
    await cast.send('bob', { group_id: group }, 'oops')
    await cast.act('bob', 'group.quit', { group_id: group })
    expect(await deniedRecall('bob', 4, conversation)).toBe('member_inactive')
    expect(
      await cast.denied('bob', 'message.delete', { conversation_id: conversation, seqs: [4], ...everyone }),
    ).toBe('member_inactive')
  })

  it('messages of an admin who left are those of nobody special', async () => {
    await cast.act('adm', 'group.quit', { group_id: group })
    await recall('adm2', 2, conversation)
    expect((await cast.seen('ann', conversation, 2)).body).toBe('')
  })
})

describe('deleting for everybody', () => {
  it('takes all of them, by the rules of recall, or none', async () => {
    for (const text of ['a', 'b']) await cast.send('ann', toBob, text)
    await cast.send('bob', { recv_id: 'ann' }, 'c')
    const all = { conversation_id: chat, seqs: [1, 2, 3], ...everyone }
    expect(await cast.denied('ann', 'message.delete', all)).toBe('not_author')
    expect(await cast.denied('ann', 'message.delete', { ...all, seqs: [1, 4] })).toBe('message_not_found')
    await remove('ann', [2, 1, 2], everyone)
    for (const seq of [1, 2])
      expect(readMeta(await cast.seen('bob', chat, seq)).gone).toMatchObject({ cause: 'deleted', by: 'ann' })
    expect(await cast.denied('ann', 'message.delete', { ...all, seqs: [1] })).toBe('message_gone')
  })

  it('of a message and its quote at once leaves nothing of either', async () => {
    await cast.send('ann', toBob, 'canary')
    await cast.quote('ann', toBob, 1)
    await remove('ann', [1, 2], everyone)
    for (const seq of [1, 2]) expect((await cast.seen('bob', chat, seq)).body).toBe('')
    expect(await cast.core.store.list('quotation', 'by_quoted', [chat])).toEqual([])
  })
})

describe('deleting for oneself', () => {
  it('hides the body from oneself alone and keeps its place', async () => {
    for (const text of ['a', 'b', 'c']) await cast.send('ann', toBob, text)
    await remove('bob', [2])
    const page = await cast.act('bob', 'message.pull', { conversation_id: chat })
    expect(page.messages.map((m) => [m.seq, m.body === '', m.meta])).toEqual([
      [1, false, ''],
      [2, true, '"hidden":true'],
      [3, false, ''],
    ])
    expect((await cast.seen('ann', chat, 2)).body).not.toBe('')
  })

  it('takes the message away from quoting, forwarding and reacting', async () => {
    await cast.send('ann', toBob, 'a')
    await remove('bob', [1])
    const message = { conversation_id: chat, seq: 1 }
    expect(await cast.denied('bob', 'message.react', { ...message, emoji: '👍' })).toBe('message_not_found')
    const forward = { conversation_id: chat, seqs: [1], recv_id: 'eve', client_msg_id: 'f' }
    expect(await cast.denied('bob', 'message.forward', forward)).toBe('message_not_found')
    await expect(cast.quote('bob', { recv_id: 'ann' }, 1)).rejects.toMatchObject({
      kind: 'message_not_found',
    })
  })

  it('twice is once, and works for what was recalled', async () => {
    for (const text of ['a', 'b']) await cast.send('ann', toBob, text)
    await recall('ann', 2)
    await remove('bob', [1, 2])
    await remove('bob', [1, 2])
    expect(await cast.core.store.get('view', [[chat, 'bob']])).toMatchObject([{ hidden_count: 2 }])
  })

  it('is found by the own other devices when they catch up, and by nobody else', async () => {
    for (const text of ['a', 'b', 'c']) await cast.send('ann', toBob, text)
    const { position } = await cast.act('bob', 'sync.changes', {})
    await remove('bob', [1, 3])
    const { changes } = await cast.act('bob', 'sync.changes', { position })
    expect(changes.flatMap((c) => c.hidden ?? [])).toEqual([{ conversation_id: chat, seqs: [1, 3] }])
    const others = await cast.act('ann', 'sync.changes', { position })
    expect(others.changes.flatMap((c) => c.hidden ?? [])).toEqual([])
  })

  it('ends at its cap, and needs a message one may see', async () => {
    for (const text of ['a', 'b', 'c', 'd']) await cast.send('ann', toBob, text)
    await remove('bob', [1, 2, 3])
    const more = (seqs: number[]) => cast.denied('bob', 'message.delete', { conversation_id: chat, seqs })
    expect(await more([4])).toBe('cap_reached')
    expect(await more([5])).toBe('message_not_found')
    expect(await cast.denied('eve', 'message.delete', { conversation_id: chat, seqs: [1] })).toBe(
      'no_permission',
    )
  })
})
