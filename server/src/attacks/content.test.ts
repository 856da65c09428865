import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type Operation, type OperationName, operationNames, operations } from '@nexo-im/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { defaultCaps } from '../core/caps.ts'
import { openStore } from '../storage/open.ts'
import { dumpStore } from '../testing/domain/dump.ts'
import { startProgram } from '../testing/program.ts'
import { call, type Person, signIn } from '../testing/wire.ts'
import { exchange, statusesIn } from './raw.ts'
import { bodyMark, startTarget, type Target } from './target.ts'

let target: Target
let ann: Person
beforeAll(async () => {
  target = await startTarget({ config: { 'auth.session_policy': 'many' } })
  ann = await target.person('ann')
})
afterAll(() => target.close())

let ids = 0
const text = (to: object, words = `x ${bodyMark}`): object => ({
  client_msg_id: `c${ids++}`,
  msg_type: 1,
  content: { text: words },
  ...to,
})

describe('A28 lines that are not ours', () => {
  const breaks = [
    '\r\nSet-Cookie: a=b',
    '\n{"level":50,"msg":"forged"}',
    '\u001b[2J\u001b]0;owned\u0007',
    '\u0085forged',
    '\u2028forged',
    '\u0000',
  ]

  it('A28 nothing that people write begins a line of the log or reaches the terminal as a command', async () => {
    const folder = `${target.dataFolder}/lines`
    const program = startProgram(['serve', '--port', '0', '--host', '127.0.0.1', '--data', folder], {
      IM_LOG__LEVEL: 'debug',
    })
    const url = await program.printed(/http:\/\/127\.0\.0\.1:\d+/)
    for (const [i, evil] of breaks.entries()) {
      await call(url, 'POST', '/auth/register', {
        user_id: `u${i}`,
        nickname: `n${evil}`,
        password: `secret of u${i}`,
      })
      const eve = await signIn(url, `u${i}`)
      await eve.put('/user/update', { nickname: `x${evil}`.slice(0, 128), extra: JSON.stringify({ evil }) })
      await eve.post('/group/create', { name: `g${evil}` })
      await eve.post('/msg/send', text({ recv_id: `u${i}`, client_msg_id: `m${evil}` }))
      const socket = await eve.socket()
      socket.write(
        JSON.stringify({ req_identifier: 1020, msg_incr: `i${evil}`, operation_id: `op${evil}`, data: {} }),
      )
      await socket.next()
      socket.write(JSON.stringify({ req_identifier: 77, msg_incr: evil, operation_id: evil, data: evil }))
      socket.raw.terminate()
      await call(url, 'GET', `/nowhere${encodeURIComponent(evil)}?${encodeURIComponent(evil)}`)
      await call(url, 'POST', '/auth/login', { user_id: `ghost${evil}`, password: 'x' })
    }
    program.child.kill('SIGTERM')
    const { code, out, err } = await program.ended
    expect(code).toBe(0)
    const lines = `${out}\n${err}`.split('\n')
    expect(
      lines
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as { msg?: string })
        .filter((l) => l.msg === 'forged'),
    ).toEqual([])
    expect(lines.filter((line) => /^\s*(Set-Cookie|forged|owned)/.test(line))).toEqual([])
    // Our own colours apart, which are used for a terminal only.
    expect([...`${out}${err}`].filter((char) => char < ' ' && char !== '\n')).toEqual([])
  })

  it('A28 nothing that people write becomes a header', async () => {
    const names = [...breaks.entries()].map(([i, evil]) => `h${i}${evil}`)
    for (const name of names) {
      for (const path of [
        `/user/profile/${encodeURIComponent(name)}`,
        `/user/search?query=${encodeURIComponent(name)}`,
        `/ws?token=${encodeURIComponent(name)}`,
      ]) {
        const answer = await fetch(target.url + path, { headers: { Authorization: `Bearer ${ann.token}` } })
        expect(answer.headers.getSetCookie()).toEqual([])
      }
    }
    const { host } = new URL(target.url)
    const origin = 'https://a.example\u0001\u000bx'
    const { said } = await exchange(
      target.url,
      `GET /health HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${origin}\r\nConnection: close\r\n\r\n`,
    )
    expect(statusesIn(said)).toEqual([400])
  })
})

