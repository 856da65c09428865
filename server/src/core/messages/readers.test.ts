import { fc, test } from '@fast-check/vitest'
import { beforeEach, describe, expect, it } from 'vitest'
import { type Chat, chatOf } from '../../testing/domain/chat.ts'
import { allows } from '../people/privacy.ts'

const chat = 'si_ann:bob'
let cast: Chat
beforeEach(async () => {
  cast = await chatOf()
  await cast.join('ann', 'bob', 'eve')
})

const read = (who: string, conversation_id: string, read_seq: number) =>
  cast.act(who, 'conversation.mark_read', { conversation_id, read_seq })
const counts = (who: string, conversation_id: string, seqs: number[]) =>
  cast.act(who, 'message.read_counts', { conversation_id, seqs })
const listed = async (who: string, conversation_id: string, seq: number, isRead: boolean) =>
  (await cast.act(who, 'message.readers', { conversation_id, seq, read: isRead })).list.map((r) => r.user_id)

describe('in a single chat', () => {
  beforeEach(async () => {
    for (const text of ['one', 'two']) await cast.send('ann', { recv_id: 'bob' }, text)
    await read('bob', chat, 1)
  })

  it('the other side counts, the author does not', async () => {
    expect(await counts('ann', chat, [2, 1, 2])).toEqual([
      { seq: 2, read: 0, unread: 1, hidden: 0 },
      { seq: 1, read: 1, unread: 0, hidden: 0 },
    ])
    expect(await listed('ann', chat, 1, true)).toEqual(['bob'])
    expect(await listed('ann', chat, 2, false)).toEqual(['bob'])
    expect(await listed('ann', chat, 2, true)).toEqual([])
  })

  it('strangers learn nothing, nor does anybody of what is not there', async () => {
    const asked = { conversation_id: chat, seq: 1 }
    expect(await cast.denied('eve', 'message.readers', asked)).toBe('no_permission')
    const many = { conversation_id: chat, seqs: [1, 3] }
    expect(await cast.denied('ann', 'message.read_counts', many)).toBe('message_not_found')
    expect(await cast.denied('eve', 'message.read_counts', many)).toBe('no_permission')
  })
})

describe('who keeps private what they read', () => {
  const hidden = { seq: 1, read: 0, unread: 0, hidden: 1 }
  const shown = { seq: 1, read: 1, unread: 0, hidden: 0 }
  beforeEach(async () => {
    await cast.send('ann', { recv_id: 'bob' }, 'one')
    await read('bob', chat, 1)
    expect(await counts('ann', chat, [1])).toEqual([shown])
  })

  it('counts as hidden and is not listed, from the next question on', async () => {
    await cast.act('bob', 'privacy.update', { see_read: 2 })
    expect(await counts('ann', chat, [1])).toEqual([hidden])
    expect(await listed('ann', chat, 1, true)).toEqual([])
    expect(await listed('ann', chat, 1, false)).toEqual([])
    await cast.act('bob', 'privacy.update', { see_read: 0 })
    expect(await counts('ann', chat, [1])).toEqual([shown])
  })

  it('from all but friends is seen by friends', async () => {
    await cast.act('bob', 'privacy.update', { see_read: 1 })
    expect(await counts('ann', chat, [1])).toEqual([hidden])
    await cast.act('ann', 'friend.request', { user_id: 'bob' })
    await cast.act('bob', 'friend.accept', { user_id: 'ann' })
    expect(await counts('ann', chat, [1])).toEqual([shown])
  })

  it('from somebody by blocking them counts as hidden to them', async () => {
    await cast.act('bob', 'block.add', { user_id: 'ann' })
    expect(await counts('ann', chat, [1])).toEqual([hidden])
    await cast.act('bob', 'block.remove', { user_id: 'ann' })
    expect(await counts('ann', chat, [1])).toEqual([shown])
  })
})

