import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Operation, operationNames, operations } from '@nexo-im/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPasswords } from '../auth.ts'
import { createLimit } from '../core/limits.ts'
import { manualClock } from '../testing/clock.ts'
import { call, type Person, signIn } from '../testing/wire.ts'
import { exchange, handshake } from './raw.ts'
import { startTarget, type Target } from './target.ts'

let target: Target
let ann: Person
beforeAll(async () => {
  target = await startTarget({ onFile: true })
  ann = await target.person('ann')
})
afterAll(() => target.close())

const login = (user_id: string, password: string, on = target) =>
  call(on.url, 'POST', '/auth/login', { user_id, password, platform_id: 7 })

describe('A2 secrets', () => {
  const release = (secret: string) => ({ 'jwt.secret': secret, 'server.mode': 'release' as const })
  it.each([
    'openIM123',
    'your-secret-key',
    'changeme',
    'x'.repeat(31),
    '0123456789abcdef0123456789abcde',
    ' '.repeat(40),
    'ab'.repeat(30),
  ])('A2 a release does not start with the secret %j', async (secret) => {
    await expect(startTarget({ config: release(secret) })).rejects.toThrow(/jwt\.secret/)
  })

  it('A2 without one, each service makes its own, long and random', async () => {
    const made = []
    for (let i = 0; i < 2; i++) {
      const fresh = await startTarget({ onFile: true, config: { 'server.mode': 'release' } })
      made.push(readFileSync(join(fresh.dataFolder, 'token.secret'), 'utf8').trim())
      await fresh.close()
    }
    expect(made[0]).not.toBe(made[1])
    for (const secret of made) expect(new Set(secret).size).toBeGreaterThan(20)
  })
})

