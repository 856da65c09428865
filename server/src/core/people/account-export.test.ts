import { describe, expect, it } from 'vitest'
import { type Cast, castOf } from '../../testing/domain/cast.ts'
import { device } from '../../testing/domain/device.ts'

interface Document {
  readonly kind: string
  readonly data: unknown
}

/** Everything, page by page, and how large the pages were. */
async function exported(cast: Cast, who: string): Promise<{ documents: Document[]; sizes: number[] }> {
  const documents: Document[] = []
  const sizes: number[] = []
  let cursor: string | undefined
  do {
    const page = await cast.act(who, 'account.export', cursor === undefined ? {} : { cursor })
    documents.push(...page.list)
    sizes.push(page.list.length)
    cursor = page.next_cursor
  } while (cursor !== undefined)
  return { documents, sizes }
}
const dataOf = (documents: readonly Document[], kind: string) =>
  documents.filter((d) => d.kind === kind).map((d) => d.data)

let sent = 0
function say(cast: Cast, who: string, to: { recv_id: string } | { group_id: string }, text: string) {
  sent += 1
  const input = { client_msg_id: `e${sent}`, msg_type: 1, content: { text: { text } } }
  return cast.act(who, 'message.send', { ...to, ...input })
}

describe('account.export', () => {
  it('holds profile, privacy, sign-ins, relations, requests, groups, conversations and own messages', async () => {
    const cast = await castOf()
    await cast.join('ann', 'bob', 'eve', 'fay')
    const phone = await device(cast.core, 'ann', { device_name: 'my phone' })
    await cast.act('ann', 'user.update', { nickname: 'Ann', extra: '{"a":1}' })
    await cast.act('ann', 'privacy.update', { see_read: 2 })
    await cast.act('ann', 'friend.remark', { user_id: 'bob', remark: 'the baker' })
    await cast.act('ann', 'friend.request', { user_id: 'fay' })
    await cast.act('eve', 'friend.request', { user_id: 'ann', message: 'hello' })
    const group = await cast.found('ann', { members: ['bob'] })
    await say(cast, 'ann', { recv_id: 'bob' }, 'to bob')
    await say(cast, 'bob', { recv_id: 'ann' }, 'from bob')
    await say(cast, 'ann', { group_id: group }, 'to all')
    await cast.act('ann', 'conversation.draft', { conversation_id: 'si_ann:bob', text: 'unfinished' })
    const react = { conversation_id: 'si_ann:bob', seq: 2, emoji: '👍' }
    await cast.act('ann', 'message.react', react)
    const later = { client_msg_id: 'later', msg_type: 1, content: { text: { text: 'to come' } } }
    const at = cast.core.clock.now() + 60_000
    await cast.act('ann', 'message.schedule', { ...later, recv_id: 'bob', at })
    const { documents } = await exported(cast, 'ann')
    expect(dataOf(documents, 'reaction')).toMatchObject([react])
    expect(dataOf(documents, 'scheduled')).toMatchObject([{ at, message: { ...later, recv_id: 'bob' } }])
    expect(dataOf(documents, 'profile')).toMatchObject([
      { user_id: 'ann', nickname: 'Ann', extra: '{"a":1}' },
    ])
    expect(dataOf(documents, 'privacy')).toMatchObject([{ see_read: 2 }])
    expect(dataOf(documents, 'sign_in')).toMatchObject([{ device_name: 'my phone' }])
    expect(dataOf(documents, 'relation')).toMatchObject([{ user_id: 'bob', remark: 'the baker' }])
    expect(dataOf(documents, 'friend_request')).toMatchObject([
      { from_id: 'eve', message: 'hello' },
      { to_id: 'fay', state: 1 },
    ])
    expect(dataOf(documents, 'group')).toMatchObject([{ member: { role_level: 3 }, group: { id: group } }])
    const conversations = dataOf(documents, 'conversation')
    expect(conversations).toHaveLength(2)
    expect(conversations).toContainEqual(expect.objectContaining({ draft: 'unfinished' }))
    const texts = dataOf(documents, 'message').map((m) => (m as { content: unknown }).content)
    expect(texts.sort()).toEqual([{ text: 'to all' }, { text: 'to bob' }])
    const all = JSON.stringify(documents)
    for (const secret of ['from bob', 'secret of ann', 'password', phone.token])
      expect(all).not.toContain(secret)
  })

  it('is bounded page by page and misses nothing, however much there is', async () => {
    const cast = await castOf()
    await cast.join('ann', 'bob')
    const group = await cast.found('bob', { members: ['ann'] })
    for (let i = 0; i < 1300; i++) await say(cast, i % 3 === 0 ? 'ann' : 'bob', { group_id: group }, `g${i}`)
    for (let i = 0; i < 10; i++) await say(cast, 'ann', { recv_id: 'bob' }, `s${i}`)
    for (let i = 0; i < 205; i++)
      await cast.act('ann', 'friend.remark', await other(cast, `u${String(i).padStart(3, '0')}`))
    const { documents, sizes } = await exported(cast, 'ann')
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1000)
    expect(dataOf(documents, 'relation')).toHaveLength(205)
    const seqs = (id: string) =>
      (dataOf(documents, 'message') as { conversation_id: string; seq: number }[])
        .filter((m) => m.conversation_id === id)
        .map((m) => m.seq)
    expect(seqs(`sg_${group}`)).toEqual(Array.from({ length: 434 }, (_, i) => i * 3 + 1))
    expect(seqs('si_ann:bob')).toEqual(Array.from({ length: 10 }, (_, i) => i + 1))
  })

  it('shows of a group only what lies inside the own window, and of a private one left nothing but the membership', async () => {
    const cast = await castOf()
    await cast.join('ann', 'bob')
    const group = await cast.found('bob', { members: ['ann'], is_private: true, name: 'Secret tea' })
    await say(cast, 'ann', { group_id: group }, 'first stay')
    await cast.act('ann', 'group.quit', { group_id: group })
    const { documents } = await exported(cast, 'ann')
    expect(dataOf(documents, 'group')).toMatchObject([{ member: { status: 2 } }])
    expect(JSON.stringify(documents)).not.toContain('Secret tea')
    expect(dataOf(documents, 'message')).toHaveLength(1)
    await cast.act('bob', 'group.invite', { group_id: group, user_ids: ['ann'] })
    expect(dataOf((await exported(cast, 'ann')).documents, 'message')).toEqual([])
  })

  it('does not tell which of the own requests were rejected', async () => {
    const cast = await castOf()
    await cast.join('ann', 'bob')
    await cast.act('ann', 'friend.request', { user_id: 'bob' })
    const before = await exported(cast, 'ann')
    cast.core.clock.advance(1000)
    await cast.act('bob', 'friend.reject', { user_id: 'ann' })
    expect(await exported(cast, 'ann')).toEqual(before)
  })

  it('takes no cursor of one’s own making, and none leads to what is not one’s own', async () => {
    const cast = await castOf()
    await cast.join('ann', 'bob', 'eve')
    await say(cast, 'bob', { recv_id: 'eve' }, 'not yours')
    for (const cursor of ['x', '{}', '[]', '[99]', '[-1]', '["length"]', '[3,{}]', '[1,1,1,1,1]'])
      expect(await cast.refusal('ann', 'account.export', { cursor })).toBe('invalid_parameter')
    for (const cursor of ['[8,"si_bob:eve",0]', '[7,"si_bob:e"]']) {
      const { list } = await cast.act('ann', 'account.export', { cursor })
      expect(list).toEqual([])
    }
  })
})

async function other(cast: Cast, user_id: string) {
  await cast.join(user_id)
  return { user_id, remark: 'R' }
}
