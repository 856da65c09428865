import { afterEach, describe, expect, it } from 'vitest'
import { type Harness, startHarness } from '../testing/harness.ts'
import { type Person, signIn, signUp } from '../testing/wire.ts'

let server: Harness
afterEach(() => server.stop())

const send = (to: string, n: number) => ({
  client_msg_id: `m${n}`,
  recv_id: to,
  msg_type: 1,
  content: { text: String(n) },
})

/** A raw call, for its headers. */
const raw = (who: Person, path: string, body: object): Promise<Response> =>
  fetch(server.url + path, {
    method: 'POST',
    headers: { Authorization: `Bearer ${who.token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })

describe('a limit', () => {
  it('of a user’s sends answers 429 with Retry-After, and as a frame with the same name and time', async () => {
    server = await startHarness({ config: { 'limits.sends_per_minute': 2 } })
    const ann = await signUp(server.url, 'ann')
    await signUp(server.url, 'bob')
    for (const n of [1, 2]) expect((await raw(ann, '/msg/send', send('bob', n))).status).toBe(200)
    const refused = await raw(ann, '/msg/send', send('bob', 3))
    expect(refused.status).toBe(429)
    const wait = Number(refused.headers.get('retry-after'))
    expect(wait).toBeGreaterThan(0)
    expect(wait).toBeLessThanOrEqual(60)
    expect(await refused.json()).toMatchObject({
      code: 1006,
      data: { error: 'too_many_requests', retry_after: expect.any(Number) },
    })
    const socket = await ann.socket()
    const frame = await socket.ask(1003, send('bob', 4))
    expect(frame).toMatchObject({ code: 1006, data: { error: 'too_many_requests' } })
    expect(socket.raw.readyState).toBe(1)
    const classic = await ann.socket('nexo')
    expect(await classic.ask(1003, send('bob', 5))).toMatchObject({ code: 1006, data: undefined })
    const { data } = await ann.get<{ max_seq: number }>('/msg/max_seq?conversation_id=si_ann:bob')
    expect(data.max_seq).toBe(2)
  })

  it('of a conversation counts all its senders together', async () => {
    server = await startHarness({ config: { 'limits.conversation_sends_per_minute': 3 } })
    const ann = await signUp(server.url, 'ann')
    const bob = await signUp(server.url, 'bob')
    await signUp(server.url, 'eve')
    const codes = []
    for (const n of [1, 2]) {
      codes.push((await ann.send({ recv_id: 'bob' }, `a${n}`)).code)
      codes.push((await bob.send({ recv_id: 'ann' }, `b${n}`)).code)
    }
    expect(codes).toEqual([0, 0, 0, 1006])
    expect((await ann.send({ recv_id: 'eve' }, 'elsewhere')).code).toBe(0)
  })

  it('of a device leaves the user’s other devices alone', async () => {
    server = await startHarness({ config: { 'limits.device_requests_per_minute': 3 } })
    const web = await signUp(server.url, 'ann', 5)
    const phone = await signIn(server.url, 'ann', 1)
    const codes = []
    for (let i = 0; i < 4; i++) codes.push((await web.get('/user/info')).code)
    expect(codes).toEqual([0, 0, 0, 1006])
    expect((await phone.get('/user/info')).code).toBe(0)
  })

  it('of friend requests and searches is one of its own, far below that of other requests', async () => {
    server = await startHarness({ config: { 'limits.contacts_per_minute': 2 } })
    const ann = await signUp(server.url, 'ann')
    const codes = []
    for (let i = 0; i < 3; i++) codes.push((await ann.get(`/user/search?query=u${i}`)).code)
    expect(codes).toEqual([0, 0, 1006])
    expect((await ann.get('/user/info')).code).toBe(0)
  })
})

describe('a named refusal', () => {
  it('keeps Nexo’s code and tells its name, what to do and until when, to our own clients', async () => {
    server = await startHarness()
    const ann = await signUp(server.url, 'ann')
    const bob = await signUp(server.url, 'bob')
    const { data: group } = await ann.post<{ id: string }>('/group/create', {
      name: 'G',
      member_ids: ['bob'],
    })
    const mute = { group_id: group.id, user_id: 'bob', seconds: 600 }
    expect((await ann.post('/group/mute', mute)).code).toBe(0)
    const refused = await bob.send({ group_id: group.id }, 'hello?')
    expect(refused).toMatchObject({ status: 403, code: 1004 })
    expect(refused.data).toEqual({ error: 'muted', hint: expect.any(String), until: expect.any(Number) })
    const socket = await bob.socket()
    const frame = await socket.ask(1003, { ...send('', 1), recv_id: '', group_id: group.id })
    expect(frame).toMatchObject({ code: 1004, data: { error: 'muted' } })
    const classic = await bob.socket('nexo')
    const old = await classic.ask(1003, { ...send('', 2), recv_id: '', group_id: group.id })
    expect(old).toMatchObject({ code: 1004, message: 'errcode: 1004, msg: forbidden', data: undefined })
  })
})
