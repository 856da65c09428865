import { describe, expect, it } from 'vitest'
import { castOf } from '../../testing/domain/cast.ts'
import { defaultCaps } from '../caps.ts'

const whole = { admins: ['adam'], members: ['mia'] }

describe('changing a group', () => {
  it('changes what is named, leaves the rest, and tells what it was', async () => {
    const cast = await castOf()
    const group_id = await cast.found('olga', { ...whole, introduction: 'We drink tea' })
    cast.core.clock.advance(5)
    const change = { name: 'Coffee', avatar: 'cup.png', join_mode: 2, is_private: false }
    const group = await cast.act('adam', 'group.update', { group_id, ...change })
    expect(group).toMatchObject({
      ...change,
      introduction: 'We drink tea',
      member_count: 3,
      updated_at: cast.core.clock.now(),
    })
    expect(await cast.act('mia', 'group.info', { group_id })).toEqual(group)
    const [notice] = (await cast.core.store.list('notice', 'by_conversation', [`sg_${group_id}`])).slice(-1)
    expect(notice).toMatchObject({ kind: 'group_changed', actor_id: 'adam' })
    expect(JSON.parse(notice?.data ?? '')).toEqual({ name: 'Coffee', avatar: true, join_mode: 2 })
  })

  it('writes nothing when nothing is different', async () => {
    const cast = await castOf()
    const group_id = await cast.found('olga', whole)
    const before = await cast.notices(group_id)
    expect(await cast.act('olga', 'group.update', { group_id, name: 'Tea' })).toMatchObject({ name: 'Tea' })
    expect(await cast.notices(group_id)).toEqual(before)
  })

  it('takes JSON text as extra and nothing else', async () => {
    const cast = await castOf()
    const group_id = await cast.found('olga', whole)
    const extra = '{"colour": "red"}'
    expect(await cast.act('olga', 'group.update', { group_id, extra })).toMatchObject({ extra })
    for (const wrong of ['{', `"${'x'.repeat(65_535)}"`])
      expect(await cast.refusal('olga', 'group.update', { group_id, extra: wrong })).toBe('invalid_parameter')
  })

  it('binds joins that come after it', async () => {
    const cast = await castOf()
    const group_id = await cast.found('olga', whole)
    await cast.act('olga', 'group.update', { group_id, is_private: true })
    expect(await cast.refusal('guest', 'group.info', { group_id })).toBe('no_permission')
    expect(await cast.refusal('guest', 'group.join', { group_id })).toBe('join_by_invitation')
    expect(await cast.refusal('mia', 'group.info', { group_id })).toBe('done')
  })

  it('loses no change when several admins change it at once', async () => {
    const cast = await castOf()
    const group_id = await cast.found('olga', whole)
    await Promise.all([
      cast.act('olga', 'group.update', { group_id, name: 'Coffee' }),
      cast.act('adam', 'group.update', { group_id, introduction: 'new' }),
      cast.act('adam', 'group.announce', { group_id, text: 'hear' }),
      cast.act('olga', 'group.mute_all', { group_id, seconds: 9 }),
    ])
    expect(await cast.act('mia', 'group.info', { group_id })).toMatchObject({
      name: 'Coffee',
      introduction: 'new',
      announcement: 'hear',
      muted_until: cast.core.clock.now() + 9000,
    })
  })
})

describe('announcements', () => {
  it('stand in the group for members, and every one in its history', async () => {
    const cast = await castOf()
    await cast.join('guest')
    const group_id = await cast.found('olga', whole)
    const at = cast.core.clock.now()
    await cast.act('olga', 'group.announce', { group_id, text: 'one' })
    cast.core.clock.advance(10)
    const group = await cast.act('adam', 'group.announce', { group_id, text: 'two' })
    expect(group).toMatchObject({ announcement: 'two', announced_at: at + 10 })
    expect(await cast.act('mia', 'group.announcements', { group_id })).toEqual({
      list: [
        { text: 'one', by: 'olga', at },
        { text: 'two', by: 'adam', at: at + 10 },
      ],
    })
    expect(await cast.refusal('guest', 'group.announcements', { group_id })).toBe('not_member')
    expect(await cast.act('guest', 'group.info', { group_id })).not.toHaveProperty('announcement')
  })

  it('are taken down without a text, once', async () => {
    const cast = await castOf()
    const group_id = await cast.found('olga', whole)
    await cast.act('olga', 'group.announce', { group_id, text: 'one' })
    expect(await cast.act('olga', 'group.announce', { group_id })).toMatchObject({
      announcement: '',
      announced_at: 0,
    })
    await cast.act('olga', 'group.announce', { group_id })
    expect((await cast.notices(group_id)).filter((n) => n === 'announced')).toHaveLength(2)
    expect((await cast.act('mia', 'group.announcements', { group_id })).list).toHaveLength(1)
  })

  it('are paged, and refuse a cursor that was never given', async () => {
    const cast = await castOf()
    const group_id = await cast.found('olga', whole)
    for (const text of ['1', '2', '3']) await cast.act('olga', 'group.announce', { group_id, text })
    const first = await cast.act('mia', 'group.announcements', { group_id, limit: 2 })
    expect(first.list.map((a) => a.text)).toEqual(['1', '2'])
    const rest = { group_id, limit: 2, cursor: first.next_cursor ?? '' }
    expect((await cast.act('mia', 'group.announcements', rest)).list.map((a) => a.text)).toEqual(['3'])
    expect(await cast.refusal('mia', 'group.announcements', { group_id, cursor: 'x' })).toBe(
      'invalid_parameter',
    )
  })

  it('push the oldest out of a full history', async () => {
    const cast = await castOf({ rules: { caps: { ...defaultCaps, announcements: 2 } } })
    const group_id = await cast.found('olga', whole)
    for (const text of ['1', '2', '3']) await cast.act('olga', 'group.announce', { group_id, text })
    const { list } = await cast.act('mia', 'group.announcements', { group_id })
    expect(list.map((a) => a.text)).toEqual(['2', '3'])
  })
})
