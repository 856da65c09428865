import {
  fitsBytes,
  ImError,
  type Input,
  isJsonText,
  isUserId,
  type KickReason,
  type User,
} from '@nexo-im/protocol'
import { accountStatus } from './account-status.ts'
import { keep } from './conflict.ts'
import type { Handlers } from './handler.ts'
import type { Stored } from './ports.ts'
import { nameKey, publicUser } from './profiles.ts'
import type { Row } from './tables.ts'
import { tellUsers } from './telling.ts'
import type { Caller, World } from './world.ts'

const sessionState = { normal: 1, kicked: 2, loggedOut: 3 } as const

/** A hash of nothing: an unknown user must cost the same time as a wrong password when errors are generic. */
const noUser =
  '$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'

export async function needUser(world: World, userId: string): Promise<Stored<'user'>> {
  const [row] = await world.store.get('user', [[userId]])
  if (!row) throw new ImError('user_not_found')
  return row
}

export async function register(world: World, caller: Caller, input: Input<'auth.register'>): Promise<User> {
  const { rules, store, clock } = world
  if (!rules.registrationOpen) throw new ImError('forbidden', { detail: 'registration is closed' })
  const userId = input.user_id ?? world.random.uuid()
  if (!isUserId(userId)) {
    throw new ImError('invalid_parameter', {
      detail: 'user_id: no colon, control character or outer white space',
    })
  }
  refusePassword(input.password, rules.passwordMinBytes)
  if (caller.address !== undefined) world.limits.registrations.take(caller.address)
  const [taken] = await store.get('user', [[userId]])
  if (taken) throw new ImError('user_exists')
  const hash = await world.passwords.hash(input.password)
  const now = clock.now()
  const row: Row<'user'> = {
    user_id: userId,
    nickname: input.nickname ?? '',
    avatar: input.avatar ?? '',
    extra: null,
    password_hash: hash,
    created_at: now,
    updated_at: now,
    status: accountStatus.normal,
    banned_until: null,
    custom_status: '',
    name_key: nameKey(input.nickname ?? userId),
    position: 0,
  }
  const verdict = await world.writer.offer({
    build: ({ position }) => ({
      expect: [{ kind: 'user', key: [userId], version: 0 }],
      put: [{ kind: 'user', row: { ...row, position } }],
    }),
  })
  if ('refusal' in verdict) throw new ImError('user_exists')
  return publicUser(row, clock)
}

function refusePassword(password: string, minBytes: number): void {
  if (!fitsBytes(password, 256))
    throw new ImError('invalid_parameter', { detail: 'password: more than 256 bytes' })
  if (fitsBytes(password, minBytes - 1)) {
    throw new ImError('invalid_parameter', { detail: `password: fewer than ${minBytes} bytes` })
  }
}

export async function login(
  world: World,
  caller: Caller,
  input: Input<'auth.login'>,
): Promise<{ token: string; user_info: User }> {
  const { limits, rules } = world
  if (caller.address !== undefined) limits.logins.take(caller.address)
  if (limits.failures.isSpent(input.user_id)) {
    throw new ImError('login_failed', { detail: 'too many failed tries, wait a minute', retryAfter: 60 })
  }
  const [user] = await world.store.get('user', [[input.user_id]])
  if (!user && !rules.genericLoginErrors) throw new ImError('user_not_found')
  const right = await world.passwords.verify(user?.password_hash ?? noUser, input.password)
  if (!user || !right) {
    limits.failures.take(input.user_id)
    throw new ImError(rules.genericLoginErrors ? 'login_failed' : 'password_wrong')
  }
  limits.failures.clear(input.user_id)
  const token = await world.turns.take(`login:${user.user_id}`, () =>
    openSession(world, user.user_id, input.platform_id ?? 0),
  )
  return { token, user_info: publicUser(user, world.clock) }
}

/** Opens a sign-in and, by policy, ends others of the user: on this platform, everywhere, or none. */
export async function openSession(world: World, userId: string, platformId: number): Promise<string> {
  const { store, clock, rules, random } = world
  const now = clock.now()
  const claims = {
    userId,
    platformId,
    sessionId: random.uuid(),
    expiresAt: Math.floor((now + rules.tokenLife) / 1000),
  }
  for (;;) {
    const old = await store.list('session', 'by_user', [userId])
    const ended = old.filter(
      (s) =>
        s.state === sessionState.normal &&
        (rules.sessionPolicy === 'one_in_all' ||
          (rules.sessionPolicy === 'one_per_platform' && s.platform_id === platformId)),
    )
    // Rows of tokens that ran out tell nothing any more: a login is when they are swept.
    const gone = old.filter((s) => s.expires_at < now && !ended.includes(s))
    const row = {
      session_id: claims.sessionId,
      user_id: userId,
      platform_id: platformId,
      state: sessionState.normal,
      created_at: now,
      expires_at: claims.expiresAt * 1000,
      device_name: '',
      generation: 0,
      refreshed_at: now,
    }
    const verdict = await world.writer.offer({
      build: () => ({
        expect: ended.map((s) => ({ kind: 'session', key: [s.session_id], version: s.version })),
        put: [
          { kind: 'session', row },
          ...ended.map((s) => ({
            kind: 'session' as const,
            row: { ...bare(s), state: sessionState.kicked },
          })),
        ],
        remove: gone.map((s) => ({ kind: 'session', key: [s.session_id] })),
      }),
      kept: () => {
        for (const s of ended) closeSockets(world, s.session_id, userId, 'login')
      },
    })
    if (!('refusal' in verdict)) return world.tokens.sign(claims)
  }
}

