import { beforeEach, describe, expect, it } from 'vitest'
import { type TestCore, testCore } from '../../testing/domain/core.ts'
import { defaultCaps } from '../caps.ts'
import type { Caller } from '../world.ts'
import type { Listed } from './listing.ts'

const chat = 'si_ann:bob'
let core: TestCore
let ann: Caller
let bob: Caller
let ids = 0
beforeEach(async () => {
  core = await testCore()
  ann = await core.person('ann')
  bob = await core.person('bob')
})

function say(from: Caller, to: object, words = 'hi', more: object = {}) {
  const input = { client_msg_id: `m${ids++}`, msg_type: 1, content: { text: words }, ...to, ...more }
  return core.dispatch(from, 'message.send', input)
}
const list = async (who: Caller): Promise<Listed[]> =>
  (await core.dispatch(who, 'conversation.list', { with_last_message: true })) as Listed[]
const info = (who: Caller, id = chat) => core.dispatch(who, 'conversation.info', { conversation_id: id })

describe('a draft', () => {
  it('is kept with the conversation and goes when it is saved empty', async () => {
    await say(ann, { recv_id: 'bob' })
    await core.dispatch(ann, 'conversation.draft', { conversation_id: chat, text: 'half a thou' })
    expect(await info(ann)).toMatchObject({ draft: 'half a thou', draft_at: core.clock.now() })
    expect(await info(bob)).not.toHaveProperty('draft')
    await core.dispatch(ann, 'conversation.draft', { conversation_id: chat })
    expect(await info(ann)).not.toHaveProperty('draft')
  })

  it('of more than 65,535 bytes, or in a conversation one does not have, is refused', async () => {
    await say(ann, { recv_id: 'bob' })
    const draft = (conversation_id: string, text: string) =>
      core.dispatch(ann, 'conversation.draft', { conversation_id, text })
    await expect(draft(chat, 'ä'.repeat(32_768))).rejects.toMatchObject({ kind: 'invalid_parameter' })
    await expect(draft('si_ann:eve', 'x')).rejects.toMatchObject({ kind: 'conversation_not_found' })
    expect(await info(ann)).not.toHaveProperty('draft')
  })
})

describe('drafts', () => {
  it('in one conversation more than allowed are refused; those there are can still be changed', async () => {
    const small = await testCore({ rules: { caps: { ...defaultCaps, drafts: 2 } } })
    const dora = await small.person('dora')
    const draft = (id: string, text: string) =>
      small.dispatch(dora, 'conversation.draft', { conversation_id: `si_dora:${id}`, text })
    for (const id of ['p1', 'p2', 'p3']) {
      await small.person(id)
      const first = { recv_id: id, client_msg_id: id, msg_type: 1, content: { text: 'x' } }
      await small.dispatch(dora, 'message.send', first)
    }
    await draft('p1', 'one')
    await draft('p2', 'two')
    await expect(draft('p3', 'three')).rejects.toMatchObject({ kind: 'cap_reached' })
    await draft('p1', 'changed')
    await draft('p1', '')
    await draft('p3', 'three')
  })
})

describe('hiding a conversation', () => {
  it('takes it out of the own list until the next message, and leaves its history', async () => {
    await say(ann, { recv_id: 'bob' })
    await core.dispatch(bob, 'conversation.update', { conversation_id: chat, is_hidden: true })
    expect(await list(bob)).toEqual([])
    expect(await list(ann)).toHaveLength(1)
    await say(ann, { recv_id: 'bob' }, 'again')
    expect(await list(bob)).toMatchObject([{ unread_count: 2, min_seq: 1 }])
  })
})

describe('clearing a conversation', () => {
  it('deletes its history for oneself alone; what comes later is numbered on and counted', async () => {
    for (const words of ['a', 'b', 'c']) await say(ann, { recv_id: 'bob' }, words)
    await core.dispatch(bob, 'conversation.draft', { conversation_id: chat, text: 'x' })
    await core.dispatch(bob, 'conversation.clear', { conversation_id: chat })
    expect(await list(bob)).toEqual([])
    const pull = (who: Caller) => core.dispatch(who, 'message.pull', { conversation_id: chat })
    expect((await pull(bob)).messages).toEqual([])
    expect((await pull(ann)).messages).toHaveLength(3)
    await say(ann, { recv_id: 'bob' }, 'd')
    expect((await pull(bob)).messages.map((m) => m.seq)).toEqual([4])
    expect(await list(bob)).toMatchObject([{ unread_count: 1, min_seq: 4 }])
    expect((await list(bob))[0]).not.toHaveProperty('draft')
  })
})

