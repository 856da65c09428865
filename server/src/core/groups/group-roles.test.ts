import { describe, expect, it } from 'vitest'
import { type Cast, castOf } from '../../testing/domain/cast.ts'
import { defaultCaps } from '../caps.ts'

const whole = { admins: ['adam', 'aria'], members: ['mia', 'max'] }

describe('roles (M-52)', () => {
  const deeds = {
    invite: ['group.invite', { user_ids: ['guest'] }],
    kick: ['group.kick', { user_ids: ['mia'] }],
    'kick an admin': ['group.kick', { user_ids: ['aria'] }],
    'kick the owner': ['group.kick', { user_ids: ['olga'] }],
    mute: ['group.mute', { user_id: 'mia', seconds: 60 }],
    'mute an admin': ['group.mute', { user_id: 'aria', seconds: 60 }],
    'mute all': ['group.mute_all', { seconds: 60 }],
    'edit info': ['group.update', { name: 'Coffee' }],
    announce: ['group.announce', { text: 'At five' }],
    'set a role': ['group.set_role', { user_id: 'mia', role_level: 2 }],
    transfer: ['group.transfer', { user_id: 'mia' }],
    dissolve: ['group.dissolve', {}],
  } as const
  const table: readonly [keyof typeof deeds, owner: string, admin: string, member: string][] = [
    ['invite', 'done', 'done', 'done'],
    ['kick', 'done', 'done', 'not_admin'],
    ['kick an admin', 'done', 'role_too_low', 'not_admin'],
    ['kick the owner', 'not_with_oneself', 'owner_stays', 'not_admin'],
    ['mute', 'done', 'done', 'not_admin'],
    ['mute an admin', 'done', 'role_too_low', 'not_admin'],
    ['mute all', 'done', 'done', 'not_admin'],
    ['edit info', 'done', 'done', 'not_admin'],
    ['announce', 'done', 'done', 'not_admin'],
    ['set a role', 'done', 'not_owner', 'not_owner'],
    ['transfer', 'done', 'not_owner', 'not_owner'],
    ['dissolve', 'done', 'not_owner', 'not_owner'],
  ]
  const cells = table.flatMap(([deed, owner, admin, member]) => [
    { deed, who: 'olga', role: 'owner', outcome: owner },
    { deed, who: 'adam', role: 'admin', outcome: admin },
    { deed, who: 'max', role: 'member', outcome: member },
    { deed, who: 'stranger', role: 'stranger', outcome: 'not_member' },
  ])

  it.each(cells)('$role × $deed: $outcome', async ({ deed, who, outcome }) => {
    const cast = await castOf()
    await cast.join('guest', 'stranger')
    const group_id = await cast.found('olga', whole)
    const [name, input] = deeds[deed]
    const before = await cast.notices(group_id)
    expect(await cast.refusal(who, name, { group_id, ...input } as never)).toBe(outcome)
    const after = await cast.notices(group_id)
    expect(after.length - before.length, 'only what is done leaves a notice').toBe(outcome === 'done' ? 1 : 0)
  })
})

describe('kicking', () => {
  it('puts several out in one change, or nobody when one of them may not be', async () => {
    const cast = await castOf()
    const group_id = await cast.found('olga', whole)
    expect(await cast.refusal('adam', 'group.kick', { group_id, user_ids: ['mia', 'aria'] })).toBe(
      'role_too_low',
    )
    expect(await cast.refusal('adam', 'group.kick', { group_id, user_ids: ['mia', 'ghost'] })).toBe(
      'target_not_member',
    )
    expect((await cast.group(group_id)).member_count).toBe(5)
    await cast.act('adam', 'group.kick', { group_id, user_ids: ['mia', 'max', 'mia'] })
    expect((await cast.group(group_id)).member_count).toBe(3)
    expect((await cast.notices(group_id)).at(-1)).toBe('member_kicked')
    expect(await cast.member(group_id, 'mia')).toMatchObject({ status: 3, role_level: 1, rank: 2 })
    expect((await cast.view(group_id, 'max')).max_seq).toBe(0)
  })

  it('leaves what was visible until then, and nothing later', async () => {
    const cast = await castOf()
    const group_id = await cast.found('olga', whole)
    await cast.say('olga', group_id, 'one')
    await cast.act('olga', 'group.kick', { group_id, user_ids: ['mia'] })
    await cast.say('olga', group_id, 'two')
    const { messages } = await cast.act('mia', 'message.pull', { conversation_id: `sg_${group_id}` })
    expect(messages.map((m) => m.seq)).toEqual([1])
    expect(await cast.say('mia', group_id, 'late')).toBe('member_inactive')
  })

  it('tells the cause to the embedding program', async () => {
    const cast = await castOf()
    const left: unknown[] = []
    cast.core.hooks.onEvent('user_left', (event) => void left.push(event))
    const group_id = await cast.found('olga', whole)
    await cast.act('olga', 'group.kick', { group_id, user_ids: ['mia'] })
    await cast.act('max', 'group.quit', { group_id })
    await expect
      .poll(() => left)
      .toEqual([
        { group_id, user_id: 'mia', cause: 'kick' },
        { group_id, user_id: 'max', cause: 'quit' },
      ])
  })
})

