import { type Operation, operationNames, operations } from '@nexo-im/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call, type HttpAnswer, type Person } from '../testing/wire.ts'
import { chat, groupName, leaksOf, openScene, type Scene } from './intruder.ts'
import { bodyMark, type Target } from './target.ts'

let target: Target
let ann: Person
let bob: Person
let eve: Person
let group: string
let text: Scene['text']
beforeAll(async () => {
  ;({ target, ann, bob, eve, group, text } = await openScene())
})
afterAll(() => target.close())

let sent = 0

describe('A12 swapped ids', () => {
  const ids = (): Record<string, unknown> => ({
    user_id: 'bob',
    user_ids: ['ann', 'bob'],
    group_id: group,
    seq: 1,
    seqs: [1],
    seq_list: [1],
    begin_seq: 1,
    end_seq: 10,
    limit: 100,
    read_seq: 1,
    query: 'Surprise',
    direction: 'in',
    cursor: 'bob',
    emoji: '👍',
    content: { quote: { seq: 1, text: 'so' } },
    msg_type: 8,
    role_level: 3,
    seconds: 60,
    typing: true,
    with_last_message: true,
    merged: true,
    position: '0',
    text: 'x',
    name: 'mine now',
    nickname: 'mine now',
    at: Date.now() + 3_600_000,
    id: '1',
    token: '1',
    member_ids: ['ann', 'bob'],
    sender_id: 'ann',
    owner_id: 'ann',
  })
  const harmless = new Set(['auth.logout', 'account.delete', 'auth.login', 'auth.register'])
  const names = operationNames.filter((name) => !harmless.has(name))

  it.each(names)('A12 %s with ids of others tells nothing of theirs', async (name) => {
    const operation: Operation = operations[name]
    const found: string[] = []
    for (const conversation_id of [chat, `sg_${group}`, 'si_bob:ann', 'si_ann:eve'])
      for (const to of [{ recv_id: 'bob' }, { group_id: group, recv_id: undefined }]) {
        const all = {
          ...ids(),
          conversation_id,
          conversation_ids: [conversation_id],
          client_msg_id: `e${sent++}`,
          ...to,
        }
        const input = Object.fromEntries(
          Object.entries(all).filter(
            ([key, value]) => key in operation.input.properties && value !== undefined,
          ),
        )
        for (const answer of await everyDoor(operation, input)) found.push(...leaksOf(answer))
      }
    expect(found).toEqual([])
  })

  async function everyDoor(operation: Operation, input: object): Promise<unknown[]> {
    const answers: unknown[] = []
    for (const { method, path } of operation.routes) {
      const pairs = Object.entries(input).map(([k, v]) => `${k}=${encodeURIComponent(String(v))}`)
      const query = method === 'GET' ? `?${pairs.join('&')}` : ''
      const filled = path.replace(':user_id', 'bob') + query
      answers.push(await call(target.url, method, filled, method === 'GET' ? undefined : input, eve.token))
    }
    if (operation.frame === undefined) return answers
    const socket = await eve.socket()
    answers.push(await socket.ask(operation.frame, input))
    await socket.close()
    return [...answers, ...socket.seen]
  }

  it('A12 what Eve tried changed nothing of theirs', async () => {
    const { data: members } = await ann.get<{ user_id: string; role_level: number }[]>(
      `/group/members?group_id=${group}`,
    )
    expect(members.map((m) => [m.user_id, m.role_level])).toEqual([
      ['ann', 3],
      ['bob', 1],
    ])
    for (const id of [chat, `sg_${group}`])
      expect((await ann.get<{ max_seq: number }>(`/msg/max_seq?conversation_id=${id}`)).data.max_seq).toBe(1)
    expect((await ann.get<{ nickname: string }>('/user/info')).data.nickname).not.toBe('mine now')
    expect((await ann.get<{ name: string }>(`/group/info?group_id=${group}`)).data.name).toBe(groupName)
  })
})

