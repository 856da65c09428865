import { describe, expect, it } from 'vitest'
import type { Client } from './api.ts'
import { createWorld, type World } from './testing/world.ts'

/** Ann has loaded what she holds of others. */
async function known(): Promise<World & { ann: Client }> {
  const world = createWorld()
  const ann = await world.goOnline('ann')
  await Promise.all([ann.loadRelations(), ann.loadFriendRequests(), ann.loadPrivacy()])
  return { ...world, ann }
}

const waiting = ({ model }: Client) => ({
  incoming: model.friendRequests()?.incoming.map((r) => r.from_id),
  outgoing: model.friendRequests()?.outgoing.map((r) => r.to_id),
})

describe('friends and blocked users', () => {
  it('are asked for at the first look, once, and are undefined until then', async () => {
    const { server, clock, goOnline } = createWorld()
    server.ledger.setRelation('ann', 'bob', { is_friend: true, remark: 'Bobby' })
    server.ledger.setRelation('ann', 'cem', { is_blocked: true })
    const ann = await goOnline('ann')
    expect([ann.model.relations(), ann.model.relations()]).toEqual([undefined, undefined])
    await clock.settle()
    const relations = ann.model.relations()
    expect(relations?.get('bob')).toMatchObject({
      is_friend: true,
      remark: 'Bobby',
      user: { nickname: 'BOB' },
    })
    expect(relations?.get('cem')).toMatchObject({ is_blocked: true })
    expect(ann.model.relations()).toBe(relations)
    expect(server.count('friend.list')).toBe(1)
  })

  it('follow what happens elsewhere, live and over breaks', async () => {
    const { server, clock, ann } = await known()
    server.ledger.setRelation('ann', 'bob', { is_friend: true })
    await clock.settle()
    expect([...(ann.model.relations()?.keys() ?? [])]).toEqual(['bob'])
    server.cut()
    server.ledger.setRelation('ann', 'bob', { is_friend: false })
    server.ledger.setRelation('ann', 'cem', { is_blocked: true })
    await clock.advance(1000)
    expect([...(ann.model.relations()?.keys() ?? [])]).toEqual(['cem'])
    expect(server.count('friend.list')).toBe(1)
  })

  it('follow the own calls, of which the server tells other devices only', async () => {
    const { server, clock, ann } = await known()
    server.pushChanges = () => undefined
    await ann.call('block.add', { user_id: 'cem' })
    await clock.settle()
    expect(ann.model.relations()?.get('cem')?.is_blocked).toBe(true)
    await ann.call('friend.remark', { user_id: 'cem', remark: 'that one' })
    expect(ann.model.relations()?.get('cem')?.remark).toBe('that one')
  })

  it('follow the own calls before there is a connection', async () => {
    const { clock, signIn } = createWorld()
    const ann = await signIn('ann')
    await ann.loadRelations()
    await ann.call('block.add', { user_id: 'cem' })
    await clock.settle()
    expect(ann.model.relations()?.get('cem')?.is_blocked).toBe(true)
  })

  it('are not undone by a list that is older than a change', async () => {
    const { server, clock, goOnline } = createWorld()
    const ann = await goOnline('ann')
    server.ledger.told = (_, changes) => {
      for (const socket of server.sockets) server.tell(socket, 'changed', { changes: [...changes] })
    }
    server.after = ({ name }) => {
      if (name === 'block.list') server.ledger.setRelation('ann', 'cem', { is_blocked: true })
      return undefined
    }
    await ann.loadRelations()
    await clock.settle()
    expect(ann.model.relations()?.get('cem')?.is_blocked).toBe(true)
  })

  it('that could not be loaded are asked for again on the next link', async () => {
    const { server, clock, ann } = await (async () => {
      const world = createWorld()
      return { ...world, ann: await world.signIn('ann') }
    })()
    server.reachable = false
    await expect(ann.loadRelations()).rejects.toMatchObject({ kind: 'connection_closed' })
    server.reachable = true
    await ann.connect()
    await clock.settle()
    expect(ann.model.relations()).toBeInstanceOf(Map)
  })
})

describe('friend requests', () => {
  it('are those that wait, by direction, the oldest first', async () => {
    const { server, clock, ann } = await known()
    for (const from of ['cem', 'bob']) server.ledger.perform(from, 'friend.request', { user_id: 'ann' })
    await ann.call('friend.request', { user_id: 'dee' })
    await clock.settle()
    expect(waiting(ann)).toEqual({ incoming: ['cem', 'bob'], outgoing: ['dee'] })
    await ann.call('friend.accept', { user_id: 'cem' })
    await ann.call('friend.withdraw', { user_id: 'dee' })
    await clock.settle()
    expect(waiting(ann)).toEqual({ incoming: ['bob'], outgoing: [] })
    expect(ann.model.relations()?.get('cem')?.is_friend).toBe(true)
  })
})

describe('the own account', () => {
  it('shows its privacy, and what another device makes of it', async () => {
    const { server, clock, ann } = await known()
    expect(ann.model.privacy()).toMatchObject({ see_read: 0 })
    await ann.call('privacy.update', { see_read: 2 })
    expect(ann.model.privacy()).toMatchObject({ see_read: 2 })
    server.ledger.perform('ann', 'privacy.update', { find_me: 1 })
    await clock.settle()
    expect(ann.model.privacy()).toMatchObject({ see_read: 2, find_me: 1 })
  })

  it('shows its place in a group, and nothing where it has none', async () => {
    const { server, clock, goOnline } = createWorld()
    server.ledger.addGroup('g1', ['bob', 'ann'])
    const ann = await goOnline('ann')
    expect([ann.model.membership('g1'), ann.model.membership('g2')]).toEqual([undefined, undefined])
    await clock.settle()
    expect(ann.model.membership('g1')).toMatchObject({ role_level: 1, user_id: 'ann' })
    ann.model.membership('g2')
    await clock.settle()
    expect(server.count('group.member')).toBe(2)
    const member = server.ledger.members.get('g1 ann')
    if (member) server.ledger.members.set('g1 ann', { ...member, value: { ...member.value, role_level: 2 } })
    server.ledger.notice('sg_g1', 'role_changed', 'bob', ['ann'], { role_level: 2 })
    await clock.settle()
    expect(ann.model.membership('g1')).toMatchObject({ role_level: 2 })
  })
})