describe('changing roles', () => {
  it('promotes and demotes, with the rank that lists members', async () => {
    const cast = await castOf()
    const group_id = await cast.found('olga', whole)
    await cast.act('olga', 'group.set_role', { group_id, user_id: 'max', role_level: 2 })
    expect(await cast.member(group_id, 'max')).toMatchObject({ role_level: 2, rank: 1 })
    await cast.act('olga', 'group.set_role', { group_id, user_id: 'adam', role_level: 1 })
    const listed = (await cast.act('mia', 'group.members', { group_id })) as { user_id: string }[]
    expect(listed.map((m) => m.user_id)).toEqual(['olga', 'aria', 'max', 'adam', 'mia'])
    expect(await cast.refusal('adam', 'group.mute_all', { group_id, seconds: 1 })).toBe('not_admin')
  })

  it('writes nothing when the role is held already', async () => {
    const cast = await castOf()
    const group_id = await cast.found('olga', whole)
    const before = await cast.notices(group_id)
    await cast.act('olga', 'group.set_role', { group_id, user_id: 'adam', role_level: 2 })
    expect(await cast.notices(group_id)).toEqual(before)
  })

  it('does not let the owner step down to nobody', async () => {
    const cast = await castOf()
    const group_id = await cast.found('olga', whole)
    const own = { group_id, user_id: 'olga' }
    expect(await cast.refusal('olga', 'group.set_role', { ...own, role_level: 1 })).toBe('role_too_low')
    expect(await cast.refusal('olga', 'group.transfer', own)).toBe('not_with_oneself')
    expect(await cast.refusal('olga', 'group.quit', { group_id })).toBe('owner_stays')
    expect(await cast.refusal('olga', 'group.transfer', { group_id, user_id: 'ghost' })).toBe(
      'target_not_member',
    )
  })

  it('allows as many admins as the cap says, by promotion and by transfer', async () => {
    const cast = await castOf({ rules: { caps: { ...defaultCaps, groupAdmins: 2 } } })
    const group_id = await cast.found('olga', whole)
    const mia = { group_id, user_id: 'mia' }
    expect(await cast.refusal('olga', 'group.set_role', { ...mia, role_level: 2 })).toBe('cap_reached')
    expect(await cast.refusal('olga', 'group.transfer', mia)).toBe('cap_reached')
    await cast.act('olga', 'group.transfer', { group_id, user_id: 'adam' })
    expect(await cast.member(group_id, 'olga')).toMatchObject({ role_level: 2 })
  })
})

describe('handing over', () => {
  it('makes the old owner an admin, who may leave then', async () => {
    const cast = await castOf()
    const group_id = await cast.found('olga', whole)
    await cast.act('olga', 'group.transfer', { group_id, user_id: 'mia' })
    expect(await cast.member(group_id, 'mia')).toMatchObject({ role_level: 3, rank: 0 })
    expect(await cast.member(group_id, 'olga')).toMatchObject({ role_level: 2, rank: 1 })
    await cast.act('olga', 'group.quit', { group_id })
    expect(await cast.refusal('mia', 'group.quit', { group_id })).toBe('owner_stays')
  })

  it('lifts a mute of the new owner, for nobody else could', async () => {
    const cast = await castOf()
    const group_id = await cast.found('olga', whole)
    await cast.act('olga', 'group.mute', { group_id, user_id: 'mia', seconds: 600 })
    await cast.act('olga', 'group.transfer', { group_id, user_id: 'mia' })
    expect(await cast.say('mia', group_id, 'mine')).toBe('done')
  })
})

