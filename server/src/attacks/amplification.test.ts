import { networkInterfaces } from 'node:os'
import { errors, type Operation, operationNames, operations } from '@nexo-im/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStore } from '../storage/open.ts'
import { call, type Person, signIn } from '../testing/wire.ts'
import { cappedAddress, type DoorOptions } from '../transports/door.ts'
import { exchange, openRaw, statusesIn } from './raw.ts'
import { startTarget, type Target } from './target.ts'

let ids = 0
const text = (to: object, more: object = {}): object => ({
  client_msg_id: `a${ids++}`,
  msg_type: 1,
  content: { text: 'x' },
  ...to,
  ...more,
})

/** Addresses of this machine that are not exempt as loopback is. */
function outerAddress(): string {
  const all = Object.values(networkInterfaces()).flat()
  const outer = all.find((one) => one?.family === 'IPv4' && !one.internal)
  if (!outer) throw new Error('this test needs a network address besides loopback')
  return outer.address
}

async function startOutside(config: object): Promise<{ target: Target; url: string }> {
  const target = await startTarget({ config: { 'server.host': '0.0.0.0', ...config } })
  return { target, url: target.url.replace('127.0.0.1', outerAddress()) }
}

describe('A38 limits', () => {
  const claims = [
    'X-Forwarded-For',
    'X-Real-IP',
    'Forwarded',
    'X-Client-IP',
    'True-Client-IP',
    'CF-Connecting-IP',
    'X-Cluster-Client-IP',
    'Via',
  ]

  it('A38 are not passed by claiming another address', async () => {
    const { target, url } = await startOutside({
      'limits.registrations_per_minute': 3,
      'limits.logins_per_minute': 3,
    })
    for (const path of ['/auth/register', '/auth/login']) {
      const codes: number[] = []
      for (const [i, name] of claims.entries()) {
        const value = name === 'Forwarded' ? 'for=203.0.113.7' : ['127.0.0.1', '203.0.113.1', '::1'][i % 3]
        const answer = await fetch(url + path, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json', [name]: value ?? '' },
          body: JSON.stringify({ user_id: `new-${i}`, password: 'long enough' }),
        })
        codes.push(((await answer.json()) as { code: number }).code)
      }
      expect(codes.slice(3)).toEqual(codes.slice(3).map(() => 1006))
    }
    await target.close()
  })

  it('A38 of an address count what comes over sockets too, whatever door it takes', async () => {
    const { target, url } = await startOutside({ 'limits.address_requests_per_minute': 6 })
    const people = [await target.person('one'), await target.person('two')]
    const codes: number[] = []
    for (const { token } of people) {
      const { openSocket } = await import('../testing/wire.ts')
      const socket = await openSocket(url, token)
      for (let i = 0; i < 3; i++) {
        codes.push((await socket.ask(1020, {})).code)
        codes.push((await call(url, 'GET', '/user/info', undefined, token)).code)
      }
      await socket.close()
    }
    expect(codes).toEqual([0, 0, 0, 0, 0, 0, 1006, 1006, 1006, 1006, 1006, 1006])
    await target.close()
  })

  it('A38 of sockets hold for an address and for a user, and places that are left are free again', async () => {
    const { target, url } = await startOutside({
      'websocket.max_conn_per_address': 3,
      'websocket.max_conn_per_user': 4,
    })
    const one = await target.person('one')
    const outside = await Promise.all([1, 2, 3].map(() => openRaw(url, one.token)))
    await expect(openRaw(url, one.token)).rejects.toThrow(/429/)
    const inside = await openRaw(target.url, one.token)
    await expect(openRaw(target.url, one.token)).rejects.toThrow(/429/)
    for (const socket of [...outside, inside]) socket.tcp.destroy()
    await expect
      .poll(() =>
        openRaw(url, one.token).then(
          (s) => s.tcp.destroy() !== undefined,
          () => false,
        ),
      )
      .toBe(true)
    await target.close()
  })

  it.each([
    ['2001:db8:1:2::1', '2001:db8:1:2:ffff:ffff:ffff:ffff', true],
    ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
    ['2001:db8::1', '2001:db8:0:0:9::1', true],
    ['fe80::1%eth0', 'fe80::2%eth0', true],
    ['::ffff:203.0.113.1', '203.0.113.1', true],
    ['203.0.113.1', '203.0.113.2', false],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::', true],
  ])('A38 %s and %s count as one: %s', (a, b, same) => {
    const options = { trustedAddresses: [] as readonly string[] } as DoorOptions
    expect(cappedAddress(a, options) === cappedAddress(b, options)).toBe(same)
  })

  it('A38 of sends count every way to send, on all devices together', async () => {
    const target = await startTarget({ config: { 'limits.sends_per_minute': 8 } })
    const ann = await target.person('ann')
    const phone = await signIn(target.url, 'ann', 1)
    target.hide(phone.token)
    const socket = await ann.socket()
    const conversation_id = 'si_ann:ann'
    const forward = { conversation_id, seqs: [1, 2], recv_id: 'ann', client_msg_id: 'f1' }
    const tries = [
      () => ann.post('/msg/send', text({ recv_id: 'ann' })),
      () => phone.post('/msg/send', text({ recv_id: 'ann' })),
      () => socket.ask(1003, text({ recv_id: 'ann' })),
      () => ann.post('/msg/send_without_mark_read', text({ recv_id: 'ann' })),
      () => ann.post('/msg/schedule', text({ recv_id: 'ann' }, { at: Date.now() + 600_000 })),
      () => ann.post('/msg/edit', { conversation_id, seq: 1, content: { text: 'y' } }),
      () => ann.post('/msg/forward', forward),
    ]
    const codes = []
    for (const attempt of tries) codes.push((await attempt()).code)
    expect(codes).toEqual([0, 0, 0, 0, 0, 0, 0])
    for (const attempt of tries) expect((await attempt()).code).toBe(1006)
    expect((await ann.get('/user/info')).code).toBe(0)
    await socket.close()
    await target.close()
  })

  it('A38 are there without any configuration, for every operation', async () => {
    const target = await startTarget({ config: { 'limits.sends_per_minute': 600 } })
    const shown = target.service.getConfig()
    const limits = Object.entries(shown).filter(([name]) => name.startsWith('limits.'))
    expect(limits.length).toBeGreaterThan(8)
    for (const [name, figure] of limits) expect(figure, name).toBeGreaterThan(0)
    const kinds = new Set(operationNames.map((name) => (operations[name] as Operation).limit ?? 'requests'))
    expect([...kinds].toSorted()).toEqual(['contacts', 'ephemeral', 'requests', 'sends'].toSorted())
    await target.close()
  })
})

