import { describe, expect, it } from 'vitest'
import { castOf } from '../../testing/domain/cast.ts'
import { defaultCaps } from '../caps.ts'

const whole = { admins: ['adam'], members: ['mia'] }

describe('an invite link', () => {
  it('shows the group and lets in, private and closed ones too', async () => {
    const cast = await castOf()
    for (const fields of [{}, { join_mode: 1 }, { join_mode: 2 }, { is_private: true }]) {
      const group_id = await cast.found('olga', { ...whole, ...fields })
      await cast.act('olga', 'group.announce', { group_id, text: 'for members' })
      const link = await cast.act('adam', 'group.create_link', { group_id })
      expect(link).toMatchObject({ group_id, created_by: 'adam', expires_at: 0, max_uses: 0, uses: 0 })
      expect(link.token).toMatch(/^[0-9a-f]{64}$/)
      const { token } = link
      const info = await cast.act('guest', 'group.link_info', { token })
      expect(info).toMatchObject({ id: group_id, member_count: 3 })
      expect(info).not.toHaveProperty('announcement')
      expect(await cast.act('guest', 'group.join_by_link', { token })).toMatchObject({ member_count: 4 })
      expect(await cast.member(group_id, 'guest')).toMatchObject({ inviter_user_id: 'adam', status: 1 })
      expect(await cast.refusal('guest', 'group.join_by_link', { token })).toBe('already_member')
      const [stored] = await cast.core.store.get('invite_link', [[token]])
      expect(stored?.uses).toBe(1)
    }
  })

  it('runs out at its time', async () => {
    const cast = await castOf()
    const group_id = await cast.found('olga', whole)
    const { token } = await cast.act('olga', 'group.create_link', { group_id, expires_in: 60 })
    cast.core.clock.advance(59_999)
    expect(await cast.refusal('guest', 'group.link_info', { token })).toBe('done')
    cast.core.clock.advance(1)
    expect(await cast.refusal('guest', 'group.link_info', { token })).toBe('link_invalid')
    expect(await cast.refusal('guest', 'group.join_by_link', { token })).toBe('link_invalid')
    expect(await cast.act('olga', 'group.links', { group_id })).toEqual([])
  })

  it('counts its uses exactly when many come at once', async () => {
    const cast = await castOf()
    const group_id = await cast.found('olga', whole)
    const { token } = await cast.act('olga', 'group.create_link', { group_id, max_uses: 7 })
    const guests = Array.from({ length: 25 }, (_, i) => `guest ${i}`)
    const outcomes = await Promise.all(guests.map((g) => cast.refusal(g, 'group.join_by_link', { token })))
    expect(outcomes.filter((o) => o === 'done')).toHaveLength(7)
    expect(new Set(outcomes)).toEqual(new Set(['done', 'link_invalid']))
    expect((await cast.group(group_id)).member_count).toBe(10)
  })

  it('can be revoked by its maker and by admins', async () => {
    const cast = await castOf()
    const group_id = await cast.found('olga', { ...whole, members: ['mia', 'max'] })
    const [{ token }, other] = [
      await cast.act('mia', 'group.create_link', { group_id }),
      await cast.act('mia', 'group.create_link', { group_id }),
    ]
    expect(await cast.refusal('max', 'group.revoke_link', { group_id, token })).toBe('not_admin')
    await cast.act('mia', 'group.revoke_link', { group_id, token })
    await cast.act('adam', 'group.revoke_link', { group_id, token: other.token })
    expect(await cast.refusal('mia', 'group.revoke_link', { group_id, token })).toBe('link_invalid')
    expect(await cast.refusal('guest', 'group.join_by_link', { token })).toBe('link_invalid')
    const elsewhere = await cast.found('olga')
    const foreign = await cast.act('olga', 'group.create_link', { group_id: elsewhere })
    expect(await cast.refusal('olga', 'group.revoke_link', { group_id, token: foreign.token })).toBe(
      'link_invalid',
    )
  })

  it('is made by whoever may let others in, and no way round approval', async () => {
    const cast = await castOf()
    for (const fields of [{ invited_by: 1 }, { join_mode: 1 }]) {
      const group_id = await cast.found('olga', { ...whole, ...fields })
      expect(await cast.refusal('mia', 'group.create_link', { group_id })).toBe('not_admin')
      expect(await cast.refusal('adam', 'group.create_link', { group_id })).toBe('done')
    }
  })

  it('dies with its maker’s right to it', async () => {
    const cast = await castOf()
    const group_id = await cast.found('olga', whole)
    const { token } = await cast.act('mia', 'group.create_link', { group_id })
    await cast.act('olga', 'group.update', { group_id, invited_by: 1 })
    expect(await cast.refusal('guest', 'group.join_by_link', { token })).toBe('link_invalid')
    await cast.act('olga', 'group.update', { group_id, invited_by: 0 })
    expect(await cast.refusal('guest', 'group.link_info', { token })).toBe('done')
    await cast.act('olga', 'group.kick', { group_id, user_ids: ['mia'] })
    expect(await cast.refusal('mia', 'group.join_by_link', { token })).toBe('link_invalid')
  })

  it('is listed to admins, and to other members when they made it', async () => {
    const cast = await castOf()
    const group_id = await cast.found('olga', whole)
    const byOlga = await cast.act('olga', 'group.create_link', { group_id })
    cast.core.clock.advance(1)
    const byMia = await cast.act('mia', 'group.create_link', { group_id, max_uses: 3 })
    expect(await cast.act('adam', 'group.links', { group_id })).toEqual([byOlga, byMia])
    expect(await cast.act('mia', 'group.links', { group_id })).toEqual([byMia])
    await cast.act('olga', 'group.update', { group_id, invited_by: 1 })
    expect(await cast.refusal('mia', 'group.links', { group_id })).toBe('not_admin')
  })

  it('is one of a bounded number, of which dead ones take no room', async () => {
    const cast = await castOf({ rules: { caps: { ...defaultCaps, inviteLinks: 2 } } })
    const group_id = await cast.found('olga', whole)
    await cast.act('olga', 'group.create_link', { group_id, expires_in: 60 })
    await cast.act('olga', 'group.create_link', { group_id })
    expect(await cast.refusal('olga', 'group.create_link', { group_id })).toBe('cap_reached')
    cast.core.clock.advance(60_000)
    expect(await cast.refusal('olga', 'group.create_link', { group_id })).toBe('done')
    expect(await cast.core.store.list('invite_link', 'by_group', [group_id])).toHaveLength(2)
  })
})
