import { describe, expect, it } from 'vitest'
import { type Cast, castOf } from '../../testing/domain/cast.ts'
import { device } from '../../testing/domain/device.ts'
import { defaultCaps } from '../caps.ts'

const list = async (cast: Cast, who: string, name: 'friend.list' | 'block.list' = 'friend.list') =>
  (await cast.act(who, name, {})).list

async function befriend(cast: Cast, a: string, b: string): Promise<void> {
  await cast.act(a, 'friend.request', { user_id: b })
  await cast.act(b, 'friend.accept', { user_id: a })
}

async function friends(options: Parameters<typeof castOf>[0] = {}): Promise<Cast> {
  const cast = await castOf(options)
  await cast.join('ann', 'bob', 'eve')
  await befriend(cast, 'ann', 'bob')
  return cast
}
const send = (cast: Cast, from: string, to: string, id: string) =>
  cast.refusal(from, 'message.send', {
    recv_id: to,
    client_msg_id: id,
    msg_type: 1,
    content: { text: { text: 'x' } },
  })

describe('a friendship', () => {
  it('ends on both sides, is told to both and found by catching up', async () => {
    const cast = await friends()
    const { position } = await cast.act('bob', 'sync.changes', {})
    const phone = await device(cast.core, 'bob')
    await cast.act('ann', 'friend.delete', { user_id: 'bob' })
    expect([await list(cast, 'ann'), await list(cast, 'bob')]).toEqual([[], []])
    const ended = { relation: { user_id: 'ann', is_friend: false, friends_since: 0 } }
    expect(await phone.heard()).toMatchObject([{ name: 'changed', data: { changes: [ended] } }])
    expect((await cast.act('bob', 'sync.changes', { position })).changes).toMatchObject([ended])
    expect(await cast.refusal('ann', 'friend.delete', { user_id: 'bob' })).toBe('not_friends')
    expect(await cast.refusal('bob', 'friend.delete', { user_id: 'ann' })).toBe('not_friends')
  })

  it('can begin again after it ended', async () => {
    const cast = await friends()
    await cast.act('ann', 'friend.delete', { user_id: 'bob' })
    await befriend(cast, 'bob', 'ann')
    expect((await list(cast, 'ann')).map((r) => r.user_id)).toEqual(['bob'])
  })

  it('is listed by user id with the public profile, page by page', async () => {
    const cast = await friends()
    await cast.act('bob', 'user.update', { nickname: 'Bobby' })
    await befriend(cast, 'eve', 'ann')
    const first = await cast.act('ann', 'friend.list', { limit: 1 })
    expect(first.list).toMatchObject([{ user_id: 'bob', is_friend: true, user: { nickname: 'Bobby' } }])
    const second = await cast.act('ann', 'friend.list', { limit: 1, cursor: first.next_cursor ?? '' })
    expect(second.list.map((r) => r.user_id)).toEqual(['eve'])
    expect(second).not.toHaveProperty('next_cursor')
  })
})

describe('a remark', () => {
  it('is seen by its owner alone, needs no friendship, and outlives one', async () => {
    const cast = await friends()
    const named = await cast.act('ann', 'friend.remark', { user_id: 'bob', remark: 'the baker' })
    expect(named).toMatchObject({ user_id: 'bob', is_friend: true, remark: 'the baker' })
    expect((await cast.act('ann', 'friend.remark', { user_id: 'eve', remark: 'E.' })).is_friend).toBe(false)
    expect((await list(cast, 'bob'))[0]?.remark).toBe('')
    await cast.act('bob', 'friend.delete', { user_id: 'ann' })
    await befriend(cast, 'bob', 'ann')
    expect((await list(cast, 'ann'))[0]?.remark).toBe('the baker')
    expect((await cast.act('ann', 'friend.remark', { user_id: 'bob' })).remark).toBe('')
  })

  it('is refused for oneself and for nobody, and none is kept for nothing', async () => {
    const cast = await friends()
    const name = (user_id: string) => cast.refusal('ann', 'friend.remark', { user_id, remark: 'R' })
    expect([await name('ann'), await name('ghost')]).toEqual(['not_with_oneself', 'user_not_found'])
    await cast.act('ann', 'friend.remark', { user_id: 'eve' })
    expect(await cast.core.store.get('relation', [['ann', 'eve']])).toEqual([undefined])
  })
})

