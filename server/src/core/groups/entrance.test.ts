import { describe, expect, it } from 'vitest'
import { type Cast, castOf, changeUser, putPrivacy, putRelation } from '../../testing/domain/cast.ts'
import { defaultCaps } from '../caps.ts'

async function texts(cast: Cast, who: string, group_id: string): Promise<number[]> {
  const { messages } = await cast.act(who, 'message.pull', { conversation_id: `sg_${group_id}` })
  return messages.map((m) => m.seq)
}

async function noticesSeen(cast: Cast, who: string, position: string): Promise<string[]> {
  const { changes } = await cast.act(who, 'sync.changes', { position })
  return changes.flatMap((c) => (c.notice ? [c.notice.kind] : []))
}

describe('a joiner', () => {
  it('sees nothing from before, message or notice, and has nothing unread', async () => {
    const cast = await castOf()
    const { position } = await cast.act('guest', 'sync.changes', {})
    const group_id = await cast.found('olga')
    await cast.act('olga', 'group.announce', { group_id, text: 'old' })
    await cast.say('olga', group_id, 'one')
    await cast.act('guest', 'group.join', { group_id })
    expect(await texts(cast, 'guest', group_id)).toEqual([])
    expect(await noticesSeen(cast, 'guest', position)).toEqual(['member_joined'])
    expect(await unread(cast, 'guest', group_id)).toBe(0)
    await cast.say('olga', group_id, 'two')
    expect(await texts(cast, 'guest', group_id)).toEqual([2])
    expect(await unread(cast, 'guest', group_id)).toBe(1)
  })

  it('sees everything where the history is visible, and has nothing unread either', async () => {
    const cast = await castOf()
    const { position } = await cast.act('guest', 'sync.changes', {})
    const group_id = await cast.found('olga', { history_visible: true })
    await cast.act('olga', 'group.announce', { group_id, text: 'old' })
    await cast.say('olga', group_id, 'one')
    await cast.act('guest', 'group.join', { group_id })
    expect(await texts(cast, 'guest', group_id)).toEqual([1])
    expect(await noticesSeen(cast, 'guest', position)).toEqual([
      'group_created',
      'announced',
      'member_joined',
    ])
    expect(await unread(cast, 'guest', group_id)).toBe(0)
    expect(await cast.member(group_id, 'guest')).toMatchObject({ join_seq: 1 })
  })

  it('who comes back to a visible history finds cleared what was cleared', async () => {
    const cast = await castOf()
    const group_id = await cast.found('olga', { history_visible: true, members: ['mia'] })
    await cast.say('olga', group_id, 'one')
    await cast.act('mia', 'conversation.clear', { conversation_id: `sg_${group_id}` })
    await cast.act('mia', 'group.quit', { group_id })
    await cast.say('olga', group_id, 'two')
    await cast.act('mia', 'group.join', { group_id })
    expect(await texts(cast, 'mia', group_id)).toEqual([2])
    await cast.act('mia', 'group.quit', { group_id })
    await cast.act('mia', 'group.join', { group_id })
    expect(await texts(cast, 'mia', group_id)).toEqual([2])
  })

  it('is told of to the embedding program once they can read, whichever way they came (M-28)', async () => {
    const cast = await castOf()
    await cast.join('invited')
    const group_id = await cast.found('olga', { history_visible: true })
    await cast.say('olga', group_id, 'one')
    const { token } = await cast.act('olga', 'group.create_link', { group_id })
    const heard: [string, number][] = []
    cast.core.hooks.onEvent('user_joined', async ({ member: { user_id } }) => {
      heard.push([user_id, (await texts(cast, user_id, group_id)).length])
    })
    await cast.act('joiner', 'group.join', { group_id })
    await cast.act('linked', 'group.join_by_link', { token })
    await cast.act('olga', 'group.invite', { group_id, user_ids: ['invited'] })
    await cast.act('olga', 'group.update', { group_id, join_mode: 1 })
    await cast.act('applicant', 'group.apply', { group_id })
    await cast.act('olga', 'group.accept', { group_id, user_id: 'applicant' })
    await expect
      .poll(() => heard)
      .toEqual([
        ['joiner', 1],
        ['linked', 1],
        ['invited', 1],
        ['applicant', 1],
      ])
  })

  it('must be an account in good standing', async () => {
    const cast = await castOf()
    const group_id = await cast.found('olga')
    await cast.join('banned', 'gone')
    await changeUser(cast, 'gone', { status: 3 })
    const until = cast.core.clock.now() + 1000
    await changeUser(cast, 'banned', { status: 2, banned_until: until })
    expect(await cast.refusal('banned', 'group.join', { group_id })).toBe('banned')
    expect(await cast.refusal('gone', 'group.join', { group_id })).toBe('user_not_found')
    cast.core.clock.advance(1000)
    expect(await cast.refusal('banned', 'group.join', { group_id })).toBe('done')
  })

  it('finds room up to the cap on members, also when many come at once', async () => {
    const cast = await castOf({ rules: { caps: { ...defaultCaps, groupMembers: 3 } } })
    const group_id = await cast.found('olga')
    const guests = ['g1', 'g2', 'g3', 'g4']
    const outcomes = await Promise.all(guests.map((g) => cast.refusal(g, 'group.join', { group_id })))
    expect(outcomes.toSorted()).toEqual(['cap_reached', 'cap_reached', 'done', 'done'])
    const inside = guests.filter((_, i) => outcomes[i] === 'done')
    const outside = guests.filter((_, i) => outcomes[i] !== 'done')
    await cast.act(inside[0] ?? '', 'group.quit', { group_id })
    expect(await cast.refusal(outside[0] ?? '', 'group.join', { group_id })).toBe('done')
    const five = { name: 'Five', member_ids: guests.slice(0, 3) }
    expect(await cast.refusal('olga', 'group.create', five)).toBe('cap_reached')
  })

  it('is in at most so many groups, whichever way, also when they join all at once', async () => {
    const cast = await castOf({ rules: { caps: { ...defaultCaps, groupsPerUser: 2 } } })
    const groups: string[] = []
    for (const owner of ['o1', 'o2', 'o3', 'o4']) groups.push(await cast.found(owner))
    const outcomes = await Promise.all(
      groups.map((group_id) => cast.refusal('guest', 'group.join', { group_id })),
    )
    expect(outcomes.toSorted()).toEqual(['cap_reached', 'cap_reached', 'done', 'done'])
    expect(await cast.refusal('guest', 'group.create', { name: 'Mine' })).toBe('cap_reached')
    const named = { name: 'Ours', member_ids: ['guest'] }
    expect(await cast.refusal('o1', 'group.create', named)).toBe('cap_reached')
    const [first = '', second = ''] = groups.filter((_, i) => outcomes[i] === 'done')
    for (const group_id of [first, second]) await cast.act('guest', 'group.quit', { group_id })
    expect(await cast.refusal('guest', 'group.create', { name: 'Mine' })).toBe('done')
    expect(await cast.refusal('guest', 'group.join', { group_id: first })).toBe('done')
    expect(await cast.refusal('guest', 'group.join', { group_id: second })).toBe('cap_reached')
  })
})

