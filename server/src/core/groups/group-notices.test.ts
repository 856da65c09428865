import type { Change } from '@nexo-im/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Harness, startHarness } from '../../testing/harness.ts'
import { type Person, type Socket, signUp } from '../../testing/wire.ts'

let server: Harness
let ann: Person
let bob: Person
let carl: Person
beforeAll(async () => {
  server = await startHarness()
  ;[ann, bob, carl] = (await Promise.all(['ann', 'bob', 'carl'].map((id) => signUp(server.url, id)))) as [
    Person,
    Person,
    Person,
  ]
})
afterAll(() => server.stop())

/** What a socket was told, frame by frame. */
function told(socket: Socket): Change[][] {
  return socket.seen.filter((f) => f.id === 2010).map((f) => (f.data as { changes: Change[] }).changes)
}

const kinds = (socket: Socket): (string | undefined)[] =>
  told(socket).flatMap((changes) => changes.flatMap((c) => (c.notice ? [c.notice.kind] : [])))

async function startPosition(person: Person): Promise<string> {
  return (await person.get<{ position: string }>('/sync/changes')).data.position
}

async function caughtUp(person: Person, position: string): Promise<Change[]> {
  const { data } = await person.get<{ changes: Change[]; has_more: boolean }>(
    `/sync/changes?position=${position}&limit=200`,
  )
  expect(data.has_more).toBe(false)
  return data.changes
}

describe('what is done to a group', () => {
  it('reaches members live and by catching up as the same notices, and leaves the same group behind', async () => {
    const position = await startPosition(bob)
    const socket = await bob.socket()
    const { data: group } = await ann.post<{ id: string }>('/group/create', {
      name: 'Tea',
      member_ids: ['bob'],
    })
    const group_id = group.id
    const steps: [string, 'post' | 'put', string, object][] = [
      ['member_joined', 'post', 'invite', { user_ids: ['carl'] }],
      ['role_changed', 'post', 'set_role', { user_id: 'bob', role_level: 2 }],
      ['group_changed', 'put', 'update', { name: 'Coffee' }],
      ['announced', 'post', 'announce', { text: 'At five' }],
      ['member_muted', 'post', 'mute', { user_id: 'bob', seconds: 60 }],
      ['all_muted', 'post', 'mute_all', { seconds: 60 }],
      ['nickname_changed', 'put', 'set_nickname', { user_id: 'bob', nickname: 'Bobby' }],
      ['member_kicked', 'post', 'kick', { user_ids: ['carl'] }],
      ['owner_changed', 'post', 'transfer', { user_id: 'bob' }],
    ]
    for (const [, method, name, input] of steps)
      expect(await ann[method](`/group/${name}`, { group_id, ...input })).toMatchObject({ code: 0 })
    await bob.post('/group/dissolve', { group_id })
    await ann.post('/group/quit', { group_id })
    const expected = ['group_created', ...steps.map(([kind]) => kind), 'group_dissolved', 'member_left']
    await expect.poll(() => kinds(socket)).toEqual(expected)

    const live = told(socket).flat()
    const later = await caughtUp(bob, position)
    const noticesOf = (changes: readonly Change[]) => changes.flatMap((c) => (c.notice ? [c.notice] : []))
    expect(noticesOf(later)).toEqual(noticesOf(live))
    const groupOf = (changes: readonly Change[]) => changes.findLast((c) => c.group)?.group
    expect(groupOf(later)).toEqual(groupOf(live))
    expect(groupOf(live)).toMatchObject({ name: 'Coffee', status: 2, member_count: 1 })
    const memberOf = (changes: readonly Change[]) => changes.findLast((c) => c.member)?.member
    expect(memberOf(later)).toEqual(memberOf(live))
    expect(memberOf(live)).toMatchObject({ user_id: 'bob', role_level: 3, group_nickname: 'Bobby' })
    await socket.close()
  })

  it('is told with who did it, to whom, and what', async () => {
    const socket = await bob.socket()
    const { data: group } = await ann.post<{ id: string }>('/group/create', {
      name: 'T',
      member_ids: ['bob'],
    })
    await ann.send({ group_id: group.id }, 'first')
    await ann.post('/group/mute', { group_id: group.id, user_id: 'bob', seconds: 0 })
    await expect.poll(() => kinds(socket)).toEqual(['group_created', 'member_muted'])
    const [notice] = told(socket)
      .flat()
      .flatMap((c) => (c.notice?.kind === 'member_muted' ? [c.notice] : []))
    expect(notice).toMatchObject({
      conversation_id: `sg_${group.id}`,
      at_seq: 1,
      actor_id: 'ann',
      user_ids: ['bob'],
      data: { until: 0 },
    })
    await socket.close()
  })

  it('brings a joiner their conversation and their membership', async () => {
    const { data: group } = await ann.post<{ id: string }>('/group/create', { name: 'T' })
    const socket = await carl.socket()
    await carl.post('/group/join', { group_id: group.id })
    await expect
      .poll(() =>
        told(socket)
          .flat()
          .some((c) => c.conversation),
      )
      .toBe(true)
    const changes = told(socket).flat()
    expect(changes.map((c) => Object.keys(c).find((k) => k !== 'position'))).toEqual([
      'notice',
      'group',
      'member',
      'conversation',
    ])
    expect(new Set(changes.map((c) => c.position)).size).toBe(1)
    await socket.close()
  })

  it('lets somebody who was put out hear that and nothing after it', async () => {
    const { data: group } = await ann.post<{ id: string }>('/group/create', {
      name: 'T',
      member_ids: ['bob'],
    })
    const group_id = group.id
    const socket = await bob.socket()
    await ann.post('/group/kick', { group_id, user_ids: ['bob'] })
    await ann.post('/group/announce', { group_id, text: 'secret' })
    await ann.send({ group_id }, 'secret')
    await ann.send({ recv_id: 'bob' }, 'marker')
    await expect.poll(() => socket.seen.some((f) => f.id === 2001)).toBe(true)
    expect(kinds(socket)).toEqual(['member_kicked'])
    expect(JSON.stringify(socket.seen)).not.toContain('secret')
    expect(
      told(socket)
        .flat()
        .find((c) => c.member)?.member,
    ).toMatchObject({ status: 3 })
    await socket.close()
  })
})

describe('an application', () => {
  it('is told to the admins and its answer to the applicant', async () => {
    const { data: group } = await ann.post<{ id: string }>('/group/create', {
      name: 'T',
      join_mode: 1,
      member_ids: ['bob'],
    })
    const group_id = group.id
    const [admin, member, applicant] = [await ann.socket(), await bob.socket(), await carl.socket()]
    const states = (socket: Socket) =>
      told(socket).flatMap((changes) => changes.flatMap((c) => (c.application ? [c.application.state] : [])))
    await carl.post('/group/apply', { group_id, message: 'please' })
    await expect.poll(() => states(admin)).toEqual([1])
    await ann.post('/group/accept', { group_id, user_id: 'carl' })
    await expect.poll(() => states(applicant)).toEqual([1, 2])
    await expect.poll(() => kinds(member)).toEqual(['member_joined'])
    expect(states(admin)).toEqual([1, 2])
    expect(states(member)).toEqual([])
    await Promise.all([admin, member, applicant].map((s) => s.close()))
  })
})
