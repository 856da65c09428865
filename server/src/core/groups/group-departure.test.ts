import { describe, expect, it } from 'vitest'
import { type Cast, castOf, changeUser } from '../../testing/domain/cast.ts'
import { departGroups } from './group-departure.ts'

async function end(cast: Cast, userId: string): Promise<void> {
  await changeUser(cast, userId, { status: 3 })
  await departGroups(cast.core.world, userId)
}

describe('an account that ends', () => {
  it('leaves its groups and hands what it owned to the longest-serving admin', async () => {
    const cast = await castOf()
    const group_id = await cast.found('olga', { admins: ['adam', 'aria'], members: ['mia'] })
    const joined = await cast.found('max', { members: ['olga'] })
    await end(cast, 'olga')
    expect(await cast.member(group_id, 'adam')).toMatchObject({ role_level: 3, rank: 0 })
    expect(await cast.member(group_id, 'olga')).toMatchObject({ status: 2, role_level: 1 })
    expect((await cast.notices(group_id)).slice(-2)).toEqual(['owner_changed', 'member_left'])
    expect(await cast.member(joined, 'olga')).toMatchObject({ status: 2 })
    expect(await cast.group(joined)).toMatchObject({ member_count: 1 })
  })

  it('hands over to the longest-serving member where there is no admin', async () => {
    const cast = await castOf()
    const group_id = await cast.found('olga')
    for (const guest of ['zed', 'amy']) {
      cast.core.clock.advance(1)
      await cast.act(guest, 'group.join', { group_id })
    }
    await end(cast, 'olga')
    expect(await cast.member(group_id, 'zed')).toMatchObject({ role_level: 3 })
  })

  it('dissolves what it had for itself', async () => {
    const cast = await castOf()
    const group_id = await cast.found('olga')
    await end(cast, 'olga')
    expect(await cast.group(group_id)).toMatchObject({ status: 2, member_count: 1 })
    await departGroups(cast.core.world, 'olga')
    expect(await cast.member(group_id, 'olga')).toMatchObject({ status: 1, role_level: 3 })
  })

  it('waits in no group any more, and is let into none', async () => {
    const cast = await castOf()
    const group_id = await cast.found('olga', { join_mode: 1 })
    await cast.act('guest', 'group.apply', { group_id })
    await changeUser(cast, 'guest', { status: 3 })
    const acceptance = { group_id, user_id: 'guest' }
    expect(await cast.refusal('olga', 'group.accept', acceptance)).toBe('user_not_found')
    await departGroups(cast.core.world, 'guest')
    expect((await cast.act('olga', 'group.applications', { group_id })).list).toEqual([])
  })

  it('goes out of more groups than are looked at together', async () => {
    const cast = await castOf()
    const groups: string[] = []
    for (let i = 0; i < 203; i++) groups.push(await cast.found('olga', { members: ['mia'] }))
    await end(cast, 'mia')
    const rows = await cast.core.store.list('member', 'by_user', ['mia'])
    expect(rows).toHaveLength(203)
    expect(rows.filter((r) => r.status === 1)).toEqual([])
  })
})
