import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call, type Person, signIn } from '../testing/wire.ts'
import { chat, leaksOf, openScene, type Scene, words } from './intruder.ts'
import type { Target } from './target.ts'

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

describe('A17 crafted ids', () => {
  it.each([
    'a:b',
    'ann:bob',
    ':',
    'ann\u0000',
    'ann\n',
    ' ann',
    'ann ',
    '\u007f',
    'ann\u0085',
    '\ud800',
    'x'.repeat(65),
  ])('A17 nobody may be called %j', async (user_id) => {
    const body = JSON.stringify({ user_id, password: 'long enough' })
    expect((await call(target.url, 'POST', '/auth/register', body)).code).toBe(1001)
  })

  it('A17 a group’s number is the server’s to choose', async () => {
    const chosen = await eve.post<{ id: string }>('/group/create', {
      name: 'G',
      id: 'ann:bob',
      group_id: group,
    })
    expect(chosen.data.id).toMatch(/^\d+$/)
    expect(chosen.data.id).not.toBe(group)
  })

  it('A17 a user called like a conversation is not in it', async () => {
    const mimic = await target.person(`sg_${group}`)
    expect(leaksOf(await mimic.get(`/msg/pull?conversation_id=sg_${group}`))).toEqual([])
    for (const id of [
      `si_sg_${group}:ann`,
      'si_ann:bob:eve',
      'si_:ann',
      'si_ann:',
      'sg_',
      `sg_${group}:`,
      `sg_0${group}`,
    ])
      expect(leaksOf(await mimic.get(`/msg/pull?conversation_id=${encodeURIComponent(id)}`))).toEqual([])
  })
})

describe('A18 fields that are the server’s', () => {
  const forged = {
    sender_id: 'ann',
    send_id: 'ann',
    from: 'ann',
    sender_nickname: 'Ann',
    seq: 999,
    server_msg_id: 1,
    id: 1,
    send_time: 1,
    status: 9,
    is_system: true,
    role_level: 3,
    conversation_id: chat,
    session_id: 'x',
    edited_at: 1,
    forwarded: true,
    reactions: { '👑': 9 },
    chain: 'x',
    digest: 'x',
  }
  it('A18 a message is its sender’s and gets its place from the server', async () => {
    await eve.post('/msg/send', text({ recv_id: 'bob' }, { text: 'hi' }, forged))
    const socket = await eve.socket()
    await socket.ask(1003, text({ recv_id: 'bob' }, { text: 'hi' }, forged))
    await socket.close()
    const { data } = await bob.get<{ messages: Record<string, unknown>[] }>(
      '/msg/pull?conversation_id=si_bob:eve',
    )
    expect(data.messages.map((m) => [m['sender_id'], m['seq'], m['conversation_id']])).toEqual([
      ['eve', 1, 'si_bob:eve'],
      ['eve', 2, 'si_bob:eve'],
    ])
    for (const message of data.messages) {
      for (const field of [
        'is_system',
        'role_level',
        'edited_at',
        'forwarded',
        'reactions',
        'sender_nickname',
      ])
        expect(message[field]).toBeFalsy()
      expect(message['send_time']).not.toBe(1)
      expect(message['server_msg_id']).not.toBe(1)
    }
  })

  it('A18 a frame in another’s name is refused', async () => {
    const socket = await eve.socket()
    socket.write(
      JSON.stringify({
        req_identifier: 1003,
        msg_incr: '1',
        operation_id: '',
        send_id: 'ann',
        data: text({ recv_id: 'bob' }),
      }),
    )
    expect(await socket.next()).toMatchObject({ code: 2004 })
    await socket.close()
  })

  it('A18 an account gets neither rights nor another’s name by what is written into it', async () => {
    const rights = {
      status: 5,
      banned_until: 0,
      is_operator: true,
      role: 'admin',
      created_at: 1,
      password_hash: 'x',
    }
    const made = await call(target.url, 'POST', '/auth/register', {
      user_id: 'mallory',
      password: 'long enough',
      ...rights,
    })
    expect(made.data).not.toMatchObject({ is_operator: true })
    const changed = await eve.put<Record<string, unknown>>('/user/update', {
      nickname: 'Eve',
      user_id: 'ann',
      ...rights,
    })
    expect(changed.data).toMatchObject({ user_id: 'eve', nickname: 'Eve' })
    for (const field of Object.keys(rights)) expect(changed.data[field]).not.toBe(rights[field as 'status'])
    expect((await ann.get<{ nickname: string }>('/user/info')).data.nickname).toBe('ann')
  })

  it('A18 a founder owns what they found, and nobody comes in as an admin', async () => {
    const fields = {
      owner_id: 'ann',
      owner_user_id: 'ann',
      creator_id: 'ann',
      members: [{ user_id: 'bob', role_level: 3 }],
    }
    const { data } = await eve.post<{ id: string }>('/group/create', {
      name: 'G',
      member_ids: ['bob'],
      ...fields,
    })
    const { data: page } = await eve.get<{ user_id: string; role_level: number }[]>(
      `/group/members?group_id=${data.id}`,
    )
    expect(page.map((m) => [m.user_id, m.role_level])).toEqual([
      ['eve', 3],
      ['bob', 1],
    ])
  })
})

