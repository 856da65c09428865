import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Harness, startHarness } from '../../testing/harness.ts'
import { call, openSocket, signIn, signUp } from '../../testing/wire.ts'

let server: Harness
beforeAll(async () => {
  server = await startHarness({ onFile: true })
})
afterAll(() => server.stop())

interface Tokens {
  token: string
  refresh_token: string
  expires_at: number
}
const login = async (id: string, more: object = {}): Promise<Tokens> =>
  (
    await call(server.url, 'POST', '/auth/login', {
      user_id: id,
      password: `secret of ${id}`,
      platform_id: 5,
      ...more,
    })
  ).data as Tokens
const refresh = (refresh_token: string) => call(server.url, 'POST', '/auth/refresh', { refresh_token })
const info = async (token: string): Promise<number> =>
  (await call(server.url, 'GET', '/user/info', undefined, token)).code

describe('refreshing', () => {
  it('keeps an open socket and the sign-in, and says when the new token runs out', async () => {
    await signUp(server.url, 'ref1')
    const first = await login('ref1')
    const socket = await openSocket(server.url, first.token)
    const { code, data } = await refresh(first.refresh_token)
    const second = data as Tokens
    expect(code).toBe(0)
    expect(second.expires_at).toBeGreaterThan(Date.now() + 167 * 3_600_000)
    expect(await info(second.token)).toBe(0)
    expect((await socket.ask(1020, {})).code).toBe(0)
    await socket.close()
  })

  it('with a token that was used before ends the sign-in: sockets get 2002 and 4401, the tokens 1003', async () => {
    await signUp(server.url, 'ref2')
    const first = await login('ref2')
    const socket = await openSocket(server.url, first.token)
    const second = (await refresh(first.refresh_token)).data as Tokens
    const third = (await refresh(second.refresh_token)).data as Tokens
    expect(await refresh(first.refresh_token)).toMatchObject({ status: 401, code: 1003 })
    expect(await socket.next()).toMatchObject({ id: 2002, data: { reason: 'revoked', platform_id: 5 } })
    expect((await socket.closed).code).toBe(4401)
    expect(await info(third.token)).toBe(1003)
    expect(await refresh(third.refresh_token)).toMatchObject({ code: 1003 })
  })

  it('tells the two kinds of token apart, over REST and on the socket', async () => {
    await signUp(server.url, 'ref3')
    const { token, refresh_token } = await login('ref3')
    expect(await refresh(token)).toMatchObject({ status: 401, code: 2001 })
    expect(await info(refresh_token)).toBe(2001)
    await expect(openSocket(server.url, refresh_token)).rejects.toThrow('401')
    expect(await refresh('garbage')).toMatchObject({ code: 2001 })
    expect(await refresh('')).toMatchObject({ code: 1001 })
  })
})

it('nothing that opens an account is kept: no token, no signature of one, no password', async () => {
  await signUp(server.url, 'kept')
  const { token, refresh_token } = await login('kept', { device_name: 'a kept device' })
  const stored = readdirSync(server.dataFolder)
    .filter((name) => name.startsWith('nexo.db'))
    .map((name) => readFileSync(join(server.dataFolder, name), 'latin1'))
    .join('')
  expect(stored).toContain('a kept device')
  const signature = (jwt: string) => jwt.split('.')[2] ?? ''
  for (const secret of [signature(token), signature(refresh_token), 'secret of kept'])
    expect(stored).not.toContain(secret)
})

describe('the list of sign-ins', () => {
  it('names device, platform and times, newest first, which is the present one and which is connected', async () => {
    await signUp(server.url, 'dev', 1)
    const laptop = await login('dev', { device_name: 'my laptop' })
    const socket = await openSocket(server.url, laptop.token)
    const { data } = await socket.ask(1012, {})
    expect(data).toMatchObject([
      { platform_id: 5, device_name: 'my laptop', is_current: true, is_online: true },
      { platform_id: 1, device_name: '', is_current: false, is_online: false },
    ])
    expect(JSON.stringify(data)).not.toContain(laptop.token)
    await socket.close()
  })

  it('ends one by its id, and nothing that is not one’s own', async () => {
    const phone = await signUp(server.url, 'rev', 1)
    const web = await signIn(server.url, 'rev', 5)
    const stranger = await signUp(server.url, 'rev-stranger')
    const { data } = await web.get<{ session_id: string; is_current: boolean }[]>('/session/list')
    const session_id = data.find((s) => !s.is_current)?.session_id
    expect((await stranger.post('/session/revoke', { session_id })).code).toBe(1005)
    expect((await web.post('/session/revoke', { session_id })).code).toBe(0)
    expect(await info(phone.token)).toBe(1003)
    expect((await web.post('/session/revoke', { session_id })).code).toBe(1005)
    expect((await web.post('/session/revoke', { session_id: 'none' })).code).toBe(1005)
  })

  it('ends all others at once', async () => {
    const phone = await signUp(server.url, 'others', 1)
    const pad = await signIn(server.url, 'others', 9)
    const web = await signIn(server.url, 'others', 5)
    expect((await web.post('/session/revoke_others')).code).toBe(0)
    expect([await info(phone.token), await info(pad.token), await info(web.token)]).toEqual([1003, 1003, 0])
  })
})

describe('changing the password', () => {
  it('ends every other sign-in, closes their sockets and keeps the own one', async () => {
    const phone = await signUp(server.url, 'pass', 1)
    const web = await signIn(server.url, 'pass', 5)
    const socket = await phone.socket()
    const body = { old_password: 'secret of pass', new_password: 'another one' }
    expect((await web.post('/auth/change_password', body)).code).toBe(0)
    expect(await socket.next()).toMatchObject({ id: 2002, data: { reason: 'revoked' } })
    expect((await socket.closed).code).toBe(4401)
    expect([await info(phone.token), await info(web.token)]).toEqual([1003, 0])
    const enter = (password: string) =>
      call(server.url, 'POST', '/auth/login', { user_id: 'pass', password, platform_id: 2 })
    expect((await enter('secret of pass')).code).toBe(2008)
    expect((await enter('another one')).code).toBe(0)
  })

  it('asks for the old one, counts wrong tries as login does, and takes no weak new one', async () => {
    const web = await signUp(server.url, 'pass2')
    const change = (old_password: string, new_password: string) =>
      web.post('/auth/change_password', { old_password, new_password })
    expect((await change('secret of pass2', 'short')).code).toBe(1001)
    expect((await change('secret of pass2', 'x'.repeat(257))).code).toBe(1001)
    for (let i = 0; i < 10; i++) expect((await change('a guess', 'another one')).code).toBe(2008)
    expect((await change('secret of pass2', 'another one')).code).toBe(2005)
    expect(await info(web.token)).toBe(0)
  })
})