function bare({ version: _, ...row }: Stored<'session'>): Omit<Stored<'session'>, 'version'> {
  return row
}

function closeSockets(world: World, sessionId: string, userId: string, reason: KickReason): void {
  for (const socket of [...world.presence.of(userId)]) if (socket.sessionId === sessionId) socket.kick(reason)
}

export async function logout(world: World, caller: Caller): Promise<null> {
  for (;;) {
    const [session] = await world.store.get('session', [[caller.sessionId]])
    if (!session || session.state !== sessionState.normal) throw new ImError('unauthorized')
    const verdict = await world.writer.offer({
      build: () => ({
        expect: [{ kind: 'session', key: [session.session_id], version: session.version }],
        put: [{ kind: 'session', row: { ...bare(session), state: sessionState.loggedOut } }],
      }),
    })
    if ('refusal' in verdict) continue
    // The answer to a logout asked over the socket itself leaves first.
    world.clock.soon(() => closeSockets(world, caller.sessionId, caller.userId, 'logout'))
    return null
  }
}

/**
 * A token to the caller it stands for. Throws 2001 for a token that was never ours, 2002 when it ran out,
 * 1003 when its session ended (nexo-wire sections 1 and 2). Asked for every request and every handshake.
 */
export async function authenticate(world: World, token: string): Promise<Caller & { expiresAt: number }> {
  const claims = await world.tokens.verify(token)
  const [session] = await world.store.get('session', [[claims.sessionId]])
  if (!session) throw new ImError('token_invalid', { detail: 'the session is not known here' })
  if (session.user_id !== claims.userId || session.platform_id !== claims.platformId) {
    throw new ImError('token_invalid', { detail: 'the token does not fit its session' })
  }
  if (session.state !== sessionState.normal) throw new ImError('unauthorized')
  return {
    userId: claims.userId,
    sessionId: claims.sessionId,
    platformId: claims.platformId,
    expiresAt: session.expires_at,
  }
}

/** Closes open sockets whose sign-in ended somewhere this node was not told of. */
export async function recheckSockets(world: World): Promise<void> {
  const sockets = [...world.presence.all()]
  for (let i = 0; i < sockets.length; i += 500) {
    const some = sockets.slice(i, i + 500)
    const rows = await world.store.get(
      'session',
      some.map((s) => [s.sessionId]),
    )
    some.forEach((socket, at) => {
      if (rows[at]?.state !== sessionState.normal) socket.kick('revoked')
    })
  }
}

export async function update(world: World, caller: Caller, input: Input<'user.update'>): Promise<User> {
  const { extra } = input
  if (extra !== undefined && !(fitsBytes(extra, 65_535) && isJsonText(extra))) {
    throw new ImError('invalid_parameter', { detail: 'extra: JSON text of at most 65,535 bytes is required' })
  }
  const { version, ...row } = await needUser(world, caller.userId)
  const next = {
    ...row,
    nickname: input.nickname ?? row.nickname,
    avatar: input.avatar ?? row.avatar,
    extra: extra ?? row.extra,
    name_key: nameKey(input.nickname ?? (row.nickname || row.user_id)),
    updated_at: world.clock.now(),
  }
  await keep(world, {
    build: ({ position }) => ({
      expect: [{ kind: 'user', key: [row.user_id], version }],
      put: [{ kind: 'user', row: { ...next, position } }],
    }),
    kept: (_, { position }) =>
      tellUsers(world, [row.user_id], [{ position, profile: publicUser(next, world.clock) }], caller.session),
  })
  return publicUser(next, world.clock)
}

/** In the order asked; unknown ones are left out. */
export async function batchInfo(world: World, userIds: readonly string[]): Promise<User[]> {
  const rows = await world.store.get(
    'user',
    userIds.map((id) => [id]),
  )
  return rows.flatMap((row) => (row ? [publicUser(row, world.clock)] : []))
}

export const accountHandlers = {
  'auth.register': register,
  'auth.login': login,
  'auth.logout': logout,
  'user.info': async (world, caller) => publicUser(await needUser(world, caller.userId), world.clock),
  'user.profile': async (world, _, input) => publicUser(await needUser(world, input.user_id), world.clock),
  'user.update': update,
  'user.batch_info': (world, _, input) => batchInfo(world, input.user_ids),
  'presence.get': (world, _, input) => input.user_ids.map(world.presence.online),
  'presence.subscribe': (world, caller, input) => {
    if (!caller.session) throw new ImError('invalid_protocol', { detail: 'only a socket can be told' })
    world.presence.subscribe(caller.session, input.user_ids)
    return input.user_ids.map(world.presence.online)
  },
} satisfies Partial<Handlers>