describe('in a group', () => {
  it('whoever joined later or left does not count, and whoever left may not ask', async () => {
    const group_id = await cast.found('ann', { members: ['bob'] })
    const conversation = `sg_${group_id}`
    await cast.send('ann', { group_id }, 'one')
    await cast.act('eve', 'group.join', { group_id })
    await cast.send('ann', { group_id }, 'two')
    expect(await counts('ann', conversation, [1, 2])).toEqual([
      { seq: 1, read: 0, unread: 1, hidden: 0 },
      { seq: 2, read: 0, unread: 2, hidden: 0 },
    ])
    const before = { conversation_id: conversation, seq: 1 }
    expect(await cast.denied('eve', 'message.readers', before)).toBe('message_not_found')
    await cast.act('bob', 'group.quit', { group_id })
    expect(await listed('ann', conversation, 2, false)).toEqual(['eve'])
    expect(await cast.denied('bob', 'message.readers', before)).toBe('member_inactive')
    const seqs = { conversation_id: conversation, seqs: [1] }
    expect(await cast.denied('bob', 'message.read_counts', seqs)).toBe('member_inactive')
  })

  it('readers are listed in pages, each once and in order', async () => {
    const members = Array.from({ length: 25 }, (_, i) => `m${String((i * 7) % 25).padStart(2, '0')}`)
    const group_id = await cast.found('ann', { members })
    await cast.send('ann', { group_id }, 'one')
    for (const who of members.slice(0, 20)) await read(who, `sg_${group_id}`, 1)
    const found: string[] = []
    let cursor: string | undefined
    do {
      const page = await cast.act('ann', 'message.readers', {
        conversation_id: `sg_${group_id}`,
        seq: 1,
        limit: 6,
        ...(cursor !== undefined && { cursor }),
      })
      expect(page.list.length).toBeLessThanOrEqual(6)
      found.push(...page.list.map((r) => r.user_id))
      cursor = page.next_cursor
    } while (cursor !== undefined)
    expect(found).toEqual(members.slice(0, 20).sort())
  })
})

const people = ['p0', 'p1', 'p2', 'p3', 'p4']
type Step = { readonly who: number; readonly what: string; readonly other: number; readonly upTo: number }
const step: fc.Arbitrary<Step> = fc.record({
  who: fc.nat(4),
  what: fc.constantFrom('send', 'send', 'read', 'read', 'join', 'quit', 'hide', 'block', 'unblock', 'ask'),
  other: fc.nat(4),
  upTo: fc.nat(12),
})

test.prop([fc.array(step, { minLength: 10, maxLength: 50 })], { numRuns: 60 })(
  'counts and lists equal what the stored views say, after any reads, joins, leaves and changes of privacy',
  async (steps) => {
    await cast.core.store.close()
    cast = await chatOf()
    const [first = ''] = people
    await cast.join(...people)
    const group_id = await cast.found(first)
    const conversation = `sg_${group_id}`
    for (const { who, what, other, upTo } of steps) {
      const [name = '', user_id = ''] = [people[who], people[other]]
      const group = { group_id }
      if (what === 'send') await cast.say(name, group_id, 'x')
      else if (what === 'read')
        await cast.refusal(name, 'conversation.mark_read', { conversation_id: conversation, read_seq: upTo })
      else if (what === 'join') await cast.refusal(name, 'group.join', group)
      else if (what === 'quit') await cast.refusal(name, 'group.quit', group)
      else if (what === 'hide') await cast.act(name, 'privacy.update', { see_read: upTo % 3 })
      else if (what === 'block') await cast.refusal(name, 'block.add', { user_id })
      else if (what === 'unblock') await cast.refusal(name, 'block.remove', { user_id })
      else await compare(name)
    }
    for (const name of people) await compare(name)

    async function compare(asker: string): Promise<void> {
      const own = (await cast.core.store.get('view', [[conversation, asker]]))[0]
      if (!own || own.max_seq !== null) return
      const { messages } = await cast.act(asker, 'message.pull', { conversation_id: conversation })
      if (messages.length === 0) return
      const seqs = messages.map((m) => m.seq)
      const model = await Promise.all(messages.map((m) => naive(asker, m.seq, m.sender_id)))
      expect(await counts(asker, conversation, seqs)).toEqual(
        model.map(({ seq, read, unread, hidden }) => ({
          seq,
          read: read.length,
          unread: unread.length,
          hidden: hidden.length,
        })),
      )
      for (const { seq, read, unread } of model) {
        expect(await listed(asker, conversation, seq, true)).toEqual(read)
        expect(await listed(asker, conversation, seq, false)).toEqual(unread)
      }
    }

    async function naive(asker: string, seq: number, author: string) {
      const views = await cast.core.store.list('view', 'by_conversation', [conversation])
      const able = views.filter((v) => v.max_seq === null && v.min_seq <= seq && v.user_id !== author)
      const open = await allows(
        cast.core.world,
        'see_read',
        able.map((v) => v.user_id),
        asker,
      )
      const shown = able.filter((_, i) => open[i])
      return {
        seq,
        read: shown.filter((v) => v.read_seq >= seq).map((v) => v.user_id),
        unread: shown.filter((v) => v.read_seq < seq).map((v) => v.user_id),
        hidden: able.filter((_, i) => !open[i]).map((v) => v.user_id),
      }
    }
  },
)
