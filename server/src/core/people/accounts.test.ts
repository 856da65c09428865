import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Harness, startHarness } from '../../testing/harness.ts'
import { call, signIn, signUp } from '../../testing/wire.ts'

let server: Harness
beforeAll(async () => {
  server = await startHarness({ onFile: true })
})
afterAll(() => server.stop())

const register = (body: unknown) => call(server.url, 'POST', '/auth/register', body)
const login = (body: unknown) => call(server.url, 'POST', '/auth/login', body)

describe('registration', () => {
  it('makes an account that works at once and never shows the password', async () => {
    const made = await register({ user_id: 'reg1', nickname: 'Reg', password: 'eight by', avatar: 'a.png' })
    expect(made).toMatchObject({ status: 200, code: 0, msg: 'success' })
    expect(made.data).toMatchObject({ id: 'reg1', user_id: 'reg1', nickname: 'Reg', avatar: 'a.png' })
    expect(JSON.stringify(made)).not.toMatch(/argon|eight by/)
    expect((await login({ user_id: 'reg1', password: 'eight by', platform_id: 1 })).code).toBe(0)
  })

  it('gives a UUID to who names no id, and shows the id to who names no nickname', async () => {
    const { data } = await register({ password: 'eight by' })
    expect((data as { id: string }).id).toMatch(/^[0-9a-f-]{36}$/)
    expect((data as { nickname: string }).nickname).toBe((data as { id: string }).id)
  })

  it('refuses a taken id with 2007, also under a race', async () => {
    const race = await Promise.all(
      Array.from({ length: 8 }, () => register({ user_id: 'race', password: 'eight by' })),
    )
    expect(race.filter((r) => r.code === 0)).toHaveLength(1)
    const refused = race.filter((r) => r.code !== 0)
    expect(refused.map((r) => [r.status, r.code])).toEqual(Array(7).fill([409, 2007]))
  })

  it.each([
    [{ password: 'short' }],
    [{ password: 'x'.repeat(257) }],
    [{ password: '' }],
    [{}],
    [{ user_id: 'a:b', password: 'eight by' }],
    [{ user_id: ' a', password: 'eight by' }],
    [{ user_id: 'a\u0007', password: 'eight by' }],
    [{ user_id: 'x'.repeat(65), password: 'eight by' }],
    [{ user_id: 7, password: 'eight by' }],
    [{ user_id: { $ne: null }, password: 'eight by' }],
    [{ user_id: 'ok', password: ['eight by'] }],
    [{ user_id: 'ok', nickname: 'n'.repeat(129), password: 'eight by' }],
  ])('refuses %j with 1001', async (body) => {
    expect(await register(body)).toMatchObject({ status: 400, code: 1001, data: null })
  })

  it('counts a password in bytes: eight bytes of Chinese are enough, 256 are the end', async () => {
    expect((await register({ user_id: 'cn', password: '密码密' })).code).toBe(0)
    expect((await register({ user_id: 'long', password: 'é'.repeat(128) })).code).toBe(0)
    expect((await register({ user_id: 'longer', password: `${'é'.repeat(128)}x` })).code).toBe(1001)
  })
})

describe('login', () => {
  it('answers a token and the own user; a wrong password is 2008, an unknown user 2006', async () => {
    await signUp(server.url, 'log1')
    expect(await login({ user_id: 'log1', password: 'wrong one' })).toMatchObject({ status: 401, code: 2008 })
    expect(await login({ user_id: 'log1', password: 'x' })).toMatchObject({ status: 401, code: 2008 })
    expect(await login({ user_id: 'ghost', password: 'wrong one' })).toMatchObject({
      status: 404,
      code: 2006,
    })
    expect(await login({ user_id: 'log1', password: 'secret of log1', platform_id: 12 })).toMatchObject({
      code: 1001,
    })
  })

  it('makes who guesses passwords wait', async () => {
    await signUp(server.url, 'victim')
    for (let i = 0; i < 10; i++) await login({ user_id: 'victim', password: 'guess' })
    expect(await login({ user_id: 'victim', password: 'secret of victim' })).toMatchObject({
      status: 401,
      code: 2005,
    })
  })

  it('ends the older session of the same platform only', async () => {
    const web = await signUp(server.url, 'multi', 5)
    const phone = await signIn(server.url, 'multi', 1)
    const webAgain = await signIn(server.url, 'multi', 5)
    expect(await web.get('/user/info')).toMatchObject({ status: 401, code: 1003 })
    expect((await phone.get('/user/info')).code).toBe(0)
    expect((await webAgain.get('/user/info')).code).toBe(0)
  })

  it('leaves one session when many logins race on one platform', async () => {
    await signUp(server.url, 'racer')
    const people = await Promise.all(Array.from({ length: 6 }, () => signIn(server.url, 'racer', 5)))
    const codes = await Promise.all(people.map(async (p) => (await p.get('/user/info')).code))
    expect(codes.filter((c) => c === 0)).toHaveLength(1)
  })

  it('survives a restart, and so does a logout', async () => {
    const stays = await signUp(server.url, 'stays')
    const goes = await signUp(server.url, 'goes')
    await goes.post('/auth/logout')
    const { dataFolder } = server
    await server.service.getServer().stop()
    server = await startHarness({ dataFolder })
    const info = (token: string) => call(server.url, 'GET', '/user/info', undefined, token)
    expect((await info(stays.token)).code).toBe(0)
    expect((await info(goes.token)).code).toBe(1003)
  })
})