describe('A19 climbing', () => {
  it('A19 no role does more than its own', async () => {
    const { data } = await ann.post<{ id: string }>('/group/create', {
      name: 'Roles',
      member_ids: ['bob', 'eve'],
    })
    const in_ = { group_id: data.id }
    await ann.post('/group/set_role', { ...in_, user_id: 'bob', role_level: 2 })
    await ann.post('/group/mute', { ...in_, user_id: 'eve', seconds: 600 })
    const code = async (who: Person, path: string, more: object = {}) =>
      (await who.post(`/group/${path}`, { ...in_, ...more })).code
    expect(await code(eve, 'set_role', { user_id: 'eve', role_level: 2 })).toBe(3006)
    expect(await code(bob, 'set_role', { user_id: 'bob', role_level: 2 })).toBe(3006)
    expect(await code(eve, 'mute', { user_id: 'eve', seconds: 0 })).toBe(3007)
    expect(await code(bob, 'kick', { user_ids: ['ann'] })).toBe(3008)
    expect(await code(bob, 'mute', { user_id: 'ann', seconds: 60 })).toBe(3008)
    expect(await code(bob, 'transfer', { user_id: 'bob' })).toBe(3006)
    expect(await code(bob, 'dissolve')).toBe(3006)
    expect((await ann.post('/group/quit', in_)).code).not.toBe(0)
    expect((await eve.post('/msg/send', text(in_))).code).toBe(1004)
    await bob.post('/group/kick', { ...in_, user_ids: ['eve'] })
    expect((await eve.post('/group/invite', { ...in_, user_ids: ['eve'] })).code).toBe(3004)
  })

  it('A19 naming an inviter opens no door that is shut', async () => {
    for (const inviter_id of ['ann', 'bob', 'nobody'])
      expect((await eve.post('/group/join', { group_id: group, inviter_id })).code).not.toBe(0)
  })
})

it('A20 nobody but its author edits a message, and nobody outside recalls, deletes or pins it', async () => {
  const { data } = await ann.post<{ id: string }>('/group/create', {
    name: 'Words',
    member_ids: ['bob', 'eve'],
  })
  await ann.post('/msg/send', text({ group_id: data.id }))
  const it_ = { conversation_id: `sg_${data.id}`, seq: 1 }
  const edit = { ...it_, content: { text: 'never said' } }
  const wipe = { conversation_id: it_.conversation_id, seqs: [1], for_everyone: true }
  for (const who of [bob, eve]) {
    expect((await who.post('/msg/edit', edit)).code).toBe(4008)
    expect((await who.post('/msg/recall', it_)).code).not.toBe(0)
    expect((await who.post('/msg/delete', wipe)).code).not.toBe(0)
    expect((await who.post('/msg/pin', it_)).code).not.toBe(0)
  }
  await ann.post('/group/set_role', { group_id: data.id, user_id: 'bob', role_level: 2 })
  expect((await bob.post('/msg/edit', edit)).code).toBe(4008)
  await ann.post('/group/set_role', { group_id: data.id, user_id: 'bob', role_level: 1 })
  expect((await bob.post('/msg/recall', it_)).code).not.toBe(0)
  expect(JSON.stringify(await bob.get(`/msg/pull?conversation_id=${it_.conversation_id}`))).toContain(words)
})

it('A21 a block holds on every way to write', async () => {
  const [cat, dog] = [await target.person('cat'), await target.person('dog')]
  await dog.post('/msg/send', text({ recv_id: 'cat' }))
  await cat.post('/msg/send', text({ recv_id: 'cat' }))
  const later = { at: Date.now() + 600_000 }
  await cat.post('/block/add', { user_id: 'dog' })
  const phone = await signIn(target.url, 'dog', 1)
  target.hide(phone.token)
  const conversation_id = 'si_cat:dog'
  const tries: Promise<{ code: number }>[] = [
    dog.post('/msg/send', text({ recv_id: 'cat' })),
    dog.post('/msg/send_without_mark_read', text({ recv_id: 'cat' })),
    phone.post('/msg/send', text({ recv_id: 'cat' })),
    dog.post('/msg/schedule', text({ recv_id: 'cat' }, { text: words }, later)),
    dog.post('/msg/forward', { conversation_id, seqs: [1], recv_id: 'cat', client_msg_id: 'fw1' }),
    dog.post('/msg/forward', {
      conversation_id,
      seqs: [1],
      recv_id: 'cat',
      client_msg_id: 'fw2',
      merged: true,
    }),
    dog.post('/msg/edit', { conversation_id, seq: 1, content: { text: 'still here' } }),
    dog.post('/msg/react', { conversation_id, seq: 1, emoji: '👋' }),
    dog.post('/msg/pin', { conversation_id, seq: 1 }),
    dog.post('/friend/request', { user_id: 'cat', message: words }),
  ]
  for (const codec of ['nexo', 'nexo.v1'] as const) {
    const socket = await dog.socket(codec)
    const answer = await socket.ask(1003, text({ recv_id: 'cat' }))
    tries.push(Promise.resolve(answer))
    await socket.close()
  }
  expect((await Promise.all(tries)).map((answer) => answer.code)).toEqual(tries.map(() => 1004))
  const { data } = await cat.get<{ messages: object[] }>(`/msg/pull?conversation_id=${conversation_id}`)
  expect(data.messages).toHaveLength(1)
})