describe('muting', () => {
  const mute = (cast: Cast, group_id: string, seconds: number) =>
    cast.act('adam', 'group.mute', { group_id, user_id: 'mia', seconds })

  it('binds every message acked after it, also of somebody who wrote just before', async () => {
    const cast = await castOf()
    const group_id = await cast.found('olga', whole)
    expect(await cast.say('mia', group_id, 'before')).toBe('done')
    const both = await Promise.all([mute(cast, group_id, 60), cast.say('mia', group_id, 'at once')])
    expect(['done', 'muted']).toContain(both[1])
    expect(await cast.say('mia', group_id, 'after')).toBe('muted')
    expect(await cast.say('max', group_id, 'others')).toBe('done')
  })

  it('binds edits and reactions as it binds sends', async () => {
    const cast = await castOf()
    const group_id = await cast.found('olga', whole)
    await cast.say('mia', group_id, 'before')
    const message = { conversation_id: `sg_${group_id}`, seq: 1 }
    const edit = { ...message, content: { text: 'after' } }
    await mute(cast, group_id, 60)
    expect(await cast.refusal('mia', 'message.edit', edit)).toBe('muted')
    expect(await cast.refusal('mia', 'message.react', { ...message, emoji: '👍' })).toBe('muted')
    await mute(cast, group_id, 0)
    expect(await cast.refusal('mia', 'message.edit', edit)).toBe('done')
    expect(await cast.refusal('mia', 'message.react', { ...message, emoji: '👍' })).toBe('done')
  })

  it('says until when, and ends by itself', async () => {
    const cast = await castOf()
    const group_id = await cast.found('olga', whole)
    await mute(cast, group_id, 60)
    const until = cast.core.clock.now() + 60_000
    const send = { client_msg_id: 'm', group_id, msg_type: 1, content: { text: 'hm' } }
    await expect(cast.act('mia', 'message.send', send)).rejects.toMatchObject({ kind: 'muted', until })
    cast.core.clock.advance(60_000)
    expect(await cast.say('mia', group_id, 'again')).toBe('done')
  })

  it('can be lifted, which works at once', async () => {
    const cast = await castOf()
    const group_id = await cast.found('olga', whole)
    await mute(cast, group_id, 600)
    expect(await cast.say('mia', group_id, 'no')).toBe('muted')
    await mute(cast, group_id, 0)
    expect(await cast.say('mia', group_id, 'yes')).toBe('done')
  })

  it('outlives leaving and coming back', async () => {
    const cast = await castOf()
    const group_id = await cast.found('olga', whole)
    await mute(cast, group_id, 600)
    await cast.act('mia', 'group.quit', { group_id })
    await cast.act('mia', 'group.join', { group_id })
    expect(await cast.say('mia', group_id, 'hi')).toBe('muted')
  })

  it('is nothing one does to oneself', async () => {
    const cast = await castOf()
    const group_id = await cast.found('olga', whole)
    const self = { group_id, user_id: 'adam', seconds: 60 }
    expect(await cast.refusal('adam', 'group.mute', self)).toBe('role_too_low')
  })

  it('of all leaves admins and the owner their voice, and can be lifted', async () => {
    const cast = await castOf()
    const group_id = await cast.found('olga', whole)
    await cast.say('mia', group_id, 'before')
    await cast.act('adam', 'group.mute_all', { group_id, seconds: 60 })
    const until = cast.core.clock.now() + 60_000
    expect(await cast.group(group_id)).toMatchObject({ muted_until: until })
    const send = { client_msg_id: 'm', group_id, msg_type: 1, content: { text: 'hm' } }
    await expect(cast.act('mia', 'message.send', send)).rejects.toMatchObject({ kind: 'group_muted', until })
    expect(await cast.say('adam', group_id, 'order')).toBe('done')
    expect(await cast.say('olga', group_id, 'order')).toBe('done')
    await cast.act('olga', 'group.mute_all', { group_id, seconds: 0 })
    expect(await cast.say('mia', group_id, 'thanks')).toBe('done')
  })
})

describe('dissolving', () => {
  it('ends writing and every way in, while history stays', async () => {
    const cast = await castOf()
    await cast.join('guest')
    const deleted: unknown[] = []
    cast.core.hooks.onEvent('group_deleted', (event) => void deleted.push(event))
    const group_id = await cast.found('olga', whole)
    await cast.say('mia', group_id, 'one')
    const { token } = await cast.act('olga', 'group.create_link', { group_id })
    await cast.act('olga', 'group.dissolve', { group_id })
    expect(await cast.say('mia', group_id, 'two')).toBe('group_dismissed')
    expect(await cast.say('olga', group_id, 'two')).toBe('group_dismissed')
    expect(await cast.refusal('guest', 'group.join', { group_id })).toBe('group_dismissed')
    expect(await cast.refusal('guest', 'group.join_by_link', { token })).toBe('link_invalid')
    expect(await cast.refusal('olga', 'group.dissolve', { group_id })).toBe('group_dismissed')
    expect(await cast.group(group_id)).toMatchObject({ status: 2, member_count: 5 })
    const conversation_id = `sg_${group_id}`
    const { messages } = await cast.act('mia', 'message.pull', { conversation_id })
    expect(messages).toHaveLength(1)
    const list = (await cast.act('mia', 'conversation.list', {})) as { conversation_id: string }[]
    expect(list.map((c) => c.conversation_id)).toContain(conversation_id)
    await expect.poll(() => deleted).toEqual([{ group_id, by: 'olga' }])
  })

  it('lets members go, but not the owner', async () => {
    const cast = await castOf()
    const group_id = await cast.found('olga', whole)
    await cast.act('olga', 'group.dissolve', { group_id })
    expect(await cast.refusal('mia', 'group.quit', { group_id })).toBe('done')
    expect(await cast.refusal('olga', 'group.quit', { group_id })).toBe('owner_stays')
  })

  it('turns down whoever waited', async () => {
    const cast = await castOf()
    const group_id = await cast.found('olga', { ...whole, join_mode: 1 })
    await cast.act('guest', 'group.apply', { group_id })
    await cast.act('olga', 'group.dissolve', { group_id })
    const [application] = await cast.core.store.get('application', [[group_id, 'guest']])
    expect(application).toMatchObject({ state: 3, handled_by: 'olga' })
  })
})
