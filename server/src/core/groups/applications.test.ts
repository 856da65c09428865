import { describe, expect, it } from 'vitest'
import { openStore } from '../../storage/open.ts'
import { type Cast, castOf } from '../../testing/domain/cast.ts'
import { defaultCaps } from '../caps.ts'

const approval = { join_mode: 1, admins: ['adam'], members: ['mia'] } as const

async function waiting(cast: Cast, group_id: string): Promise<string[]> {
  return (await cast.act('olga', 'group.applications', { group_id })).list.map((a) => a.user_id)
}

describe('applying', () => {
  it('waits for an admin, who lets in with a word that everybody hears', async () => {
    const cast = await castOf()
    const group_id = await cast.found('olga', approval)
    expect(await cast.refusal('guest', 'group.join', { group_id })).toBe('join_by_approval')
    const application = await cast.act('guest', 'group.apply', { group_id, message: 'please' })
    expect(application).toMatchObject({ group_id, user_id: 'guest', message: 'please', state: 1 })
    expect(await waiting(cast, group_id)).toEqual(['guest'])
    const joined: unknown[] = []
    cast.core.hooks.onEvent('user_joined', ({ member }) => void joined.push(member.user_id))
    await cast.act('adam', 'group.accept', { group_id, user_id: 'guest' })
    expect(await waiting(cast, group_id)).toEqual([])
    expect(await cast.say('guest', group_id, 'thanks')).toBe('done')
    const [notice] = (await cast.core.store.list('notice', 'by_conversation', [`sg_${group_id}`])).slice(-1)
    expect(notice).toMatchObject({ kind: 'member_joined', actor_id: 'adam', data: '{"cause":"approval"}' })
    await expect.poll(() => joined).toEqual(['guest'])
  })

  it('is refused where it makes no sense', async () => {
    const cast = await castOf()
    const closed = await cast.found('olga', approval)
    expect(await cast.refusal('mia', 'group.apply', { group_id: closed })).toBe('already_member')
    await cast.act('guest', 'group.apply', { group_id: closed })
    expect(await cast.refusal('guest', 'group.apply', { group_id: closed })).toBe('already_applied')
    const open = await cast.found('olga')
    expect(await cast.refusal('guest', 'group.apply', { group_id: open })).toBe('conflict')
    const byInvitation = await cast.found('olga', { join_mode: 2 })
    expect(await cast.refusal('guest', 'group.apply', { group_id: byInvitation })).toBe('join_by_invitation')
    expect(await cast.refusal('guest', 'group.apply', { group_id: '404' })).toBe('group_not_found')
  })

  it('can be taken back, and said again', async () => {
    const cast = await castOf()
    const group_id = await cast.found('olga', approval)
    await cast.act('guest', 'group.apply', { group_id })
    await cast.act('guest', 'group.withdraw', { group_id })
    expect(await cast.refusal('guest', 'group.withdraw', { group_id })).toBe('application_not_found')
    expect(await cast.refusal('olga', 'group.accept', { group_id, user_id: 'guest' })).toBe(
      'application_not_found',
    )
    await cast.act('guest', 'group.apply', { group_id })
    expect(await waiting(cast, group_id)).toEqual(['guest'])
  })

  it('can be turned down by admins only', async () => {
    const cast = await castOf()
    const group_id = await cast.found('olga', approval)
    await cast.act('guest', 'group.apply', { group_id })
    const answer = { group_id, user_id: 'guest' }
    expect(await cast.refusal('mia', 'group.reject', answer)).toBe('not_admin')
    expect(await cast.refusal('mia', 'group.accept', answer)).toBe('not_admin')
    expect(await cast.refusal('mia', 'group.applications', { group_id })).toBe('not_admin')
    await cast.act('adam', 'group.reject', answer)
    expect(await waiting(cast, group_id)).toEqual([])
    expect(await cast.say('guest', group_id, 'hi')).toBe('not_member')
  })

  it('reaches the applicant’s other devices by catching up, answers too', async () => {
    const cast = await castOf()
    const group_id = await cast.found('olga', approval)
    const { position } = await cast.act('guest', 'sync.changes', {})
    await cast.act('guest', 'group.apply', { group_id })
    await cast.act('adam', 'group.reject', { group_id, user_id: 'guest' })
    const { changes } = await cast.act('guest', 'sync.changes', { position })
    expect(changes.map((c) => c.application)).toMatchObject([{ group_id, state: 3, handled_by: 'adam' }])
  })

  it('is answered by coming in another way', async () => {
    const cast = await castOf()
    const group_id = await cast.found('olga', approval)
    const { token } = await cast.act('olga', 'group.create_link', { group_id })
    for (const guest of ['g1', 'g2', 'g3']) await cast.act(guest, 'group.apply', { group_id })
    await cast.act('g1', 'group.join_by_link', { token })
    await cast.act('adam', 'group.invite', { group_id, user_ids: ['g2'] })
    await cast.act('olga', 'group.update', { group_id, join_mode: 0 })
    await cast.act('g3', 'group.join', { group_id })
    expect(await waiting(cast, group_id)).toEqual([])
    const [application] = await cast.core.store.get('application', [[group_id, 'g2']])
    expect(application).toMatchObject({ state: 2, handled_by: 'adam' })
  })

  it('ends in one legal state when it meets an invitation on another node', async () => {
    const store = await openStore('memory:')
    const [here, there] = [await castOf({ store }), await castOf({ store })]
    const group_id = await here.found('olga', approval)
    const olga = { userId: 'olga', sessionId: 'there', platformId: 5 }
    for (let i = 0; i < 20; i++) {
      const guest = `guest ${i}`
      await here.join(guest)
      await Promise.allSettled([
        here.act(guest, 'group.apply', { group_id }),
        there.core.dispatch(olga, 'group.invite', { group_id, user_ids: [guest] }),
      ])
      expect(await here.member(group_id, guest)).toMatchObject({ status: 1 })
    }
    expect(await waiting(here, group_id)).toEqual([])
  })

  it('and taking it back at the moment of acceptance end in one of the two', async () => {
    const cast = await castOf()
    const group_id = await cast.found('olga', approval)
    for (let i = 0; i < 10; i++) {
      const guest = `guest ${i}`
      await cast.act(guest, 'group.apply', { group_id })
      const [withdrawn, accepted] = await Promise.all([
        cast.refusal(guest, 'group.withdraw', { group_id }),
        cast.refusal('adam', 'group.accept', { group_id, user_id: guest }),
      ])
      expect([withdrawn, accepted].toSorted()).toEqual(['application_not_found', 'done'])
      const [member] = await cast.core.store.get('member', [[group_id, guest]])
      expect(member !== undefined).toBe(accepted === 'done')
    }
  })

  it('is bounded per group', async () => {
    const cast = await castOf({ rules: { caps: { ...defaultCaps, applications: 2 } } })
    const group_id = await cast.found('olga', approval)
    await cast.join('g3', 'g4')
    await cast.act('g1', 'group.apply', { group_id })
    await cast.act('g2', 'group.apply', { group_id })
    expect(await cast.refusal('g3', 'group.apply', { group_id })).toBe('cap_reached')
    expect(await cast.refusal('mia', 'group.invite', { group_id, user_ids: ['g4'] })).toBe('cap_reached')
    await cast.act('g1', 'group.withdraw', { group_id })
    expect(await cast.refusal('g3', 'group.apply', { group_id })).toBe('done')
  })
})

