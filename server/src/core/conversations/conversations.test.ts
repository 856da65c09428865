import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Harness, startHarness } from '../../testing/harness.ts'
import { type Person, signUp } from '../../testing/wire.ts'

let server: Harness
let ann: Person
let bob: Person
let group = ''
beforeAll(async () => {
  server = await startHarness()
  ;[ann, bob] = (await Promise.all(['ann', 'bob', 'carl'].map((id) => signUp(server.url, id)))) as [
    Person,
    Person,
  ]
  group = (await ann.post<{ id: string }>('/group/create', { name: 'G', member_ids: ['bob', 'carl'] })).data
    .id
  for (let i = 0; i < 5; i++) await ann.send({ recv_id: 'bob' }, `a${i}`)
  await ann.send({ group_id: group }, 'to all')
})
afterAll(() => server.stop())

interface Listed {
  conversation_id: string
  unread_count: number
  read_seq: number
  max_seq: number
  is_pinned: boolean
  last_message?: { content: { text: string } }
}
const list = async (who: Person, query = ''): Promise<Listed[]> =>
  (await who.get<Listed[]>(`/conversation/list${query}`)).data
const state = async (who: Person, id: string): Promise<Listed> =>
  (await who.get<Listed>(`/conversation/max_read_seq?conversation_id=${id}`)).data

describe('conversation list', () => {
  it('is newest first with unread, and the last message when asked for', async () => {
    const all = await list(bob, '?with_last_message=true')
    expect(all.map((c) => c.conversation_id)).toEqual([`sg_${group}`, 'si_ann:bob'])
    expect(all.map((c) => c.unread_count)).toEqual([1, 5])
    expect(all.map((c) => c.last_message?.content.text)).toEqual(['to all', 'a4'])
    expect((await list(bob))[0]).not.toHaveProperty('last_message')
  })

  it('pages by a cursor and refuses half of one', async () => {
    interface Page {
      list: Listed[]
      has_more: boolean
      next_cursor: { updated_at: number; conversation_id: string }
    }
    const { data: first } = await bob.get<Page>('/conversation/list?limit=1')
    expect([first.list.length, first.has_more]).toEqual([1, true])
    const { updated_at, conversation_id } = first.next_cursor
    const next = `cursor_updated_at=${updated_at}&cursor_conversation_id=${conversation_id}`
    const { data: second } = await bob.get<Page>(`/conversation/list?limit=1&${next}`)
    expect(second.list.map((c) => c.conversation_id)).toEqual(['si_ann:bob'])
    expect(second.has_more).toBe(false)
    for (const bad of ['limit=101', 'limit=-1', `cursor_updated_at=${updated_at}`]) {
      expect((await bob.get(`/conversation/list?${bad}`)).code).toBe(1001)
    }
    expect((await bob.post<Page>('/conversation/list', {})).data.list).toHaveLength(2)
  })

  it('counts all unread together', async () => {
    const { data } = await bob.get<{ unread_count: number }>('/conversation/unread_count')
    expect(data.unread_count).toBe(6)
  })
})

describe('read position', () => {
  it('of a sender is the own message: own messages are never unread', async () => {
    expect(await state(ann, 'si_ann:bob')).toEqual({ max_seq: 5, read_seq: 5, unread_count: 0 })
  })

  it('only rises, clamps to what is visible, and reaches the other devices', async () => {
    const socket = await bob.socket()
    const mark = (read_seq: unknown) =>
      bob.post('/conversation/mark_read', { conversation_id: 'si_ann:bob', read_seq })
    await mark(3)
    await mark(1)
    expect(await state(bob, 'si_ann:bob')).toEqual({ max_seq: 5, read_seq: 3, unread_count: 2 })
    expect((await socket.next()).data).toMatchObject({
      changes: [{ conversation: { conversation_id: 'si_ann:bob', read_seq: 3, unread_count: 2 } }],
    })
    const huge = '{"conversation_id":"si_ann:bob","read_seq":9223372036854775807}'
    expect((await bob.post('/conversation/mark_read', huge)).code).toBe(0)
    expect(await state(bob, 'si_ann:bob')).toEqual({ max_seq: 5, read_seq: 5, unread_count: 0 })
    const beyond = '{"conversation_id":"si_ann:bob","read_seq":9223372036854775808}'
    expect((await bob.post('/conversation/mark_read', beyond)).code).toBe(1001)
    expect((await mark(-1)).code).toBe(1001)
    expect((await mark('3')).code).toBe(1001)
    await socket.close()
  })

  it('stays where it is for a message sent without marking', async () => {
    const before = await state(ann, 'si_ann:bob')
    await ann.post('/msg/send_without_mark_read', {
      client_msg_id: 'quiet',
      recv_id: 'bob',
      msg_type: 1,
      content: { text: 'x' },
    })
    expect(await state(ann, 'si_ann:bob')).toEqual({
      max_seq: before.max_seq + 1,
      read_seq: before.read_seq,
      unread_count: 1,
    })
  })

  it('can be tried out without being stored', async () => {
    const path = `/conversation/unread_count?conversation_id=sg_${group}&read_seq=`
    expect((await bob.get(`${path}1`)).data).toEqual({ unread_count: 0 })
    expect((await bob.get(`${path}0`)).data).toEqual({ unread_count: 1 })
    expect((await bob.get(`${path}-1`)).code).toBe(1001)
  })
})

