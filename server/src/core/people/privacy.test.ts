import { openTo } from '@nexo-im/protocol'
import { describe, expect, it } from 'vitest'
import { type Cast, castOf } from '../../testing/domain/cast.ts'
import { device } from '../../testing/domain/device.ts'

/** Ann, her friend, a stranger, and somebody she blocked. */
async function circle(): Promise<Cast> {
  const cast = await castOf()
  await cast.join('ann', 'friend', 'stranger', 'blocked')
  await cast.act('friend', 'friend.request', { user_id: 'ann' })
  await cast.act('ann', 'friend.accept', { user_id: 'friend' })
  await cast.act('ann', 'block.add', { user_id: 'blocked' })
  return cast
}

let sent = 0
function write(cast: Cast, from: string, to = 'ann'): Promise<string> {
  sent += 1
  const client_msg_id = `p${sent}`
  return cast.refusal(from, 'message.send', {
    recv_id: to,
    client_msg_id,
    msg_type: 1,
    content: { text: { text: 'x' } },
  })
}

const everybody = ['friend', 'stranger', 'blocked'] as const

describe('privacy settings', () => {
  it('are open for who never set any, change field by field, and reach the own other devices', async () => {
    const cast = await circle()
    const open = { find_me: 0, message_me: 0, add_to_groups: 0, see_online: 0, see_read: 0 }
    expect(await cast.act('ann', 'privacy.get', {})).toEqual(open)
    const { position } = await cast.act('ann', 'sync.changes', {})
    const phone = await device(cast.core, 'ann')
    const pad = await device(cast.core, 'ann', { platform_id: 9 })
    await cast.core.dispatch(phone.caller, 'privacy.update', { see_read: openTo.nobody })
    await cast.core.dispatch(phone.caller, 'privacy.update', { find_me: openTo.friends })
    const now = { ...open, see_read: 2, find_me: 1 }
    expect(await cast.act('ann', 'privacy.get', {})).toEqual(now)
    expect((await pad.heard()).at(-1)).toMatchObject({
      name: 'changed',
      data: { changes: [{ privacy: now }] },
    })
    expect(await phone.heard()).toEqual([])
    expect((await cast.act('ann', 'sync.changes', { position })).changes).toMatchObject([{ privacy: now }])
    expect(await cast.refusal('ann', 'privacy.update', { find_me: 3 })).toBe('invalid_parameter')
  })

  it.each([
    ['everyone', openTo.everyone, ['done', 'done', 'blocked']],
    ['friends', openTo.friends, ['done', 'privacy', 'blocked']],
    ['nobody', openTo.nobody, ['privacy', 'privacy', 'blocked']],
  ] as const)('decide who may write: %s', async (_, message_me, expected) => {
    const cast = await circle()
    await cast.act('ann', 'privacy.update', { message_me })
    const results = []
    for (const who of everybody) results.push(await write(cast, who))
    expect(results).toEqual(expected)
    expect(await write(cast, 'ann', 'ann')).toBe('done')
  })

  it('bind every message after them, although the right to write was remembered', async () => {
    const cast = await circle()
    expect(await write(cast, 'stranger')).toBe('done')
    await cast.act('ann', 'privacy.update', { message_me: openTo.friends })
    expect(await write(cast, 'stranger')).toBe('privacy')
    expect(await write(cast, 'friend')).toBe('done')
    await cast.act('ann', 'friend.delete', { user_id: 'friend' })
    expect(await write(cast, 'friend')).toBe('privacy')
    await cast.act('ann', 'privacy.update', { message_me: openTo.everyone })
    expect([await write(cast, 'stranger'), await write(cast, 'friend')]).toEqual(['done', 'done'])
  })

  it('sent against at the same time let through only what was acked before them', async () => {
    for (let i = 0; i < 20; i++) {
      const cast = await circle()
      await write(cast, 'stranger')
      const results = await Promise.all([
        write(cast, 'stranger'),
        cast.refusal('ann', 'privacy.update', { message_me: openTo.nobody }),
        write(cast, 'stranger'),
      ])
      for (const result of results) expect(['done', 'privacy']).toContain(result)
      const acked = 1 + [results[0], results[2]].filter((r) => r === 'done').length
      const [head] = await cast.core.store.heads(['si_ann:stranger'])
      expect(head?.seq).toBe(acked)
      expect(await write(cast, 'stranger')).toBe('privacy')
    }
  })

  it.each([
    ['everyone', openTo.everyone, [true, true, false]],
    ['friends', openTo.friends, [true, false, false]],
    ['nobody', openTo.nobody, [false, false, false]],
  ] as const)('decide who finds one, by id and by nickname: %s', async (_, find_me, expected) => {
    const cast = await circle()
    await cast.act('ann', 'user.update', { nickname: 'Ännchen Ｔ' })
    await cast.act('ann', 'privacy.update', { find_me })
    for (const query of ['ann', 'ännchen t']) {
      const found = await Promise.all(
        everybody.map(async (who) => (await cast.act(who, 'user.search', { query })).length === 1),
      )
      expect(found).toEqual(expected)
    }
    expect(await cast.act('ann', 'user.search', { query: 'ann' })).toHaveLength(1)
  })
})

describe('user.search', () => {
  it('finds the exact id and the exact name only, in any letter case, and not whom one blocks', async () => {
    const cast = await circle()
    await cast.act('friend', 'user.update', { nickname: 'Fred' })
    const search = async (query: string) =>
      (await cast.act('ann', 'user.search', { query })).map((u) => u.user_id)
    expect(await search('FRED')).toEqual(['friend'])
    expect(await search('friend')).toEqual(['friend'])
    expect(await search('fre')).toEqual([])
    expect(await search('%')).toEqual([])
    expect(await search('blocked')).toEqual([])
    expect((await cast.act('ann', 'user.search', { query: 'friend' }))[0]).not.toHaveProperty('password_hash')
  })

  it('answers twenty at most, and finds who wants to be found behind many who do not', async () => {
    const cast = await castOf()
    await cast.join('ann')
    const ids = Array.from({ length: 45 }, (_, i) => `u${String(i).padStart(2, '0')}`)
    for (const id of ids) {
      await cast.act(id, 'user.update', { nickname: 'Smith' })
      if (id < 'u22') await cast.act(id, 'privacy.update', { find_me: openTo.nobody })
    }
    const found = await cast.act('ann', 'user.search', { query: 'smith' })
    expect(found.map((u) => u.user_id)).toEqual(ids.slice(22, 42))
  })
})