describe('marking unread', () => {
  it('is a mark of the own list that reading takes away', async () => {
    await say(ann, { recv_id: 'bob' })
    const mark = { conversation_id: chat, read_seq: 1 }
    await core.dispatch(bob, 'conversation.mark_read', mark)
    await core.dispatch(bob, 'conversation.update', { conversation_id: chat, is_marked_unread: true })
    expect(await info(bob)).toMatchObject({ is_marked_unread: true, unread_count: 0 })
    await core.dispatch(bob, 'conversation.mark_read', mark)
    expect(await info(bob)).not.toHaveProperty('is_marked_unread')
  })
})

describe('the receive option', () => {
  it('governs what is counted for notifications: silent and none count as unread only', async () => {
    for (const id of ['eve', 'fay']) {
      const who = await core.person(id)
      await say(who, { recv_id: 'bob' })
    }
    await say(ann, { recv_id: 'bob' })
    const count = () => core.dispatch(bob, 'conversation.unread_count', {})
    expect(await count()).toEqual({ unread_count: 3, notify_count: 3 })
    await core.dispatch(bob, 'conversation.update', { conversation_id: chat, recv_msg_opt: 1 })
    await core.dispatch(bob, 'conversation.update', { conversation_id: 'si_bob:eve', recv_msg_opt: 2 })
    expect(await count()).toEqual({ unread_count: 3, notify_count: 1 })
  })
})

describe('mentions', () => {
  async function group(): Promise<{ group_id: string }> {
    const { id } = await core.dispatch(ann, 'group.create', { name: 'G', member_ids: ['bob'] })
    return { group_id: id }
  }

  it('of oneself or of everybody are counted while unread, with the oldest to jump to', async () => {
    const to = await group()
    const id = `sg_${to.group_id}`
    await say(ann, to, 'none')
    await say(ann, to, '@bob', { mentions: ['bob'] })
    await say(ann, to, '@all', { mentions: ['*'] })
    expect(await info(bob, id)).toMatchObject({ unread_count: 3, mention_count: 2, mention_seq: 2 })
    expect(await core.dispatch(bob, 'message.mentions', { conversation_id: id })).toEqual({ seqs: [2, 3] })
    await core.dispatch(bob, 'conversation.mark_read', { conversation_id: id, read_seq: 2 })
    expect(await info(bob, id)).toMatchObject({ mention_count: 1, mention_seq: 3 })
    await core.dispatch(bob, 'conversation.mark_read', { conversation_id: id, read_seq: 3 })
    expect(await info(bob, id)).not.toHaveProperty('mention_count')
  })

  it('of people who are not in the conversation are left out', async () => {
    await core.person('eve')
    const to = await group()
    const sent = await say(ann, to, 'hey', { mentions: ['bob', 'eve', 'nobody', 'bob'] })
    expect(JSON.parse(`{${sent.meta}}`)).toEqual({ mentions: ['bob'] })
  })

  it('stay out of sight of who joins later', async () => {
    const eve = await core.person('eve')
    const to = await group()
    await say(ann, to, '@all', { mentions: ['*'] })
    await core.dispatch(eve, 'group.join', to)
    await say(ann, to, 'later')
    const seen = await core.dispatch(eve, 'message.mentions', { conversation_id: `sg_${to.group_id}` })
    expect(seen).toEqual({ seqs: [] })
  })

  it('more than fifty in one message are refused', async () => {
    const mentions = Array.from({ length: 51 }, (_, i) => `u${i}`)
    await expect(say(ann, { recv_id: 'bob' }, 'x', { mentions })).rejects.toMatchObject({
      kind: 'invalid_parameter',
    })
    expect(await core.store.heads([chat])).toEqual([undefined])
  })
})

describe('the other side of a single chat', () => {
  it('shows how far it has read, unless it keeps that to itself', async () => {
    await say(ann, { recv_id: 'bob' })
    await say(ann, { recv_id: 'bob' })
    await core.dispatch(bob, 'conversation.mark_read', { conversation_id: chat, read_seq: 1 })
    expect(await info(ann)).toMatchObject({ peer_read_seq: 1 })
    await core.dispatch(bob, 'privacy.update', { see_read: 2 })
    expect(await info(ann)).toMatchObject({ peer_read_seq: 0 })
  })
})