describe('settings', () => {
  it('are kept and shown; other people’s conversations are unknown', async () => {
    const path = `/conversation/update?conversation_id=sg_${group}`
    expect((await bob.put(path, { recv_msg_opt: 1, is_pinned: true })).code).toBe(0)
    const { data } = await bob.get(`/conversation/info?conversation_id=sg_${group}`)
    expect(data).toMatchObject({ recv_msg_opt: 1, is_pinned: true })
    expect((await bob.put(path, { recv_msg_opt: 3 })).code).toBe(1001)
    expect((await bob.put('/conversation/update?conversation_id=si_ann:carl', {})).code).toBe(4003)
    expect((await bob.get('/conversation/info?conversation_id=si_ann:carl')).code).toBe(4003)
    expect((await bob.get('/conversation/max_read_seq?conversation_id=si_ann:carl')).code).toBe(1007)
    expect((await bob.get('/conversation/max_read_seq?conversation_id=si_bob:ann')).code).toBe(1007)
  })

  it('"do not receive" stops pushes of others, not storing and counting', async () => {
    await bob.put(`/conversation/update?conversation_id=sg_${group}`, { recv_msg_opt: 2 })
    const socket = await bob.socket()
    await ann.send({ group_id: group }, 'unheard')
    await bob.send({ group_id: group }, 'own')
    await expect.poll(() => socket.seen.filter((f) => f.id === 2001).length).toBe(1)
    expect(JSON.stringify(socket.seen)).not.toContain('unheard')
    expect((await state(bob, `sg_${group}`)).max_seq).toBe(3)
    await socket.close()
  })
})

describe('newest seqs over a socket', () => {
  it('are 0 without access and never an error', async () => {
    const socket = await bob.socket()
    const asked = ['si_ann:bob', 'si_ann:carl', 'sg_404', '__proto__', 'nonsense']
    const { data } = await socket.ask(1001, { conversation_ids: asked })
    const { seqs } = data as { seqs: Record<string, number> }
    expect(Object.entries(seqs)).toEqual([
      ['si_ann:bob', 6],
      ['si_ann:carl', 0],
      ['sg_404', 0],
      ['__proto__', 0],
      ['nonsense', 0],
    ])
    await socket.close()
  })
})

describe('presence', () => {
  it('shows who is online on which platform and tells who subscribed', async () => {
    const watcher = await bob.socket()
    expect((await watcher.ask(1025, { user_ids: ['ann'] })).data).toEqual([{ user_id: 'ann', status: 0 }])
    const first = await ann.socket()
    expect(await watcher.next()).toMatchObject({
      id: 2003,
      data: { user_id: 'ann', status: 1, platform: 'Web' },
    })
    const second = await ann.socket('nexo')
    const { data } = await bob.post<{ detail_platform_status: unknown[] }[]>(
      '/user/get_users_online_status',
      {
        user_ids: ['ann', 'ghost'],
      },
    )
    expect(data.map((o) => o.detail_platform_status?.length)).toEqual([2, undefined])
    await first.close()
    await second.close()
    expect(await watcher.next()).toMatchObject({ id: 2004, data: { user_id: 'ann', status: 0 } })
    await watcher.close()
  })
})
