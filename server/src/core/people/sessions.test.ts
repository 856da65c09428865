import { describe, expect, it } from 'vitest'
import { type TestCore, testCore } from '../../testing/domain/core.ts'
import { connect, device } from '../../testing/domain/device.ts'
import { defaultCaps } from '../caps.ts'
import { stranger } from '../dispatch.ts'
import type { Rules } from '../world.ts'
import { createAccount } from './accounts.ts'
import { authenticate, openSession, recheckSockets } from './sign-ins.ts'

const nobody = stranger(undefined)

async function setUp(rules: Partial<Rules> = {}): Promise<TestCore> {
  const core = await testCore({ rules, limits: { loginsPerMinute: 3, registrationsPerMinute: 2 } })
  await core.person('ann')
  return core
}

const lives = (core: TestCore, token: string): Promise<boolean> =>
  authenticate(core.world, token).then(
    () => true,
    () => false,
  )
const refresh = (core: TestCore, refresh_token: string) =>
  core.dispatch(nobody, 'auth.refresh', { refresh_token })

describe('a sign-in', () => {
  it('ended behind this node’s back closes its sockets at the next check', async () => {
    const core = await setUp()
    const phone = await device(core, 'ann')
    await recheckSockets(core.world)
    expect(phone.closed()).toBe('')
    const [row] = await core.store.list('session', 'by_user', ['ann'])
    if (!row) throw new Error('no session was stored')
    const { version: _, ...plain } = row
    await core.store.commit(() => [{ put: [{ kind: 'session', row: { ...plain, state: 2 } }] }])
    await recheckSockets(core.world)
    expect(await phone.heard()).toEqual([{ name: 'kicked', data: { reason: 'revoked', platform_id: 5 } }])
    expect(phone.closed()).toBe('4401 revoked')
  })

  it.each([
    ['many', [true, true, true]],
    ['one_per_platform', [false, true, true]],
    ['one_in_all', [false, false, true]],
  ] as const)('under the policy "%s" decides which others a login ends', async (sessionPolicy, alive) => {
    const core = await setUp({ sessionPolicy })
    const devices = []
    for (const platform_id of [5, 1, 5]) devices.push(await device(core, 'ann', { platform_id }))
    expect(await Promise.all(devices.map((d) => lives(core, d.token)))).toEqual(alive)
    for (const [i, d] of devices.entries()) {
      const told = alive[i]
        ? []
        : [{ name: 'kicked', data: { reason: 'login', platform_id: i === 1 ? 1 : 5 } }]
      expect(await d.heard()).toEqual(told)
    }
  })

  it('beyond the cap of them costs the oldest one its place, under the policy "many"', async () => {
    const core = await setUp({ sessionPolicy: 'many', caps: { ...defaultCaps, sessions: 2 } })
    const first = await device(core, 'ann')
    const second = await device(core, 'ann')
    core.clock.advance(1)
    const third = await device(core, 'ann')
    const alive = await Promise.all([first, second, third].map((d) => lives(core, d.token)))
    expect(alive.filter(Boolean)).toHaveLength(2)
    expect(alive[2]).toBe(true)
  })

  it('that ran out, or ended long ago, is swept by a later login', async () => {
    const core = await setUp({ sessionPolicy: 'one_in_all', refreshLife: 7_200_000 })
    for (let i = 0; i < 110; i++) {
      core.clock.advance(1)
      await openSession(core.world, 'ann', 5)
    }
    expect((await core.store.list('session', 'by_user', ['ann'])).length).toBeLessThanOrEqual(102)
    core.clock.advance(7_300_000)
    await openSession(core.world, 'ann', 1)
    expect(await core.store.list('session', 'by_user', ['ann'])).toHaveLength(1)
  })
})