describe('a block', () => {
  it('ends the friendship on both sides and binds every message after it, both ways round', async () => {
    const cast = await friends()
    expect(await send(cast, 'bob', 'ann', 'b1')).toBe('done')
    await cast.act('ann', 'block.add', { user_id: 'bob' })
    expect(await send(cast, 'bob', 'ann', 'b2')).toBe('blocked')
    expect([await list(cast, 'ann'), await list(cast, 'bob')]).toEqual([[], []])
    expect(await list(cast, 'ann', 'block.list')).toMatchObject([{ user_id: 'bob', is_blocked: true }])
    await cast.act('ann', 'block.remove', { user_id: 'bob' })
    expect(await send(cast, 'bob', 'ann', 'b3')).toBe('done')
    expect(await list(cast, 'ann', 'block.list')).toEqual([])
  })

  it('tells the blocked side of the friendship that ended and of nothing else', async () => {
    const cast = await friends()
    const { position } = await cast.act('bob', 'sync.changes', {})
    const phone = await device(cast.core, 'bob')
    await cast.act('ann', 'block.add', { user_id: 'bob' })
    const heard = await phone.heard()
    expect(heard).toMatchObject([
      { data: { changes: [{ relation: { user_id: 'ann', is_friend: false, is_blocked: false } }] } },
    ])
    expect(JSON.stringify(heard)).not.toContain('"is_blocked":true')
    expect((await cast.act('bob', 'sync.changes', { position })).changes).toHaveLength(1)
  })

  it('ends the requests between them: theirs goes on waiting for them alone, the own one is taken back', async () => {
    const cast = await castOf()
    await cast.join('ann', 'bob', 'eve')
    await cast.act('bob', 'friend.request', { user_id: 'ann' })
    await cast.act('ann', 'friend.request', { user_id: 'eve' })
    const phone = await device(cast.core, 'bob')
    for (const user_id of ['bob', 'eve']) await cast.act('ann', 'block.add', { user_id })
    const requests = async (who: string, direction: 'in' | 'out') =>
      (await cast.act(who, 'friend.requests', { direction })).list.length
    expect([await requests('ann', 'in'), await requests('ann', 'out')]).toEqual([0, 0])
    expect([await requests('bob', 'out'), await requests('eve', 'in')]).toEqual([1, 0])
    expect(await phone.heard()).toEqual([])
  })

  it('is refused for oneself and for nobody; twice is once, and lifting what is not there is no error', async () => {
    const cast = await friends()
    const block = (user_id: string) => cast.refusal('ann', 'block.add', { user_id })
    expect([await block('ann'), await block('ghost')]).toEqual(['not_with_oneself', 'user_not_found'])
    expect([await block('eve'), await block('eve')]).toEqual(['done', 'done'])
    const [count] = await cast.core.store.get('relation_count', [['ann']])
    expect(count).toMatchObject({ blocked: 1 })
    for (const user_id of ['eve', 'eve', 'ghost'])
      expect(await cast.refusal('ann', 'block.remove', { user_id })).toBe('done')
  })
})

describe('caps of relations', () => {
  it('hold one beyond for blocked users, also at once, and are free again after lifting one', async () => {
    const cast = await castOf({ rules: { caps: { ...defaultCaps, blocked: 2 } } })
    const others = ['b1', 'b2', 'b3', 'b4']
    await cast.join('ann', ...others)
    const results = await Promise.all(others.map((user_id) => cast.refusal('ann', 'block.add', { user_id })))
    expect([...results].sort()).toEqual(['cap_reached', 'cap_reached', 'done', 'done'])
    const of = (result: string) => others[results.indexOf(result)] ?? ''
    await cast.act('ann', 'block.remove', { user_id: of('done') })
    expect(await cast.refusal('ann', 'block.add', { user_id: of('cap_reached') })).toBe('done')
  })

  it('count every user one holds something of; those of whom nothing is left make room', async () => {
    const cast = await castOf({ rules: { caps: { ...defaultCaps, relations: 3 } } })
    await cast.join('ann', 'b1', 'b2', 'b3', 'b4')
    await cast.act('ann', 'block.add', { user_id: 'b1' })
    await cast.act('ann', 'friend.remark', { user_id: 'b2', remark: 'two' })
    await cast.act('ann', 'block.add', { user_id: 'b3' })
    const name = () => cast.refusal('ann', 'friend.remark', { user_id: 'b4', remark: 'four' })
    expect(await name()).toBe('cap_reached')
    await cast.act('ann', 'block.remove', { user_id: 'b1' })
    expect(await name()).toBe('done')
    const rows = await cast.core.store.list('relation', 'by_owner', ['ann'])
    expect(rows.map((r) => r.other_id)).toEqual(['b2', 'b3', 'b4'])
    const [count] = await cast.core.store.get('relation_count', [['ann']])
    expect(count).toMatchObject({ relations: 3, blocked: 1 })
  })
})