describe('token', () => {
  const claims = { user_id: 'tok', platform_id: 5 }
  async function forged(
    secret: string,
    alg: string,
    change: (jwt: SignJWT) => SignJWT = (j) => j,
    payload: Record<string, unknown> = claims,
  ): Promise<string> {
    const now = Math.floor(Date.now() / 1000)
    const jwt = new SignJWT(payload)
      .setProtectedHeader({ alg })
      .setIssuer('nexo-im')
      .setJti('nobody')
      .setIssuedAt(now)
      .setNotBefore(now)
      .setExpirationTime(now + 60)
    return change(jwt).sign(new TextEncoder().encode(secret))
  }
  const code = async (token: string): Promise<number> =>
    (await call(server.url, 'GET', '/user/info', undefined, token)).code

  it('is refused when it is garbage, unsigned, foreign, of another algorithm or of an unknown session', async () => {
    const { token } = await signUp(server.url, 'tok')
    const secret = readFileSync(join(server.dataFolder, 'token.secret'), 'utf8').trim()
    const [head, body] = token.split('.')
    const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')
    expect(await code('garbage')).toBe(2001)
    expect(await code(`${none}.${body}.`)).toBe(2001)
    expect(await code(`${head}.${body}.${'A'.repeat(43)}`)).toBe(2001)
    expect(await code(await forged('x'.repeat(32), 'HS256'))).toBe(2001)
    expect(await code(await forged(secret, 'HS512'))).toBe(2001)
    expect(await code(await forged(secret, 'HS256'))).toBe(2001)
    expect(await code(await forged(secret, 'HS256', (j) => j.setIssuer('other')))).toBe(2001)
    expect(await code(await forged(secret, 'HS256', (j) => j, { user_id: 7, platform_id: '5' }))).toBe(2001)
    expect(await code(token)).toBe(0)
  })

  it('that ran out is 2002, one that is not yet valid 2001', async () => {
    const secret = readFileSync(join(server.dataFolder, 'token.secret'), 'utf8').trim()
    const now = Math.floor(Date.now() / 1000)
    expect(await code(await forged(secret, 'HS256', (j) => j.setExpirationTime(now - 1)))).toBe(2002)
    expect(await code(await forged(secret, 'HS256', (j) => j.setNotBefore(now + 100)))).toBe(2001)
  })

  it('is asked for by header: none 2003, another scheme 2001, any letter case of Bearer', async () => {
    const { token } = await signUp(server.url, 'hdr')
    const ask = async (header?: string): Promise<number> => {
      const headers = header === undefined ? {} : { Authorization: header }
      const answer = await fetch(`${server.url}/user/info`, { headers })
      return ((await answer.json()) as { code: number }).code
    }
    expect(await ask()).toBe(2003)
    expect(await ask(`Basic ${token}`)).toBe(2001)
    expect(await ask('Bearer ')).toBe(2001)
    expect(await ask(`bEaReR ${token}`)).toBe(0)
  })
})

describe('profile', () => {
  it('is updated field by field; an empty field stays, extra is kept byte for byte', async () => {
    const ann = await signUp(server.url, 'prof')
    const extra = '{ "b":1,\n"a" : [ ] }'
    await ann.put('/user/update', { nickname: 'Ann', extra })
    const { data } = await ann.put('/user/update', { nickname: '', avatar: 'x' })
    expect(data).toMatchObject({ nickname: 'Ann', avatar: 'x', extra })
    expect(await ann.put('/user/update', { extra: '{' })).toMatchObject({ code: 1001 })
  })

  it('of others is found by id, several in the order asked, unknown ones left out', async () => {
    const ann = await signUp(server.url, 'prof2')
    await signUp(server.url, 'prof3')
    expect((await ann.get('/user/profile/prof3')).data).toMatchObject({ user_id: 'prof3' })
    expect(await ann.get('/user/profile/ghost')).toMatchObject({ status: 404, code: 2006 })
    const { data } = await ann.post<{ id: string }[]>('/user/batch_info', {
      user_ids: ['prof3', 'ghost', 'prof2'],
    })
    expect(data.map((u) => u.id)).toEqual(['prof3', 'prof2'])
  })
})