describe('the list of applications', () => {
  it.each([1, 2, 3, 4, 10])('is paged by %i without gap or repeat, oldest first', async (limit) => {
    const cast = await castOf()
    const group_id = await cast.found('olga', approval)
    await cast.act('first', 'group.apply', { group_id })
    const brought = ['d', 'b', 'a', 'c', 'é']
    await cast.join(...brought)
    // Brought in one go: all of them at one position.
    await cast.act('mia', 'group.invite', { group_id, user_ids: brought })
    await cast.act('last', 'group.apply', { group_id })
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = await cast.act('adam', 'group.applications', {
        group_id,
        limit,
        ...(cursor && { cursor }),
      })
      expect(page.list.length).toBeLessThanOrEqual(limit)
      seen.push(...page.list.map((a) => a.user_id))
      cursor = page.next_cursor
    } while (cursor !== undefined)
    expect(seen).toEqual(['first', 'a', 'b', 'c', 'd', 'é', 'last'])
  })

  it('refuses a cursor that it never gave', async () => {
    const cast = await castOf()
    const group_id = await cast.found('olga', approval)
    for (const cursor of ['x', '1', ':a', '-1:a'])
      expect(await cast.refusal('olga', 'group.applications', { group_id, cursor })).toBe('invalid_parameter')
  })
})
