import { type Operation, type OperationName, operationNames, operations } from '@nexo-im/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call, type Person } from '../testing/wire.ts'
import { exchange, statusesIn } from './raw.ts'
import { pollution, startTarget, type Target } from './target.ts'

let target: Target
let ann: Person
let group: string
beforeAll(async () => {
  target = await startTarget({
    config: { 'limits.contacts_per_minute': 1e9, 'limits.requests_per_minute': 1e9 },
  })
  ann = await target.person('ann')
  await target.person('bob')
  group = (await ann.post<{ id: string }>('/group/create', { name: 'G', member_ids: ['bob'] })).data.id
})
afterAll(() => target.close())

interface Field {
  readonly type?: string
  readonly items?: { readonly type?: string }
}
const fieldsOf = (name: OperationName): [string, Field][] =>
  Object.entries(operations[name].input.properties as Readonly<Record<string, Field>>)

/** Input that is sound as far as the shape goes, so that one bad field is what is judged. */
const sound: Readonly<Record<string, unknown>> = {
  user_id: 'bob',
  user_ids: ['bob'],
  conversation_id: 'si_ann:bob',
  conversation_ids: ['si_ann:bob'],
  seqs: [1],
  seq: 1,
  msg_type: 1,
  content: { text: 'x' },
  recv_id: 'bob',
  client_msg_id: 'c',
  password: 'long enough',
  old_password: 'long enough',
  new_password: 'long enough',
  name: 'G',
  query: 'q',
  text: 'x',
  emoji: '👍',
  token: 't',
  refresh_token: 'r',
  session_id: 's',
  id: '1',
  at: 4e12,
  read_seq: 1,
  seconds: 1,
  role_level: 1,
  typing: true,
}
const inputOf = (name: OperationName, more: object): object => {
  const required = new Set((operations[name].input as { required?: string[] }).required)
  const needed = fieldsOf(name).filter(([field]) => required.has(field) && field in sound)
  return {
    ...Object.fromEntries(needed.map(([f]) => [f, sound[f]])),
    ...(required.has('group_id') && { group_id: group }),
    ...more,
  }
}

/** By HTTP where there is a route, else as a frame: the code of the answer. */
async function codeOf(name: OperationName, input: object): Promise<number> {
  const { routes, frame } = operations[name] as Operation
  const [route] = routes
  if (route) {
    const path = route.path.replace(':user_id', 'bob')
    if (route.method !== 'GET') return (await call(target.url, route.method, path, input, ann.token)).code
    const pairs = Object.entries(input).map(([k, v]) => `${k}=${encodeURIComponent(String(v))}`)
    return (await call(target.url, 'GET', `${path}?${pairs.join('&')}`, undefined, ann.token)).code
  }
  if (frame === undefined) return -1
  const socket = await ann.socket()
  const { code } = await socket.ask(frame, input)
  await socket.close()
  return code
}
const spared = new Set<OperationName>(['auth.logout', 'account.delete'])
const names = operationNames.filter((name) => !spared.has(name) && !name.startsWith('operator.'))