describe('A31 every collection has an end', () => {
  it('A31 and a test at one beyond it: each cap is tried with a small figure', () => {
    const root = join(import.meta.dirname, '..')
    const tests = readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(test|contract)\.ts$/.test(name) && !name.startsWith('attacks'))
      .map((name) => readFileSync(join(root, name), 'utf8'))
    const missing = Object.keys(defaultCaps).filter(
      (cap) => !tests.some((source) => new RegExp(`\\b${cap}: \\d`).test(source)),
    )
    expect(missing).toEqual([])
  })

  type Try = (i: number) => Promise<{ code: number }>
  const one = { conversation_id: 'si_ann:ann', seq: 1 }
  const collections: [keyof typeof defaultCaps, Try][] = [
    ['reactionsPerUser', (i) => ann.post('/msg/react', { ...one, emoji: `e${i}` })],
    ['edits', (i) => ann.post('/msg/edit', { ...one, content: { text: `version ${i} ${bodyMark}` } })],
    ['pins', (i) => ann.post('/msg/pin', { conversation_id: 'si_ann:ann', seq: i + 1 })],
    [
      'scheduled',
      () => ann.post('/msg/schedule', { ...text({ recv_id: 'ann' }), at: Date.now() + 3_600_000 }),
    ],
  ]
  it.each(collections)('A31 %s end at their shipped cap', async (cap, attempt) => {
    if (ids < 60) for (let i = 0; i < 60; i++) await ann.post('/msg/send', text({ recv_id: 'ann' }))
    for (let i = 0; i < defaultCaps[cap]; i++) expect((await attempt(i)).code, String(i)).toBe(0)
    expect((await attempt(defaultCaps[cap])).code).toBe(1008)
  })

  it('A31 sign-ins end at their shipped cap: the oldest goes', async () => {
    const tokens: string[] = []
    for (let i = 0; i <= defaultCaps.sessions; i++) {
      const { token } = await signIn(target.url, 'ann', 7)
      target.hide(token)
      tokens.push(token)
    }
    const first = await call(target.url, 'GET', '/user/info', undefined, tokens[0])
    const second = await call(target.url, 'GET', '/user/info', undefined, tokens[1])
    ann = await target.person('ann')
    expect([first.code, second.code]).toEqual([1003, 0])
  })

  it.each<[string, number, (words: string) => Promise<{ code: number }>]>([
    ['a nickname', 128, (nickname) => ann.put('/user/update', { nickname })],
    ['an avatar', 512, (avatar) => ann.put('/user/update', { avatar })],
    ['a status', 128, (words) => ann.put('/user/status', { text: words })],
    ['a group name', 128, (name) => ann.post('/group/create', { name })],
    ['an introduction', 512, (introduction) => ann.post('/group/create', { name: 'G', introduction })],
    ['a remark', 128, (remark) => ann.put('/friend/remark', { user_id: 'bob', remark })],
    ['a request', 512, (message) => ann.post('/friend/request', { user_id: 'carl', message })],
    ['a message', 65_535, (words) => ann.post('/msg/send', text({ recv_id: 'ann' }, words))],
    [
      'a draft',
      65_535,
      (words) => ann.put('/conversation/draft', { conversation_id: 'si_ann:ann', text: words }),
    ],
    [
      'an id of a message',
      64,
      (client_msg_id) => ann.post('/msg/send', { ...text({ recv_id: 'ann' }), client_msg_id }),
    ],
    ['an emoji', 32, (emoji) => ann.post('/msg/react', { ...one, seq: 3, emoji })],
  ])('A31 %s ends after %i and not before', async (_, most, attempt) => {
    for (const id of ['bob', 'carl'])
      await call(target.url, 'POST', '/auth/register', { user_id: id, password: 'long enough' })
    expect((await attempt('x'.repeat(most))).code).toBe(0)
    expect((await attempt('x'.repeat(most + 1))).code).toBe(1001)
  })

  it('A31 no text of any operation is without a limit that somebody set', async () => {
    // What is bounded in bytes is so by its reader: each must refuse a megabyte.
    const open: [OperationName, string][] = operationNames.flatMap((name) =>
      Object.entries(
        operations[name].input.properties as Record<string, { type?: string; maxLength?: number }>,
      )
        .filter(([, field]) => field.type === 'string' && field.maxLength === undefined)
        .map(([field]): [OperationName, string] => [name, field]),
    )
    const sound = {
      user_id: 'long',
      old_password: 'x',
      new_password: 'long enough',
      password: 'long enough',
      conversation_id: 'si_ann:ann',
      name: 'G',
      group_id: '1',
    }
    for (const [name, field] of open) {
      const [route] = (operations[name] as Operation).routes
      if (!route) continue
      const answer = await call(
        target.url,
        route.method,
        route.path,
        { ...sound, [field]: '"'.repeat(1_000_000) },
        ann.token,
      )
      expect([1001, 2005, 2006, 2008, 3001, 3003], `${name}.${field}`).toContain(answer.code)
    }
  })
})