describe('A39 one small request', () => {
  let target: Target
  let ann: Person
  beforeAll(async () => {
    target = await startTarget()
    ann = await target.person('ann')
  })
  afterAll(() => target.close())

  it('A39 names a bounded number of others in every list', () => {
    const open = operationNames.flatMap((name) =>
      Object.entries(
        operations[name].input.properties as Record<string, { type?: string; maxItems?: number }>,
      )
        .filter(
          ([, field]) =>
            field.type === 'array' && !(field.maxItems !== undefined && field.maxItems <= 10_000),
        )
        .map(([field]) => `${name}.${field}`),
    )
    expect(open).toEqual([])
  })

  it('A39 of one more than a list may hold is refused', async () => {
    const many = (n: number): string[] => Array.from({ length: n }, (_, i) => `u${i}`)
    const seqs = Array.from({ length: 101 }, (_, i) => i + 1)
    const conversation_id = 'si_ann:ann'
    const socket = await ann.socket()
    const codes = [
      (await ann.post('/user/batch_info', { user_ids: many(101) })).code,
      (await ann.post('/user/get_users_online_status', { user_ids: many(1001) })).code,
      (await ann.post('/group/create', { name: 'G', member_ids: many(10_001) })).code,
      (await ann.post('/msg/send', text({ recv_id: 'ann' }, { mentions: many(51) }))).code,
      (await ann.post('/msg/delete', { conversation_id, seqs })).code,
      (await ann.post('/msg/read_counts', { conversation_id, seqs })).code,
      (await ann.post('/msg/forward', { conversation_id, seqs, recv_id: 'ann', client_msg_id: 'f' })).code,
      (await socket.ask(1025, { user_ids: many(1001) })).code,
      (await socket.ask(1001, { conversation_ids: many(1001) })).code,
      (await socket.ask(1002, { conversation_id, seq_list: seqs })).code,
    ]
    expect(codes).toEqual(codes.map(() => 1001))
    await socket.close()
  })

  it('A39 gets a hundred messages at most, and a page of anything else holds a thousand', async () => {
    for (let i = 0; i < 105; i++) await ann.post('/msg/send', text({ recv_id: 'ann' }))
    const { data } = await ann.get<{ messages: object[] }>(
      '/msg/pull?conversation_id=si_ann:ann&begin_seq=1&limit=100000',
    )
    expect(data.messages).toHaveLength(100)
    // These take any number and give a page of a hundred, as Nexo's contract has it.
    const pulls = [
      'message.pull',
      'message.pull_list',
      'message.proofs',
      'conversation.extras',
      'conversation.list',
    ]
    const endless = operationNames.filter((name) => {
      const { limit } = operations[name].input.properties as { limit?: { maximum?: number } }
      return limit && !pulls.includes(name) && !(limit.maximum !== undefined && limit.maximum <= 1000)
    })
    expect(endless).toEqual([])
  })

  it('A39 subscribes to nobody who keeps their presence to themselves, and a storm of devices is told once', async () => {
    const shy = await target.person('shy')
    const open = await target.person('open')
    await shy.put('/user/privacy', { see_online: 2 })
    const watcher = await ann.socket()
    await watcher.ask(1025, { user_ids: ['shy', 'open'] })
    const before = watcher.seen.length
    const storm = await Promise.all([...Array(10).keys()].map((i) => (i % 2 === 0 ? shy : open).socket()))
    await expect.poll(() => watcher.seen.length).toBeGreaterThan(before)
    await Promise.all(storm.map((socket) => socket.close()))
    await expect.poll(() => watcher.seen.length).toBeGreaterThan(before + 1)
    const pushed = watcher.seen.slice(before)
    expect(JSON.stringify(pushed)).not.toContain('shy')
    expect(pushed.length).toBeLessThanOrEqual(4)
    await watcher.close()
  })

  it('A39 @all from a stranger is refused with the message', async () => {
    await target.person('bob')
    const { data } = await (await signUpHidden('fan')).post<{ id: string }>('/group/create', {
      name: 'Big',
      member_ids: ['bob'],
    })
    expect((await ann.post('/msg/send', text({ group_id: data.id }, { mentions: ['*'] }))).code).toBe(3003)
    expect((await ann.post('/msg/typing', { conversation_id: `sg_${data.id}`, typing: true })).code).not.toBe(
      0,
    )
  })

  const signUpHidden = (id: string): Promise<Person> => target.person(id)
})

