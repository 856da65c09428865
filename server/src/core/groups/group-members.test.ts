import { describe, expect, it } from 'vitest'
import { openStore } from '../../storage/open.ts'
import { type Cast, castOf, changeUser } from '../../testing/domain/cast.ts'
import { renameMember } from './group-members.ts'

const ids = (rows: readonly { user_id: string }[]): string[] => rows.map((r) => r.user_id)

async function found(cast: Cast, group_id: string, query: string, limit?: number): Promise<string[]> {
  return ids(await cast.act('olga', 'group.search_members', { group_id, query, ...(limit && { limit }) }))
}

describe.each(['memory', 'sqlite'])('searching members in %s', (kind) => {
  const open = async (): Promise<Cast> =>
    castOf({ store: await openStore(kind === 'memory' ? 'memory:' : 'sqlite::memory:') })

  it('finds by the beginning of group nickname, else nickname, in any letter case', async () => {
    const cast = await open()
    const members = ['a', 'b', 'c', 'd']
    await cast.join(...members)
    await changeUser(cast, 'a', { nickname: 'Élan' })
    await changeUser(cast, 'b', { nickname: 'ÉLAN vital' })
    await changeUser(cast, 'c', { nickname: 'Else' })
    const group_id = await cast.found('olga', { members })
    await cast.act('d', 'group.set_nickname', { group_id, nickname: 'élan' })
    expect(await found(cast, group_id, 'éLa')).toEqual(['a', 'd', 'b'])
    expect(await found(cast, group_id, 'élan')).toEqual(['a', 'd', 'b'])
    expect(await found(cast, group_id, 'élan v')).toEqual(['b'])
    expect(await found(cast, group_id, 'e')).toEqual(['c'])
    expect(await found(cast, group_id, '%')).toEqual([])
  })

  it('finds by the beginning of the id as well, each once and active ones only', async () => {
    const cast = await open()
    const members = ['kim', 'kimball', 'kimono', 'Kimmo']
    await cast.join(...members)
    await changeUser(cast, 'kimball', { nickname: 'Zoe' })
    await changeUser(cast, 'kimono', { nickname: 'Zoe' })
    const group_id = await cast.found('olga', { members: [...members, 'x'] })
    await cast.act('kimono', 'group.quit', { group_id })
    expect(await found(cast, group_id, 'kim')).toEqual(['kim', 'Kimmo', 'kimball'])
    expect(await found(cast, group_id, 'kim', 2)).toEqual(['kim', 'Kimmo'])
    expect(await found(cast, group_id, 'zoe')).toEqual(['kimball'])
  })

  it('gives at most a hundred', async () => {
    const cast = await open()
    const members = Array.from({ length: 120 }, (_, i) => `user${i}`)
    const group_id = await cast.found('olga', { members })
    expect(await found(cast, group_id, 'user', 1000)).toHaveLength(100)
  })
})

describe('one member', () => {
  it('is shown while active, to whoever may see the group', async () => {
    const cast = await castOf()
    await cast.join('guest')
    const group_id = await cast.found('olga', { members: ['mia'] })
    const one = { group_id, user_id: 'mia' }
    expect(await cast.act('guest', 'group.member', one)).toMatchObject({ user_id: 'mia', role_level: 1 })
    await cast.act('olga', 'group.update', { group_id, is_private: true })
    expect(await cast.refusal('guest', 'group.member', one)).toBe('no_permission')
    expect(await cast.refusal('guest', 'group.search_members', { group_id, query: 'm' })).toBe(
      'no_permission',
    )
    await cast.act('mia', 'group.quit', { group_id })
    expect(await cast.refusal('olga', 'group.member', one)).toBe('target_not_member')
  })
})

describe('a group nickname', () => {
  it('is one’s own to set and to clear, and members are found by it', async () => {
    const cast = await castOf()
    const group_id = await cast.found('olga', { members: ['mia'] })
    const named = await cast.act('mia', 'group.set_nickname', { group_id, nickname: 'Queen' })
    expect(named).toMatchObject({ user_id: 'mia', group_nickname: 'Queen' })
    expect(await found(cast, group_id, 'que')).toEqual(['mia'])
    expect(await cast.act('mia', 'group.set_nickname', { group_id })).toMatchObject({ group_nickname: '' })
    expect(await found(cast, group_id, 'que')).toEqual([])
    expect((await cast.notices(group_id)).filter((n) => n === 'nickname_changed')).toHaveLength(2)
  })

  it('is another’s to set for admins over lower roles', async () => {
    const cast = await castOf()
    const group_id = await cast.found('olga', { admins: ['adam', 'aria'], members: ['mia', 'max'] })
    const name = (who: string, user_id: string): Promise<string> =>
      cast.refusal(who, 'group.set_nickname', { group_id, user_id, nickname: `by ${who}` })
    expect(await name('max', 'mia')).toBe('not_admin')
    expect(await name('adam', 'mia')).toBe('done')
    expect(await name('adam', 'aria')).toBe('role_too_low')
    expect(await name('adam', 'olga')).toBe('role_too_low')
    expect(await name('olga', 'adam')).toBe('done')
    expect(await name('olga', 'ghost')).toBe('target_not_member')
    expect((await cast.member(group_id, 'mia')).group_nickname).toBe('by adam')
  })

  it('survives leaving and coming back', async () => {
    const cast = await castOf()
    const group_id = await cast.found('olga', { members: ['mia'] })
    await cast.act('mia', 'group.set_nickname', { group_id, nickname: 'Queen' })
    await cast.act('mia', 'group.quit', { group_id })
    await cast.act('mia', 'group.join', { group_id })
    expect(await found(cast, group_id, 'queen')).toEqual(['mia'])
  })
})

describe('a new account nickname', () => {
  it('finds its owner in every group, but where they go by another', async () => {
    const cast = await castOf()
    const plain: string[] = []
    // More groups than are renamed in one commit.
    for (let i = 0; i < 205; i++) plain.push(await cast.found('olga', { members: ['mia'] }))
    const [special = ''] = plain
    await cast.act('mia', 'group.set_nickname', { group_id: special, nickname: 'Queen' })
    await changeUser(cast, 'mia', { nickname: 'Marie' })
    await renameMember(cast.core.world, 'mia')
    expect(await found(cast, plain.at(-1) ?? '', 'marie')).toEqual(['mia'])
    expect(await found(cast, plain.at(1) ?? '', 'marie')).toEqual(['mia'])
    expect(await found(cast, special, 'marie')).toEqual([])
  })
})
