import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Person } from '../testing/wire.ts'
import { exchange, handshake } from './raw.ts'
import { startTarget, type Target } from './target.ts'

let target: Target
let ann: Person
beforeAll(async () => {
  target = await startTarget({ config: { 'server.allowed_origins': ['https://app.example'] } })
  ann = await target.person('ann')
})
afterAll(() => target.close())

describe('A10 pages of other origins', () => {
  const { host } = { host: () => new URL(target.url).host }
  const tricks: [string, () => string][] = [
    ['a stranger', () => 'https://evil.example'],
    ['null', () => 'null'],
    ['a sub-domain of a listed one', () => 'https://evil.app.example'],
    ['a listed one as a prefix', () => 'https://app.example.evil.com'],
    ['a listed one as a suffix', () => 'https://evilapp.example'],
    ['a listed one on another port', () => 'https://app.example:8443'],
    ['a listed one without encryption', () => 'http://app.example'],
    ['a listed one as a user name', () => 'https://app.example@evil.example'],
    ['a listed one with a path', () => 'https://app.example/x'],
    ['our host on another port', () => 'http://127.0.0.1:1'],
    ['our host as a prefix', () => `http://${host()}.evil.example`],
    ['our host as a user name', () => `http://${host()}@evil.example`],
    ['another scheme', () => `file://${host()}`],
    ['two at once', () => `https://app.example, https://evil.example`],
    ['nothing but a space', () => 'https://evil.example '],
  ]
  it.each(tricks)('A10 a socket from %s is refused and no answer may be read there', async (_, origin) => {
    expect(await handshake(target.url, ann.token, `Origin: ${origin()}\r\n`)).toBe(403)
    const { said } = await exchange(
      target.url,
      `GET /health HTTP/1.1\r\nHost: ${host()}\r\nOrigin: ${origin()}\r\nConnection: close\r\n\r\n`,
    )
    const allowed = /access-control-allow-origin: (.*)\r\n/i.exec(said)?.[1]
    expect([undefined, 'https://app.example']).toContain(allowed)
    expect(allowed === origin()).toBe(false)
  })

  it('A10 a listed origin and our own are let in, in any letter case', async () => {
    expect(await handshake(target.url, ann.token, 'Origin: https://APP.example\r\n')).toBe(101)
    expect(await handshake(target.url, ann.token, `Origin: ${target.url}\r\n`)).toBe(101)
  })

  it('A10 every origin is let in only where * stands in the configuration, and then without credentials', async () => {
    const open = await startTarget({ config: { 'server.allowed_origins': ['*'] } })
    const answer = await fetch(`${open.url}/health`, { headers: { Origin: 'https://evil.example' } })
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull()
    await open.close()
  })
})

describe('A11 cookies', () => {
  it('A11 are never set and open nothing', async () => {
    const signed = await fetch(`${target.url}/auth/login`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ user_id: 'ann', password: 'secret of ann', platform_id: 8 }),
    })
    expect(signed.headers.getSetCookie()).toEqual([])
    const cookie = `token=${ann.token}; Authorization=Bearer ${ann.token}; session=${ann.token}`
    const answer = await fetch(`${target.url}/user/info`, { headers: { Cookie: cookie } })
    expect(answer.status).toBe(401)
    expect(await handshake(target.url, '', `Cookie: ${cookie}\r\n`)).toBe(401)
  })

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
    'A11 a form cannot post: %s is refused',
    async (type) => {
      const answer = await fetch(`${target.url}/group/create`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${ann.token}`, 'Content-Type': type },
        body: '{"name":"x"}',
      })
      expect(answer.status).toBe(400)
    },
  )
})