describe('A40 what errors tell', () => {
  const known = new Set(Object.values(errors).map((row) => row.msg))
  const telling =
    /\bat .*:\d+|node_modules|\.ts\b|\.js\b|SQLITE|SELECT|INSERT|im_[a-z]+|ECONN|fastify|Error:|\/tmp\/|undefined|argon2|v\d+\.\d+\.\d+/i

  it('A40 in a release is a word of the table, without detail, stack, path, version or statement', async () => {
    const target = await startTarget({
      config: { 'server.mode': 'release', 'limits.requests_per_minute': 1e9 },
    })
    const ann = await target.person('ann')
    const bad = [
      '{',
      '[]',
      '{"user_id":{}}',
      `{"user_id":"${'x'.repeat(100)}","content":7}`,
      '{"group_id":"\'","conversation_id":"si_"}',
    ]
    for (const name of operationNames)
      for (const { method, path } of (operations[name] as Operation).routes)
        for (const body of bad) {
          if (name === 'auth.logout' || name === 'account.delete') continue
          const isGet = method === 'GET'
          const answer = await fetch(
            target.url + path.replace(':user_id', "'%20x") + (isGet ? "?limit=x&conversation_id='" : ''),
            {
              method,
              headers: { Authorization: `Bearer ${ann.token}`, 'Content-Type': 'application/json' },
              ...(!isGet && { body }),
            },
          )
          const said = await answer.text()
          const { code, msg, data } = JSON.parse(said) as { code: number; msg: string; data: unknown }
          if (code === 0) continue
          expect(known, said).toContain(msg)
          expect(said).not.toMatch(telling)
          expect(data === null || typeof (data as { error?: unknown }).error === 'string').toBe(true)
          expect([...answer.headers.keys()]).not.toContain('x-powered-by')
          expect([...answer.headers.keys()]).not.toContain('server')
        }
    await target.close()
  })

  it('A40 is the same for a fault of our own: no word of its cause leaves', async () => {
    const store = await openStore('memory:')
    let broken = false
    const cause = 'SELECT password_hash FROM im_user failed at /srv/secret.ts'
    const target = await startTarget({
      config: { 'server.mode': 'release' },
      store: { ...store, get: (...args) => (broken ? Promise.reject(new Error(cause)) : store.get(...args)) },
    })
    const ann = await target.person('ann')
    const socket = await ann.socket()
    broken = true
    const answer = await fetch(`${target.url}/user/info`, {
      headers: { Authorization: `Bearer ${ann.token}` },
    })
    expect(answer.status).toBe(500)
    expect(await answer.text()).toBe('{"code":1002,"msg":"internal server error","data":null}')
    expect(JSON.stringify(await socket.ask(1020, {}))).not.toMatch(telling)
    const { said } = await exchange(
      target.url,
      `GET /ws?token=${ann.token} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
    )
    expect(statusesIn(said)).toEqual([500])
    expect(said).not.toMatch(telling)
    broken = false
    expect(target.logged.some((line) => line.includes(cause))).toBe(true)
    await socket.close()
    await target.stop()
  })
})

describe('A41 what is not for the public', () => {
  it('A41 is not on the public port: metrics, profiles, configuration, files of the server', async () => {
    const target = await startTarget({ config: { 'server.mode': 'release' } })
    const paths = [
      '/metrics',
      '/debug/pprof',
      '/debug/vars',
      '/admin',
      '/env',
      '/.env',
      '/config',
      '/heapdump',
      '/json/list',
      '/status',
      '/server-status',
      '/actuator',
      '/token.secret',
      '/nexo.db',
      '/package.json',
      '/.git/config',
      '/graphql',
      '/console',
    ]
    for (const path of paths)
      for (const method of ['GET', 'POST'])
        expect((await fetch(target.url + path, { method })).status, path).toBe(404)
    const climbs = [
      '/../token.secret',
      '/..%2ftoken.secret',
      '/%2e%2e/%2e%2e/etc/passwd',
      '/....//etc/passwd',
      '/..\\..\\etc\\passwd',
      '//etc/passwd',
      '/assets/../../package.json',
      '/assets/%2e%2e%2f%2e%2e%2fpackage.json',
      '/%00',
      '/docs/../../etc/passwd',
      `/${'a/'.repeat(2000)}..`,
    ]
    for (const path of climbs) {
      const { said } = await exchange(
        target.url,
        `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
        100,
      )
      expect([400, 404, 414], path).toContain(statusesIn(said)[0])
      expect(said).not.toMatch(/root:|"name": "nexo-im"/)
    }
    await target.close()
  })

  it('A41 health says that it lives and nothing else', async () => {
    const target = await startTarget({ config: { 'server.mode': 'release' } })
    for (const [path, body] of [
      ['/health', { status: 'ok' }],
      ['/readyz', { status: 'ready' }],
    ] as const)
      expect(await (await fetch(target.url + path)).json()).toEqual(body)
    await target.close()
  })

  it('A41 metrics are told on loopback only, and only when asked for', async () => {
    const target = await startTarget()
    const shown = target.service.getConfig()
    expect(shown['metrics.port']).toBeUndefined()
    expect(shown['metrics.host']).toBe('127.0.0.1')
    await target.close()
  })
})