describe('A32 sizes that are only claimed', () => {
  it('A32 a body that says it is compressed is taken as it is, and refused', async () => {
    for (const bytes of [gzipSync('x'.repeat(10_000_000)), Buffer.from([0x1f, 0x8b, 8, 0])]) {
      const headers = { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' }
      const answer = await fetch(`${target.url}/auth/login`, { method: 'POST', headers, body: bytes })
      expect(answer.status).toBe(400)
    }
  })

  it('A32 a length of gigabytes is refused before anything is kept for it', async () => {
    const head = 'POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n'
    for (const length of ['4194305', '99999999999', '9007199254740993']) {
      const { said } = await exchange(target.url, `${head}Content-Length: ${length}\r\n\r\n{`)
      expect([400, 413]).toContain(statusesIn(said)[0])
    }
  })
})

describe('A45 what was taken back', () => {
  it('A45 is in no answer, list, quote, export or record any more, for nobody', async () => {
    const store = await openStore('memory:')
    const fresh = await startTarget({ store })
    const [eve, bob] = [await fresh.person('eve'), await fresh.person('bob')]
    const words = `regretted ${bodyMark}`
    const to = { recv_id: 'bob' }
    const it_ = { conversation_id: 'si_bob:eve', seq: 1 }
    await eve.post('/msg/send', text(to, words))
    await eve.post('/msg/edit', { ...it_, content: { text: `${words}, edited` } })
    await bob.post('/msg/react', { ...it_, emoji: '😮' })
    const quote = {
      client_msg_id: 'q',
      msg_type: 8,
      content: { quote: { seq: 1, text: 'really?' } },
      recv_id: 'eve',
    }
    expect((await bob.post('/msg/send', quote)).code).toBe(0)
    expect((await bob.post('/msg/pin', it_)).code).toBe(0)
    expect(await dumpStore(store)).toContain(words)
    expect((await eve.post('/msg/recall', it_)).code).toBe(0)
    expect(await dumpStore(store)).not.toContain(words)
    for (const who of [eve, bob])
      for (const path of [
        '/msg/pull?conversation_id=si_bob:eve',
        '/msg/edits?conversation_id=si_bob:eve&seq=1',
        '/msg/pins?conversation_id=si_bob:eve',
        '/msg/proofs?conversation_id=si_bob:eve',
        '/conversation/all?with_last_message=true',
        '/conversation/extras?conversation_id=si_bob:eve',
        '/sync/changes?position=0',
        '/account/export',
      ])
        expect(JSON.stringify(await who.get(path)), path).not.toContain(words)
    await fresh.close()
  })

  it('A45 a deleted account leaves neither profile, status, relations nor sign-ins', async () => {
    const store = await openStore('memory:')
    const fresh = await startTarget({ store })
    const gone = await fresh.person('gone')
    await fresh.person('bob')
    await gone.put('/user/update', {
      nickname: 'Gone Girl',
      avatar: 'https://gone.example/me.png',
      extra: '{"born":1990}',
    })
    await gone.put('/user/status', { text: 'leaving soon' })
    await gone.put('/friend/remark', { user_id: 'bob', remark: 'my landlord' })
    await gone.put('/conversation/draft', {
      conversation_id: 'si_bob:gone',
      text: `half a thought ${bodyMark}`,
    })
    expect((await gone.post('/account/delete', { password: 'secret of gone' })).code).toBe(0)
    const left = await dumpStore(store)
    for (const words of [
      'Gone Girl',
      'gone.example',
      '1990',
      'leaving soon',
      'my landlord',
      'half a thought',
      '$argon2',
    ])
      expect(left.split('\n').filter((line) => line.includes(words) && line.includes('gone'))).toEqual([])
    await fresh.close()
  })
})
