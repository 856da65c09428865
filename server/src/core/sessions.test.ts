import { expect, it } from 'vitest'
import { testCore } from '../testing/core.ts'
import { authenticate, login, openSession, recheckSockets, register } from './accounts.ts'
import { stranger } from './dispatch.ts'
import { type Encoder, Session } from './session.ts'
import type { Rules } from './world.ts'

const encoder: Encoder = {
  name: 'test',
  message: () => 'm',
  event: (name, data) => `${name}${JSON.stringify(data)}`,
}

async function setUp(rules: Partial<Rules> = {}) {
  let ids = 0
  const core = await testCore({ rules, limits: { loginsPerMinute: 3, registrationsPerMinute: 2 } })
  const { clock, store } = core
  const { world } = core
  await register(world, stranger(undefined), { user_id: 'ann', password: 'password' })
  const connect = async (token: string) => {
    const caller = await authenticate(world, token)
    const written: string[] = []
    const state = { closed: '' }
    const session = new Session({
      ...caller,
      connId: `c${ids++}`,
      encoder,
      clock,
      dirty: world.router.dirty,
      limits: {
        waitingFrames: 256,
        waitingBytes: 1e6,
        pongWait: 30_000,
        pingPeriod: 27_000,
        stallLimit: 30_000,
      },
      link: {
        write: (frames) => void written.push(...(frames as string[])),
        close: (code, reason) => {
          state.closed = `${code} ${reason}`
        },
        ping: () => undefined,
        buffered: 0,
      },
    })
    world.presence.add(session)
    return { session, written, state }
  }
  return { world, clock, store, connect }
}

it('a session ended behind this node’s back closes its sockets at the next check', async () => {
  const { world, store, connect } = await setUp()
  const { state, written } = await connect(await openSession(world, 'ann', 5))
  await recheckSockets(world)
  expect(state.closed).toBe('')
  const [row] = await store.list('session', 'by_user', ['ann'])
  if (!row) throw new Error('no session was stored')
  const { version: _, ...plain } = row
  await store.commit([{ put: [{ kind: 'session', row: { ...plain, state: 2 } }] }])
  await recheckSockets(world)
  expect(written).toEqual(['kicked{"reason":"revoked","platform_id":5}'])
  expect(state.closed).toBe('4401 revoked')
})

it.each([
  ['many', [true, true, true]],
  ['one_per_platform', [false, true, true]],
  ['one_in_all', [false, false, true]],
] as const)('the policy "%s" decides which sessions a login ends', async (sessionPolicy, alive) => {
  const { world } = await setUp({ sessionPolicy })
  const tokens: string[] = []
  for (const platform of [5, 1, 5]) tokens.push(await openSession(world, 'ann', platform))
  const lives = tokens.map((t) =>
    authenticate(world, t).then(
      () => true,
      () => false,
    ),
  )
  expect(await Promise.all(lives)).toEqual(alive)
})

it('rows of tokens that ran out are swept by a later login', async () => {
  const { world, clock, store } = await setUp({ sessionPolicy: 'many' })
  await openSession(world, 'ann', 5)
  clock.advance(3_700_000)
  await openSession(world, 'ann', 1)
  expect(await store.list('session', 'by_user', ['ann'])).toHaveLength(1)
})

it('logins and registrations of one address are limited a minute at a time', async () => {
  const { world, clock } = await setUp()
  const from = stranger('203.0.113.7')
  const enter = () => login(world, from, { user_id: 'ann', password: 'password' })
  for (let i = 0; i < 3; i++) await enter()
  await expect(enter()).rejects.toMatchObject({ kind: 'too_many_requests', retryAfter: 60 })
  clock.advance(60_000)
  await enter()
  const make = (user_id: string) => register(world, from, { user_id, password: 'password' })
  await make('b')
  await make('c')
  await expect(make('d')).rejects.toMatchObject({ kind: 'too_many_requests' })
})

it('says one thing for unknown user and wrong password when errors are generic', async () => {
  const { world } = await setUp({ genericLoginErrors: true })
  for (const user_id of ['ann', 'ghost']) {
    const attempt = login(world, stranger(undefined), { user_id, password: 'wrong password' })
    await expect(attempt).rejects.toMatchObject({ kind: 'login_failed' })
  }
})

it('takes nobody new while registration is closed', async () => {
  const { world } = await setUp()
  const closed = { ...world, rules: { ...world.rules, registrationOpen: false } }
  const attempt = register(closed, stranger(undefined), { user_id: 'new', password: 'password' })
  await expect(attempt).rejects.toMatchObject({ kind: 'forbidden' })
})