describe('A23 SQL', () => {
  const strings = [
    "' OR '1'='1",
    "'; DROP TABLE im_message; --",
    '" OR ""="',
    "\\'; SELECT pg_sleep(5); --",
    "' UNION SELECT password_hash FROM im_user --",
    "x' AND (SELECT 1 FROM (SELECT SLEEP(5)) t) --",
    '1; ATTACH DATABASE "x" AS y',
    '`; DROP TABLE im_user; `',
    "%' ESCAPE '",
    '0x27204f522031',
    'ＯＲ＇１＇＝＇１',
    '{{7*7}}<%= 7*7 %>#{7*7}',
  ]

  it.each(names)('A23 %s takes SQL in any text for text', async (name) => {
    const failed: string[] = []
    for (const [field, { type }] of fieldsOf(name)) {
      if (type !== 'string') continue
      for (const text of strings) {
        const code = await codeOf(name, inputOf(name, { [field]: text }))
        if (code === 1002) failed.push(`${field} ${text}`)
      }
    }
    expect(failed).toEqual([])
  })

  it('A23 a wildcard finds nobody but who is called so', async () => {
    for (const query of [
      '%',
      '_',
      '%%',
      'b_b',
      'b%',
      '*',
      'b*',
      '?',
      'b?b',
      '[a-z]ob',
      '.*',
      '^b',
      "bob' --",
      'bob\\',
    ])
      expect((await ann.get(`/user/search?query=${encodeURIComponent(query)}`)).data, query).toEqual([])
    for (const query of ['%', '_', 'b_', '[b]', '.*', '\\%'])
      expect(
        (await ann.get(`/group/search_members?group_id=${group}&query=${encodeURIComponent(query)}`)).data,
        query,
      ).toEqual([])
  })

  it.each(strings)(
    'A23 a nickname of %j is stored, found and shown as it is (second order)',
    async (text) => {
      const nickname = `${text} again`
      expect((await ann.put('/user/update', { nickname })).code).toBe(0)
      expect((await ann.get('/user/info')).data).toMatchObject({ nickname })
      const found = await ann.get<{ user_id: string }[]>(`/user/search?query=${encodeURIComponent(nickname)}`)
      expect(found.data.map((user) => user.user_id)).toEqual(['ann'])
      const fresh = (await ann.post<{ id: string }>('/group/create', { name: nickname })).data.id
      const search = `/group/search_members?group_id=${fresh}&query=${encodeURIComponent(nickname)}`
      expect((await ann.get(search)).data).toMatchObject([{ user_id: 'ann' }])
    },
  )

  it('A23 a cursor of one’s own making is refused or finds nothing', async () => {
    const lists = names.filter((name) => 'cursor' in operations[name].input.properties)
    expect(lists.length).toBeGreaterThan(5)
    for (const name of lists)
      for (const cursor of [
        ...strings,
        '{"$gt":""}',
        '["x"]',
        Buffer.from("['x'] OR 1").toString('base64url'),
      ])
        expect([0, 1001, 1005, 1007, 3010, 4001], `${name} ${cursor}`).toContain(
          await codeOf(name, inputOf(name, { cursor })),
        )
  })

  it.each([
    '9223372036854775807',
    '9223372036854775808',
    '-9223372036854775808',
    '1e309',
    '18446744073709551616',
    '0x10',
    '1.5',
    'NaN',
    'Infinity',
  ])('A23 the number %s overflows nothing', async (number) => {
    for (const path of ['begin_seq', 'end_seq', 'limit'].map(
      (f) => `/msg/pull?conversation_id=si_ann:bob&${f}=${number}`,
    ))
      expect([0, 1001]).toContain((await ann.get(path)).code)
    const raw = `{"conversation_id":"si_ann:bob","read_seq":${/^-?[\d.e]+$/.test(number) ? number : `"${number}"`}}`
    expect([0, 1001, 4003]).toContain(
      (await call(target.url, 'POST', '/conversation/mark_read', raw, ann.token)).code,
    )
  })
})

describe('A24 operators where values belong', () => {
  const operators: unknown[] = [
    { $ne: null },
    { $gt: '' },
    { $where: 'sleep(1000)' },
    [{ $regex: '.*' }],
    { length: 1 },
  ]

  it.each(names)('A24 %s takes no object for a scalar', async (name) => {
    const { routes, frame } = operations[name] as Operation
    // What a GET takes is text by nature; its frame takes JSON.
    const socket = routes[0]?.method === 'GET' ? await ann.socket() : undefined
    const taken: string[] = []
    for (const [field, { type, items }] of fieldsOf(name).filter(([, { type }]) => type !== 'object'))
      for (const operator of operators) {
        const value = type === 'array' && items?.type !== undefined ? [operator] : operator
        const input = inputOf(name, { [field]: value })
        const code = socket ? (await socket.ask(frame ?? 0, input)).code : await codeOf(name, input)
        if (code !== 1001) taken.push(`${field} ${JSON.stringify(value)}: ${code}`)
      }
    await socket?.close()
    expect(taken).toEqual([])
  })

  it('A24 nobody signs in with an operator instead of a password', async () => {
    const tries = [
      { user_id: { $ne: null }, password: { $ne: null } },
      { user_id: 'ann', password: { $gt: '' } },
      { user_id: 'ann', password: ['secret of ann'] },
      { user_id: ['ann'], password: 'secret of ann' },
      { user_id: { $regex: '^a' }, password: 'secret of ann' },
      { user_id: 'ann', password: true },
      { user_id: 'ann', password: 0 },
    ]
    for (const body of tries) expect((await call(target.url, 'POST', '/auth/login', body)).code).toBe(1001)
    expect((await call(target.url, 'POST', '/auth/refresh', { refresh_token: { $ne: '' } })).code).toBe(1001)
  })

  it('A24 content is of its type whatever stands inside', async () => {
    const send = async (content: unknown, msg_type = 1): Promise<number> =>
      (await ann.post('/msg/send', { client_msg_id: `o${Math.random()}`, recv_id: 'bob', msg_type, content }))
        .code
    for (const operator of operators) {
      expect(await send({ text: operator })).toBe(1001)
      expect(await send({ text: { text: operator } })).toBe(1001)
      expect(await send(operator)).toBe(1001)
      expect(await send({ image: { url: operator } }, 2)).toBe(1001)
      expect(await send({ card: { user_id: operator } }, 7)).toBe(1001)
    }
  })

  it('A24 brackets in a query make no object', async () => {
    for (const query of ['query[$ne]=x', 'query[]=ann', 'query.length=1', 'query[__proto__][x]=1'])
      expect((await ann.get(`/user/search?${query}`)).code).toBe(1001)
    expect((await ann.get('/user/search?query=bob&query=ann')).code).toBe(0)
  })
})

