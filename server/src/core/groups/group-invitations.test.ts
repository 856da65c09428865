import { describe, expect, it } from 'vitest'
import { castOf, changeUser, putPrivacy, putRelation } from '../../testing/domain/cast.ts'
import { defaultCaps } from '../caps.ts'

const whole = { admins: ['adam'], members: ['mia'] }

describe('inviting', () => {
  it('brings users in at once, in one change, with who brought them', async () => {
    const cast = await castOf()
    await cast.join('g1', 'g2')
    const group_id = await cast.found('olga', whole)
    const before = await cast.notices(group_id)
    const answer = await cast.act('mia', 'group.invite', { group_id, user_ids: ['g1', 'g2', 'g1'] })
    expect(answer).toEqual({ joined: ['g1', 'g2'], applied: [], refused: [] })
    expect(await cast.notices(group_id)).toEqual([...before, 'member_joined'])
    expect(await cast.member(group_id, 'g2')).toMatchObject({ inviter_user_id: 'mia', role_level: 1 })
    expect((await cast.group(group_id)).member_count).toBe(5)
  })

  it('names whom it cannot bring and why, and brings the others', async () => {
    const cast = await castOf()
    await cast.join('good', 'banned', 'deleted', 'shy', 'blocker')
    const group_id = await cast.found('olga', whole)
    await changeUser(cast, 'banned', { status: 2, banned_until: null })
    await changeUser(cast, 'deleted', { status: 3 })
    await putPrivacy(cast, 'shy', 2)
    await putRelation(cast, 'blocker', 'mia', { is_blocked: true })
    const user_ids = ['ghost', 'good', 'mia', 'adam', 'banned', 'deleted', 'shy', 'blocker']
    expect(await cast.act('mia', 'group.invite', { group_id, user_ids })).toEqual({
      joined: ['good'],
      applied: [],
      refused: [
        { user_id: 'ghost', error: 'user_not_found' },
        { user_id: 'mia', error: 'already_member' },
        { user_id: 'adam', error: 'already_member' },
        { user_id: 'banned', error: 'banned' },
        { user_id: 'deleted', error: 'user_not_found' },
        { user_id: 'shy', error: 'privacy' },
        { user_id: 'blocker', error: 'blocked' },
      ],
    })
  })

  it('lets friends add whom strangers may not', async () => {
    const cast = await castOf()
    await cast.join('shy')
    const group_id = await cast.found('olga', whole)
    await putPrivacy(cast, 'shy', 1)
    await putRelation(cast, 'shy', 'adam', { is_friend: true })
    const invitation = { group_id, user_ids: ['shy'] }
    expect((await cast.act('mia', 'group.invite', invitation)).refused).toHaveLength(1)
    expect((await cast.act('adam', 'group.invite', invitation)).joined).toEqual(['shy'])
  })

  it('becomes an application where approval is needed, and admins need none', async () => {
    const cast = await castOf()
    await cast.join('g1', 'g2')
    const group_id = await cast.found('olga', { ...whole, join_mode: 1 })
    const [first, second] = [
      { group_id, user_ids: ['g1'] },
      { group_id, user_ids: ['g2'] },
    ]
    expect((await cast.act('mia', 'group.invite', first)).applied).toEqual(['g1'])
    expect((await cast.act('mia', 'group.invite', first)).refused).toEqual([
      { user_id: 'g1', error: 'already_applied' },
    ])
    const { list } = await cast.act('adam', 'group.applications', { group_id })
    expect(list).toMatchObject([{ user_id: 'g1', inviter_user_id: 'mia' }])
    await cast.act('adam', 'group.accept', { group_id, user_id: 'g1' })
    expect(await cast.member(group_id, 'g1')).toMatchObject({ inviter_user_id: 'mia', status: 1 })
    expect((await cast.act('adam', 'group.invite', second)).joined).toEqual(['g2'])
  })

  it('is for admins only where the group says so', async () => {
    const cast = await castOf()
    await cast.join('g1')
    const group_id = await cast.found('olga', { ...whole, invited_by: 1 })
    const invitation = { group_id, user_ids: ['g1'] }
    expect(await cast.refusal('mia', 'group.invite', invitation)).toBe('not_admin')
    expect((await cast.act('adam', 'group.invite', invitation)).joined).toEqual(['g1'])
  })

  it('opens groups that are joined by invitation only', async () => {
    const cast = await castOf()
    const group_id = await cast.found('olga', { ...whole, join_mode: 2 })
    expect(await cast.refusal('g1', 'group.join', { group_id })).toBe('join_by_invitation')
    expect((await cast.act('mia', 'group.invite', { group_id, user_ids: ['g1'] })).joined).toEqual(['g1'])
  })

  it('does not outlive a block: either it was first or it is refused', async () => {
    const cast = await castOf()
    const group_id = await cast.found('olga', whole)
    for (let i = 0; i < 10; i++) {
      const guest = `guest ${i}`
      await cast.join(guest)
      const [answer] = await Promise.all([
        cast.act('mia', 'group.invite', { group_id, user_ids: [guest] }),
        putRelation(cast, guest, 'mia', { is_blocked: true }),
      ])
      const [member] = await cast.core.store.get('member', [[group_id, guest]])
      expect(answer.joined).toEqual(member ? [guest] : [])
      expect(answer.refused).toEqual(member ? [] : [{ user_id: guest, error: 'blocked' }])
    }
  })

  it('stops at the cap on members with nobody brought, and passes over whoever is in too many groups', async () => {
    const caps = { ...defaultCaps, groupMembers: 4, groupsPerUser: 2 }
    const cast = await castOf({ rules: { caps } })
    const group_id = await cast.found('olga', whole)
    await cast.join('g1', 'g2')
    expect(await cast.refusal('mia', 'group.invite', { group_id, user_ids: ['g1', 'g2'] })).toBe(
      'cap_reached',
    )
    expect((await cast.group(group_id)).member_count).toBe(3)
    for (const _ of [1, 2]) await cast.found('g1')
    expect(await cast.act('mia', 'group.invite', { group_id, user_ids: ['g1', 'g2'] })).toMatchObject({
      joined: ['g2'],
      refused: [{ user_id: 'g1', error: 'cap_reached' }],
    })
  })
})