describe('A14 side doors', () => {
  const spellings = (): object[] => [
    { quote: { seq: 1, text: 'so' } },
    { quote: { seq: 1, text: 'so', conversation_id: `sg_${group}` } },
    { quote: { seq: 1, text: 'so', snapshot: { conversation_id: chat, seq: 1 } } },
    { quote: { seq: 1, text: 'so', source: { conversation_id: chat, seq: 1, sender_id: 'ann' } } },
  ]
  it('A14 a quote never reaches out of its own conversation', async () => {
    for (const content of spellings()) {
      const answer = await eve.post('/msg/send', text({ recv_id: 'eve' }, content, { msg_type: 8 }))
      expect(leaksOf(answer)).toEqual([])
    }
    expect(leaksOf(await eve.get('/msg/pull?conversation_id=si_eve:eve'))).toEqual([])
  })

  it.each([true, false])(
    'A14 nothing is forwarded out of a foreign conversation, merged: %s',
    async (merged) => {
      for (const conversation_id of [chat, `sg_${group}`]) {
        const forward = { conversation_id, seqs: [1], recv_id: 'eve', client_msg_id: `f${sent++}`, merged }
        expect(await eve.post('/msg/forward', forward)).toMatchObject({ status: 403, code: 1007 })
      }
    },
  )

  it('A14 a forged bundle is not taken for a forwarded one', async () => {
    const forged = { merge: { title: 'x', messages: [{ sender_id: 'ann', conversation_id: chat, seq: 1 }] } }
    for (const msg_type of [9, 10, 100, 101, 102])
      expect(leaksOf(await eve.post('/msg/send', text({ recv_id: 'bob' }, forged, { msg_type })))).toEqual([])
  })

  it('A14 export and catching up hold nothing of others', async () => {
    const parts: unknown[] = []
    for (let cursor = ''; ; ) {
      const page = await eve.get<{ next_cursor?: string }>(
        `/account/export?cursor=${encodeURIComponent(cursor)}`,
      )
      parts.push(page)
      if (page.data.next_cursor === undefined) break
      cursor = page.data.next_cursor
    }
    parts.push(
      await eve.get('/sync/changes?position=0'),
      await eve.get('/conversation/all?with_last_message=true'),
    )
    expect(leaksOf(parts)).toEqual([])
  })
})

describe('A15 broadcasts', () => {
  it('A15 reach nobody outside, and nobody who has left', async () => {
    const dan = await target.person('dan')
    await ann.post('/group/invite', { group_id: group, user_ids: ['dan'] })
    const sockets = await Promise.all([eve.socket('nexo.v1'), eve.socket('nexo'), dan.socket()])
    await dan.post('/group/quit', { group_id: group })
    await sockets[2]?.ask(1006, { conversation_id: chat })
    const before = sockets.map((socket) => socket.seen.length)
    const bobs = await bob.socket()
    await ann.post('/msg/send', text({ group_id: group }))
    await ann.post('/msg/send', text({ recv_id: 'bob' }))
    await bob.post('/msg/react', { conversation_id: `sg_${group}`, seq: 1, emoji: '🤫' })
    await bob.post('/msg/typing', { conversation_id: `sg_${group}`, typing: true })
    await ann.put('/group/update', { group_id: group, introduction: `later ${bodyMark}` })
    await expect.poll(() => bobs.seen.length).toBeGreaterThan(2)
    // An answer leaves behind whatever was pushed before it.
    for (const socket of sockets) await socket.ask(1006, { conversation_id: 'si_eve:eve' })
    expect(sockets.map((socket, i) => socket.seen.slice(before[i]).filter((f) => f.incr === ''))).toEqual([
      [],
      [],
      [],
    ])
    await Promise.all([...sockets, bobs].map((socket) => socket.close()))
  })

  it('A15 whoever leaves while others write sees exactly what was written before, over every race', async () => {
    for (let round = 0; round < 5; round++) {
      const id = (await ann.post<{ id: string }>('/group/create', { name: 'race', member_ids: ['eve'] })).data
        .id
      const socket = await eve.socket()
      const sends = Array.from({ length: 8 }, () => ann.post('/msg/send', text({ group_id: id })))
      const [left] = await Promise.all([eve.post('/group/quit', { group_id: id }), ...sends])
      expect(left.code).toBe(0)
      const pull = `/msg/pull?conversation_id=sg_${id}`
      const seen = await eve.get<{ messages: unknown[]; max_seq: number }>(pull)
      await ann.post('/msg/send', text({ group_id: id }))
      await socket.ask(1006, { conversation_id: 'si_eve:eve' })
      const pushed = socket.seen.filter((f) => f.id === 2001 && JSON.stringify(f.data).includes(`sg_${id}`))
      expect(pushed.length).toBeLessThanOrEqual(seen.data.messages.length)
      expect((await eve.get<{ messages: unknown[] }>(pull)).data.messages).toEqual(seen.data.messages)
      await socket.close()
    }
  })
})

it('A16 a private group is found neither by name nor by number', async () => {
  const wrong: HttpAnswer[] = []
  for (const query of [groupName, 'Surprise', group, `sg_${group}`])
    wrong.push(await eve.get(`/user/search?query=${encodeURIComponent(query)}`))
  for (const id of [group, String(Number(group) - 1), String(Number(group) + 1)]) {
    wrong.push(await eve.get(`/group/info?group_id=${id}`), await eve.get(`/group/members?group_id=${id}`))
    wrong.push(
      await eve.post('/group/join', { group_id: id }),
      await eve.post('/group/apply', { group_id: id }),
    )
  }
  expect(leaksOf(wrong)).toEqual([])
  expect(wrong.filter((answer) => answer.code === 0).map((answer) => answer.data)).toEqual([[], [], [], []])
})