describe('A25 prototypes', () => {
  const poison = [
    '{"__proto__":{"polluted":1}}',
    '{"constructor":{"prototype":{"polluted":1}}}',
    '{"__proto__":{"toString":1,"polluted":1},"hasOwnProperty":1}',
    '{"a":{"__proto__":{"polluted":1}}}',
    '[{"__proto__":{"polluted":1}}]',
  ]
  it('A25 bodies, frames, extra fields and content change nobody’s prototype', async () => {
    const socket = await ann.socket()
    for (const name of names)
      for (const text of poison) {
        const { routes, frame } = operations[name] as Operation
        for (const { method, path } of routes)
          if (method !== 'GET') await call(target.url, method, path, text, ann.token)
        if (frame !== undefined)
          socket.write(
            `{"req_identifier":${frame},"msg_incr":"p","operation_id":"","data":${text},"__proto__":{"polluted":1}}`,
          )
      }
    for (const extra of poison) {
      await ann.put('/user/update', { extra })
      expect((await ann.get<{ extra: unknown }>('/user/info')).data.extra).toBe(extra)
      await ann.put('/group/update', { group_id: group, extra })
      const custom = { custom: { type: '__proto__', data: extra } }
      const send = { client_msg_id: `p${extra.length}`, recv_id: 'bob', msg_type: 100, content: custom }
      expect((await ann.post('/msg/send', send)).code).toBe(0)
    }
    await socket.ask(1006, { conversation_id: 'si_ann:bob' })
    await socket.close()
    expect(pollution()).toEqual([])
  })

  it('A25 ids, emoji and custom types called like members of an object are plain names', async () => {
    for (const id of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype']) {
      const person = await target.person(id)
      expect((await person.get('/user/info')).data).toMatchObject({ user_id: id })
      expect((await person.send({ recv_id: 'bob' }, 'hi')).code).toBe(0)
      const list = await person.get<{ conversation_id: string }[]>('/conversation/list')
      expect(list.data).toHaveLength(1)
      expect((await person.post('/user/get_users_online_status', { user_ids: [id] })).data).toMatchObject([
        { user_id: id },
      ])
    }
    expect(pollution()).toEqual([])
  })

  it('A25 prototype names in headers, protocols, extensions and queries end no process', async () => {
    const nasty = ['__proto__', 'constructor', 'hasOwnProperty', 'toString']
    for (const word of nasty) {
      const { host } = new URL(target.url)
      const lines = [
        `${word}: x`,
        `Sec-WebSocket-Protocol: ${word}`,
        `Sec-WebSocket-Extensions: ${word}; ${word}=1`,
      ]
      for (const line of lines) {
        const head = `Host: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n`
        const { said } = await exchange(
          target.url,
          `GET /ws?token=${ann.token}&${word}=1 HTTP/1.1\r\n${head}${line}\r\n\r\n`,
          60,
        )
        expect([101, 400]).toContain(statusesIn(said)[0])
      }
      expect((await ann.get(`/user/info?${word}=1&${word}[x]=2`)).code).toBe(0)
    }
    expect(pollution()).toEqual([])
  })

  it('A25 the check finds a changed prototype', () => {
    Object.defineProperty(Object.prototype, 'planted', { value: 1, enumerable: true, configurable: true })
    const found = pollution()
    Reflect.deleteProperty(Object.prototype, 'planted')
    expect(found.length).toBeGreaterThan(0)
  })
})
