import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Harness, startHarness } from '../../testing/harness.ts'
import { type Person, signUp } from '../../testing/wire.ts'

let server: Harness
let ann: Person
let bob: Person
let carl: Person
let dora: Person
beforeAll(async () => {
  server = await startHarness()
  ;[ann, bob, carl, dora] = (await Promise.all(
    ['ann', 'bob', 'carl', 'dora'].map((id) => signUp(server.url, id)),
  )) as [Person, Person, Person, Person]
})
afterAll(() => server.stop())

interface GroupData {
  id: string
  member_count: number
}
async function found(owner: Person, memberIds: string[], name = 'Tea'): Promise<string> {
  const { data } = await owner.post<GroupData>('/group/create', { name, member_ids: memberIds })
  return data.id
}
const conversation = (id: string): string => `sg_${id}`
interface Pulled {
  messages: { seq: number; content: { text: string } }[]
  max_seq: number
}
const pulled = async (who: Person, id: string): Promise<string[]> =>
  (await who.get<Pulled>(`/msg/pull?conversation_id=${conversation(id)}`)).data.messages.map(
    (m) => m.content.text,
  )

describe('group', () => {
  it('is founded with the caller as owner and the listed users as members, once each', async () => {
    const made = await ann.post<GroupData>('/group/create', {
      name: 'Tea',
      member_ids: ['bob', 'bob', 'ann', 'carl'],
    })
    expect(made.data).toMatchObject({
      name: 'Tea',
      status: 1,
      group_type: 0,
      member_count: 3,
      creator_user_id: 'ann',
    })
    const { data } = await ann.get<{ user_id: string; role_level: number; inviter_user_id: string }[]>(
      `/group/members?group_id=${made.data.id}`,
    )
    expect(data.map((m) => [m.user_id, m.role_level, m.inviter_user_id])).toEqual([
      ['ann', 3, ''],
      ['bob', 1, 'ann'],
      ['carl', 1, 'ann'],
    ])
  })

  it('is refused as a whole for one unknown member', async () => {
    const answer = await ann.post('/group/create', { name: 'Tea', member_ids: ['bob', 'ghost'] })
    expect(answer).toMatchObject({ status: 404, code: 2006, data: null })
  })

  it('is listed for its members even before the first message', async () => {
    const id = await found(ann, ['dora'])
    const { data } = await dora.get<{ conversation_id: string; unread_count: number }[]>('/conversation/list')
    expect(data.find((c) => c.conversation_id === conversation(id))).toMatchObject({
      unread_count: 0,
      group_id: id,
    })
  })

  it('shows a joiner nothing from before, and a joiner’s inviter only if a member', async () => {
    const id = await found(ann, ['bob'])
    await ann.send({ group_id: id }, 'before')
    expect((await dora.post('/group/join', { group_id: id, inviter_id: 'ghost' })).code).toBe(0)
    await ann.send({ group_id: id }, 'after')
    expect(await pulled(dora, id)).toEqual(['after'])
    expect(await pulled(bob, id)).toEqual(['before', 'after'])
    const { data } = await ann.get<{ user_id: string; inviter_user_id: string; join_seq: number }[]>(
      `/group/members?group_id=${id}`,
    )
    expect(data.find((m) => m.user_id === 'dora')).toMatchObject({ inviter_user_id: '', join_seq: 2 })
  })

  it('lets a leaver read up to leaving and write no more; joining again hides the gap', async () => {
    const id = await found(ann, ['bob'])
    await ann.send({ group_id: id }, 'one')
    expect((await bob.post('/group/quit', { group_id: id })).code).toBe(0)
    await ann.send({ group_id: id }, 'two')
    expect(await pulled(bob, id)).toEqual(['one'])
    expect(await bob.send({ group_id: id }, 'late')).toMatchObject({ status: 403, code: 3004 })
    expect(await bob.post('/group/quit', { group_id: id })).toMatchObject({ code: 3003 })
    const { data } = await bob.get<{ max_seq: number; unread_count: number }>(
      `/conversation/max_read_seq?conversation_id=${conversation(id)}`,
    )
    expect(data).toMatchObject({ max_seq: 1, unread_count: 1 })
    await bob.post('/group/join', { group_id: id })
    await ann.send({ group_id: id }, 'three')
    expect(await pulled(bob, id)).toEqual(['three'])
  })

  it('an empty group, once left, shows an empty window and not an open one', async () => {
    const id = await found(ann, ['bob'])
    await bob.post('/group/quit', { group_id: id })
    await ann.send({ group_id: id }, 'secret')
    expect(await pulled(bob, id)).toEqual([])
  })

  it('refuses strangers, unknown groups and joining twice', async () => {
    const id = await found(ann, [])
    expect(await dora.send({ group_id: id }, 'hi')).toMatchObject({ code: 3003 })
    expect(await dora.send({ group_id: '999' }, 'hi')).toMatchObject({ code: 3003 })
    expect(await dora.get(`/msg/pull?conversation_id=${conversation(id)}`)).toMatchObject({
      status: 403,
      code: 1007,
    })
    expect(await dora.post('/group/join', { group_id: '999' })).toMatchObject({ status: 404, code: 3001 })
    expect(await dora.post('/group/quit', { group_id: id })).toMatchObject({ code: 3003 })
    await dora.post('/group/join', { group_id: id })
    expect(await dora.post('/group/join', { group_id: id })).toMatchObject({ status: 409, code: 3005 })
    expect(await ann.post('/group/quit', { group_id: id })).toMatchObject({ status: 403, code: 3008 })
    expect(await ann.get('/group/info?group_id=nope')).toMatchObject({ code: 3001 })
    expect(await ann.get('/group/info')).toMatchObject({ code: 1001 })
  })

  it('counts its members exactly when many join and leave at once', async () => {
    const id = await found(ann, ['bob'])
    await Promise.all([
      carl.post('/group/join', { group_id: id }),
      dora.post('/group/join', { group_id: id }),
      bob.post('/group/quit', { group_id: id }),
      dora.post('/group/join', { group_id: id }),
    ])
    const { data } = await ann.get<GroupData>(`/group/info?group_id=${id}`)
    expect(data.member_count).toBe(3)
  })

  it('pages its members: owner, then by time of joining', async () => {
    const id = await found(ann, ['bob', 'carl', 'dora'])
    const page = await ann.get<{
      list: { user_id: string }[]
      has_more: boolean
      next_cursor: { user_id: string }
    }>(`/group/members?group_id=${id}&limit=2`)
    expect(page.data).toMatchObject({ has_more: true, next_cursor: { user_id: 'bob' } })
    const rest = await ann.get<{ list: { user_id: string }[]; has_more: boolean }>(
      `/group/members?group_id=${id}&cursor_user_id=bob`,
    )
    expect(rest.data.list.map((m) => m.user_id)).toEqual(['carl', 'dora'])
    expect(rest.data).not.toHaveProperty('next_cursor')
    for (const limit of ['0', '1001', '-1', 'x']) {
      expect((await ann.get(`/group/members?group_id=${id}&limit=${limit}`)).code).toBe(1001)
    }
  })

  it('pushes a message to every active member’s socket, and nothing to one who left', async () => {
    const id = await found(ann, ['bob', 'carl'])
    const sockets = await Promise.all([bob.socket(), carl.socket()])
    await carl.post('/group/quit', { group_id: id })
    await ann.send({ group_id: id }, 'hello')
    await ann.send({ recv_id: 'carl' }, 'marker')
    const messages = (i: number): string[] =>
      (sockets[i]?.seen ?? []).filter((f) => f.id === 2001).map((f) => JSON.stringify(f.data))
    await expect.poll(() => messages(0).length).toBe(1)
    await expect.poll(() => messages(1).length).toBe(1)
    expect(messages(1)[0]).toContain('marker')
    await Promise.all(sockets.map((s) => s.close()))
  })

  it('is not joined by guessing its id when it is private', async () => {
    const { data } = await ann.post<GroupData>('/group/create', { name: 'Quiet', is_private: true })
    const refusal = await dora.post('/group/join', { group_id: data.id })
    expect(refusal).toMatchObject({ status: 403, code: 1004, data: { error: 'join_by_invitation' } })
    expect(await dora.get(`/group/info?group_id=${data.id}`)).toMatchObject({ code: 1007 })
    expect(await dora.get(`/group/members?group_id=${data.id}`)).toMatchObject({ code: 1007 })
  })

  it('refuses a send into a dissolved one over REST and over sockets', async () => {
    const id = await found(ann, ['bob'])
    await ann.post('/group/dissolve', { group_id: id })
    expect(await bob.send({ group_id: id }, 'late')).toMatchObject({ status: 409, code: 3002 })
    const socket = await bob.socket()
    const send = { client_msg_id: 'late', group_id: id, msg_type: 1, content: { text: 'late' } }
    expect(await socket.ask(1003, send)).toMatchObject({ code: 3002 })
    await socket.close()
  })

  it('says over both doors until when somebody is muted', async () => {
    const id = await found(ann, ['bob'])
    const before = Date.now()
    await ann.post('/group/mute', { group_id: id, user_id: 'bob', seconds: 600 })
    const { code, data } = await bob.send({ group_id: id }, 'hm')
    expect(code).toBe(1004)
    const told = data as { error: string; until: number }
    expect(told.error).toBe('muted')
    expect(told.until).toBeGreaterThanOrEqual(before + 600_000)
    const socket = await bob.socket()
    const send = { client_msg_id: 'hm', group_id: id, msg_type: 1, content: { text: 'hm' } }
    expect(await socket.ask(1003, send)).toMatchObject({ code: 1004, data: { until: told.until } })
    await socket.close()
  })
})