describe('auth.refresh', () => {
  it('gives new tokens for the same sign-in; its open sockets live until the new token runs out', async () => {
    const core = await setUp()
    const phone = await device(core, 'ann')
    core.clock.advance(3_000_000)
    const fresh = await refresh(core, phone.refreshToken)
    expect(fresh.expires_at).toBe(core.clock.now() + 3_600_000)
    core.clock.advance(3_000_000)
    phone.session.heard()
    phone.session.tick(core.clock.now())
    expect(phone.closed()).toBe('')
    expect((await authenticate(core.world, fresh.token)).sessionId).toBe(phone.caller.sessionId)
    core.clock.advance(700_000)
    phone.session.heard()
    phone.session.tick(core.clock.now())
    expect(phone.closed()).toBe('4401 expired')
  })

  it('accepts the token before once more while its answer may have been lost', async () => {
    const core = await setUp()
    const phone = await device(core, 'ann')
    await refresh(core, phone.refreshToken)
    core.clock.advance(10_000)
    const again = await refresh(core, phone.refreshToken)
    expect(await lives(core, again.token)).toBe(true)
    await expect(refresh(core, phone.refreshToken)).rejects.toMatchObject({ kind: 'unauthorized' })
  })

  it('takes a token that was used before for stolen: the sign-in ends and its sockets are told', async () => {
    const core = await setUp()
    const phone = await device(core, 'ann')
    const other = await device(core, 'ann', { platform_id: 1 })
    const second = await refresh(core, phone.refreshToken)
    core.clock.advance(10_001)
    await expect(refresh(core, phone.refreshToken)).rejects.toMatchObject({ kind: 'unauthorized' })
    expect(await phone.heard()).toEqual([{ name: 'kicked', data: { reason: 'revoked', platform_id: 5 } }])
    expect(phone.closed()).toBe('4401 revoked')
    const newest = second.refresh_token ?? ''
    await expect(refresh(core, newest)).rejects.toMatchObject({ kind: 'unauthorized' })
    expect(await lives(core, second.token)).toBe(false)
    expect(await lives(core, other.token)).toBe(true)
  })

  it('asked twice at once gives two pairs, of which the later one goes on', async () => {
    const core = await setUp()
    const phone = await device(core, 'ann')
    const pairs = await Promise.all([refresh(core, phone.refreshToken), refresh(core, phone.refreshToken)])
    for (const { token } of pairs) expect(await lives(core, token)).toBe(true)
    const rows = await core.store.list('session', 'by_user', ['ann'])
    expect(rows.map((r) => r.generation)).toEqual([2])
  })

  it('moves the end of the sign-in on: a device that refreshes stays signed in beyond the first term', async () => {
    const core = await setUp({ refreshLife: 7_200_000 })
    const phone = await device(core, 'ann')
    core.clock.advance(7_000_000)
    const { token } = await refresh(core, phone.refreshToken)
    core.clock.advance(3_500_000)
    await openSession(core.world, 'ann', 1)
    expect(await lives(core, token)).toBe(true)
  })

  it('refuses what is no refresh token, and a refresh token opens nothing else', async () => {
    const core = await setUp()
    const phone = await device(core, 'ann')
    await expect(refresh(core, phone.token)).rejects.toMatchObject({ kind: 'token_invalid' })
    await expect(authenticate(core.world, phone.refreshToken)).rejects.toMatchObject({
      kind: 'token_invalid',
    })
  })
})

describe('sockets of a sign-in', () => {
  it('are all told when it ends, and no other one', async () => {
    const core = await setUp({ sessionPolicy: 'many' })
    const phone = await device(core, 'ann')
    const tab = await connect(core, phone.token)
    const laptop = await device(core, 'ann')
    await core.dispatch(laptop.caller, 'session.revoke', { session_id: phone.caller.sessionId })
    for (const d of [phone, tab]) expect((await d.heard())[0]?.data).toMatchObject({ reason: 'revoked' })
    expect(await laptop.heard()).toEqual([])
    expect(core.world.presence.of('ann')).toEqual([laptop.session])
  })

  it('that end their own sign-in hear the answer before they are closed, and ask nothing more', async () => {
    const core = await setUp()
    const phone = await device(core, 'ann')
    await core.dispatch(phone.caller, 'session.revoke', { session_id: phone.caller.sessionId })
    expect(phone.closed()).toBe('')
    const late = core.dispatch(phone.caller, 'user.info', {})
    await expect(late).rejects.toMatchObject({ kind: 'unauthorized' })
    await phone.heard()
    expect(phone.closed()).toBe('4401 revoked')
  })
})

describe('the doors to an account', () => {
  it('are limited a minute at a time for one address', async () => {
    const core = await setUp()
    const from = stranger('203.0.113.7')
    const enter = () => core.dispatch(from, 'auth.login', { user_id: 'ann', password: 'secret of ann' })
    for (let i = 0; i < 3; i++) await enter()
    await expect(enter()).rejects.toMatchObject({ kind: 'too_many_requests', retryAfter: 60 })
    core.clock.advance(60_000)
    await enter()
    const make = (user_id: string) => core.dispatch(from, 'auth.register', { user_id, password: 'password' })
    await make('b')
    await make('c')
    await expect(make('d')).rejects.toMatchObject({ kind: 'too_many_requests' })
  })

  it('say one thing for unknown user and wrong password when errors are generic', async () => {
    const core = await setUp({ genericLoginErrors: true })
    for (const user_id of ['ann', 'ghost']) {
      const attempt = core.dispatch(nobody, 'auth.login', { user_id, password: 'wrong password' })
      await expect(attempt).rejects.toMatchObject({ kind: 'login_failed' })
    }
  })

  it('let nobody new in while registration is closed, but whom the operator makes', async () => {
    const core = await testCore({ rules: { registrationOpen: false } })
    const attempt = core.dispatch(nobody, 'auth.register', { user_id: 'new', password: 'password' })
    await expect(attempt).rejects.toMatchObject({ kind: 'forbidden' })
    await createAccount(core.world, { user_id: 'new', password: 'password' })
    await core.dispatch(nobody, 'auth.login', { user_id: 'new', password: 'password' })
  })
})