describe('A4 tokens by an id alone', () => {
  it('A4 only a password or a refresh token is ever answered with a token', () => {
    const givers = operationNames.filter((name) =>
      /"(?:token|refresh_token|secret|password_hash)":\{/.test(
        JSON.stringify((operations[name] as Operation).output),
      ),
    )
    // The links are invitations into a group, made for whoever may let others in.
    expect(givers).toEqual(['auth.login', 'auth.refresh', 'group.create_link', 'group.links'])
  })

  it.each([
    '/auth/get_user_token',
    '/auth/get_admin_token',
    '/auth/user_token',
    '/user/token',
    '/admin',
    '/operator/ban',
    '/operator.ban',
  ])('A4 there is no %s on the public door', async (path) => {
    for (const token of [undefined, ann.token])
      expect(
        await call(target.url, 'POST', path, { user_id: 'bob', secret: 'openIM123' }, token),
      ).toMatchObject({
        status: 404,
      })
  })

  it('A4 nobody asks for operator work over a socket, whatever number the frame has', async () => {
    const socket = await ann.socket()
    const known = new Set(operationNames.map((name) => (operations[name] as Operation).frame))
    const unknown = Array.from({ length: 300 }, (_, i) => 1000 + i).filter((id) => !known.has(id))
    const answers = await Promise.all(unknown.map((id) => socket.ask(id, { user_id: 'bob' })))
    await socket.close()
    expect(new Set(answers.map((answer) => answer.code))).toEqual(new Set([5003]))
  })
})

describe('A5 replay', () => {
  const platforms = { web: 5, phone: 1 }
  type End = (who: Person) => Promise<unknown>
  const ends: [string, End, dead?: readonly number[]][] = [
    ['a logout', (who) => who.post('/auth/logout')],
    ['a login on the same platform', (who) => signIn(target.url, who.id, platforms.web)],
    [
      'a kick by the operator',
      (who) => target.service.operate('operator.revoke_sessions', { user_id: who.id }),
    ],
    ['a ban', (who) => target.service.operate('operator.ban', { user_id: who.id }), [1004]],
    ['a deletion', (who) => who.post('/account/delete', { password: `secret of ${who.id}` })],
    [
      'a change of the password elsewhere',
      async (who) => {
        const phone = await signIn(target.url, who.id, platforms.phone)
        target.hide('another good secret')
        const change = { old_password: `secret of ${who.id}`, new_password: 'another good secret' }
        expect((await phone.post('/auth/change_password', change)).code).toBe(0)
      },
    ],
    [
      'a word of another device',
      async (who) => {
        const phone = await signIn(target.url, who.id, platforms.phone)
        expect((await phone.post('/session/revoke_others')).code).toBe(0)
      },
    ],
  ]
  it.each(ends)(
    'A5 after %s neither token, refresh token nor socket lives on',
    async (_, end, dead = [1003]) => {
      const id = `replay-${ends.findIndex(([, e]) => e === end)}`
      await target.person(id, 9)
      const { data } = await call(target.url, 'POST', '/auth/login', {
        user_id: id,
        password: `secret of ${id}`,
        platform_id: platforms.web,
      })
      const { token, refresh_token } = data as { token: string; refresh_token: string }
      target.hide(token)
      target.hide(refresh_token)
      const who: Person = {
        ...ann,
        id,
        token,
        post: (path, body) => call(target.url, 'POST', path, body, token) as never,
      }
      const { openSocket } = await import('../testing/wire.ts')
      const socket = await openSocket(target.url, token)
      await end(who)
      expect((await socket.closed).code).toBe(4401)
      expect(dead).toContain((await call(target.url, 'GET', '/user/info', undefined, token)).code)
      expect([401, 403]).toContain(await handshake(target.url, token))
      expect(dead).toContain((await call(target.url, 'POST', '/auth/refresh', { refresh_token })).code)
    },
  )
})

describe('A6 a token in a URL', () => {
  it('A6 opens a socket and nothing else, and is in no log, error or referrer', async () => {
    expect(await handshake(target.url, ann.token)).toBe(101)
    expect(await handshake(target.url, `${ann.token}bad`)).toBe(401)
    for (const path of ['/user/info', '/nowhere', '/msg/pull']) {
      const answer = await fetch(`${target.url}${path}?token=${ann.token}`)
      expect([401, 404]).toContain(answer.status)
      expect(await answer.text()).not.toContain(ann.token)
      expect(answer.headers.get('referrer-policy')).toBe('no-referrer')
    }
    const { said } = await exchange(target.url, `GET /ws?token=${ann.token} HTTP/1.1\r\nBroken\r\n\r\n`)
    expect(said).not.toContain(ann.token)
    expect(target.logged.join('\n')).not.toContain(ann.token)
  })
})

describe('A7 guessing', () => {
  it('A7 an unknown user and a wrong password get the same answer at the same cost', async () => {
    const quiet = await startTarget({
      config: { 'auth.generic_login_errors': true, 'server.mode': 'release' },
    })
    await quiet.person('real')
    const cost = async (user_id: string): Promise<number> => {
      const before = process.cpuUsage()
      for (let i = 0; i < 6; i++)
        expect(await login(user_id, 'not the password', quiet)).toEqual({
          status: 401,
          code: 2005,
          msg: 'login failed',
          data: null,
        })
      const { user, system } = process.cpuUsage(before)
      return user + system
    }
    await cost('real')
    const [known, unknown] = [await cost('real'), await cost('ghost')]
    await quiet.close()
    // Work of the processor, hashing threads included, and not time: a busy machine changes nothing.
    expect(unknown / known).toBeGreaterThan(0.5)
    expect(unknown / known).toBeLessThan(2)
  })

  it('A7 a password counts to its last byte', async () => {
    const long = 'x'.repeat(200)
    const register = (password: string, user_id: string) =>
      call(target.url, 'POST', '/auth/register', { user_id, password })
    expect((await register(`${long}1`, 'long')).code).toBe(0)
    expect((await login('long', `${long}2`)).code).toBe(2008)
    expect((await login('long', long.slice(0, 72))).code).toBe(2008)
    expect((await login('long', `${long}1`)).code).toBe(0)
    expect((await register('password\0one', 'nul')).code).toBe(0)
    expect((await login('nul', 'password\0two')).code).toBe(2008)
    expect((await register('x'.repeat(257), 'longer')).code).toBe(1001)
  })

  it('A7 who guesses at one account waits, whatever address is claimed, and its owner’s other devices go on', async () => {
    const strict = await startTarget({ config: { 'limits.failed_logins_per_minute': 3 } })
    const owner = await strict.person('owner')
    const codes = []
    for (let i = 0; i < 5; i++) {
      const answer = await fetch(`${strict.url}/auth/login`, {
        method: 'POST',
        headers: {
          'Content-Type': 'application/json',
          'X-Forwarded-For': `203.0.113.${i}`,
          'X-Real-IP': `198.51.100.${i}`,
        },
        body: JSON.stringify({ user_id: 'owner', password: `guess ${i}` }),
      })
      codes.push(((await answer.json()) as { code: number }).code)
    }
    expect(codes).toEqual([2008, 2008, 2008, 2005, 2005])
    expect((await login('owner', 'secret of owner', strict)).code).toBe(2005)
    expect((await owner.get('/user/info')).code).toBe(0)
    await strict.close()
  })

  it('A7 asking for two hundred thousand other names does not make tries be forgotten', () => {
    const limit = createLimit(manualClock(), 3)
    for (let i = 0; i < 3; i++) limit.take('victim')
    for (let i = 0; i < 200_000; i++) limit.isSpent(`name ${i}`)
    expect(limit.isSpent('victim')).toBe(true)
  })

  it('A7 a limit that has too many keys lets the oldest go and no other', () => {
    const clock = manualClock()
    const limit = createLimit(clock, 1)
    for (let i = 0; i < 100_050; i++) limit.take(`key ${i}`)
    expect(limit.isSpent('key 100049')).toBe(true)
    expect(limit.isSpent('key 50000')).toBe(true)
    expect(limit.isSpent('key 0')).toBe(false)
  })
})

describe('A8 a flood of logins', () => {
  it('A8 waits in a queue with an end', async () => {
    const passwords = createPasswords(1, 3)
    const work = Array.from({ length: 8 }, () =>
      passwords.hash('a password').then(
        () => 'done',
        (e: { kind: string }) => e.kind,
      ),
    )
    const ended = await Promise.all(work)
    expect(ended.filter((e) => e === 'done').length).toBeGreaterThanOrEqual(3)
    expect(ended.filter((e) => e === 'too_many_requests').length).toBeGreaterThanOrEqual(3)
  })

  it('A8 keeps no send waiting', async () => {
    const order: string[] = []
    const logins = Array.from({ length: 40 }, () =>
      login('ann', 'secret of ann').then(() => order.push('login')),
    )
    const socket = await ann.socket()
    for (let i = 0; i < 5; i++) {
      const send = { client_msg_id: `flood-${i}`, recv_id: 'ann', msg_type: 1, content: { text: 'x' } }
      expect((await socket.ask(1003, send)).code).toBe(0)
    }
    order.push('sends')
    await Promise.all(logins)
    await socket.close()
    expect(order.indexOf('sends')).toBeLessThan(20)
  })
})

it('A9 a refresh token that two people use ends the sign-in for both', async () => {
  await target.person('thief')
  const { data } = await login('thief', 'secret of thief')
  const first = data as { refresh_token: string }
  target.hide(first.refresh_token)
  const renew = async (refresh_token: string) => {
    const answer = await call(target.url, 'POST', '/auth/refresh', { refresh_token })
    const pair = answer.data as { token: string; refresh_token: string } | null
    if (pair) target.hide(pair.refresh_token)
    return { code: answer.code, ...pair }
  }
  const owner = await renew(first.refresh_token)
  const again = await renew(owner.refresh_token ?? '')
  expect([owner.code, again.code]).toEqual([0, 0])
  expect((await renew(first.refresh_token)).code).toBe(1003)
  expect((await renew(again.refresh_token ?? '')).code).toBe(1003)
  expect((await call(target.url, 'GET', '/user/info', undefined, again.token)).code).toBe(1003)
})