describe('founding', () => {
  it('is told of with the group and its first members, and not at all when refused (M-30)', async () => {
    const cast = await castOf()
    await cast.join('mia')
    const heard: unknown[] = []
    cast.core.hooks.onEvent('group_created', (event) => void heard.push(event))
    expect(await cast.refusal('olga', 'group.create', { name: 'G', member_ids: ['ghost'] })).toBe(
      'user_not_found',
    )
    const group = await cast.act('olga', 'group.create', { name: 'G', member_ids: ['mia'] })
    await expect.poll(() => heard).toEqual([{ group, member_ids: ['olga', 'mia'] }])
  })

  it('adds nobody who does not let themselves be added', async () => {
    const cast = await castOf()
    await cast.join('shy', 'blocker', 'banned')
    await putPrivacy(cast, 'shy', 2)
    await putRelation(cast, 'blocker', 'olga', { is_blocked: true })
    await changeUser(cast, 'banned', { status: 2, banned_until: null })
    const found = (id: string): Promise<string> =>
      cast.refusal('olga', 'group.create', { name: 'G', member_ids: [id] })
    expect(await found('shy')).toBe('privacy')
    expect(await found('blocker')).toBe('blocked')
    expect(await found('banned')).toBe('banned')
  })
})

describe('a leaver', () => {
  it('catches up to leaving and hears nothing later', async () => {
    const cast = await castOf()
    const group_id = await cast.found('olga', { members: ['mia'] })
    const { position } = await cast.act('mia', 'sync.changes', {})
    await cast.act('mia', 'group.quit', { group_id })
    await cast.act('olga', 'group.announce', { group_id, text: 'secret' })
    await cast.say('olga', group_id, 'secret')
    expect(await noticesSeen(cast, 'mia', position)).toEqual(['member_left'])
    expect(await texts(cast, 'mia', group_id)).toEqual([])
    expect(JSON.stringify(await cast.act('mia', 'sync.changes', { position }))).not.toContain('secret')
    await cast.act('olga', 'group.update', { group_id, name: 'Now private', is_private: true })
    expect(JSON.stringify(await cast.act('mia', 'sync.changes', { position }))).not.toContain('Now private')
  })

  it('who writes at the same moment is in or out, never in between', async () => {
    const cast = await castOf()
    const group_id = await cast.found('olga', { members: ['mia'] })
    for (let i = 0; i < 20; i++) {
      const [said] = await Promise.all([
        cast.say('mia', group_id, `try ${i}`),
        cast.act('mia', 'group.quit', { group_id }),
      ])
      const { max_seq: edge } = await cast.view(group_id, 'mia')
      const [head] = await cast.core.store.heads([`sg_${group_id}`])
      expect(['done', 'member_inactive']).toContain(said)
      expect(edge).toBe(head?.seq ?? 0)
      await cast.act('mia', 'group.join', { group_id })
    }
  })
})

async function unread(cast: Cast, who: string, group_id: string): Promise<number> {
  const conversation_id = `sg_${group_id}`
  return (await cast.act(who, 'conversation.unread_count', { conversation_id })).unread_count
}
