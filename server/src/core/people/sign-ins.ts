import { ImError, type Input, type KickReason, type Output, type User } from '@nexo-im/protocol'
import { insist, keep } from '../conflict.ts'
import type { Handlers } from '../handler.ts'
import type { Expectation, Put, Stored, TokenClaims } from '../ports.ts'
import type { Session } from '../session.ts'
import type { Row } from '../tables.ts'
import type { Caller, World } from '../world.ts'
import { accountStatus, isBanned } from './account-status.ts'
import { provePassword } from './credentials.ts'
import { publicUser } from './profiles.ts'

const sessionState = { normal: 1, kicked: 2, loggedOut: 3, revoked: 4 } as const

/** How long after a rotation the refresh token before is still good for once: its answer may have been lost. */
const graceAfterRefresh = 10_000
/** Rows of ended sign-ins that are kept, so that their tokens are told the truth; older ones go. */
const endedLimit = 100

export interface SignInTokens {
  readonly token: string
  readonly refresh_token: string
  /** When `token` runs out, Unix ms. */
  readonly expires_at: number
}

async function login(
  world: World,
  caller: Caller,
  input: Input<'auth.login'>,
): Promise<SignInTokens & { user_info: User }> {
  if (caller.address !== undefined) world.limits.logins.take(caller.address)
  const user = await provePassword(world, input.user_id, input.password)
  if (isBanned(user, world.clock)) throw new ImError('login_failed', { detail: 'this account is suspended' })
  const tokens = await world.turns.take(`login:${user.user_id}`, () =>
    openSession(world, user.user_id, input.platform_id ?? 0, {
      deviceName: input.device_name ?? '',
      provenHash: user.password_hash,
    }),
  )
  return { ...tokens, user_info: publicUser(user, world.clock) }
}

/**
 * Opens a sign-in and, by policy, ends others of the user: on this platform, everywhere, or those beyond the cap.
 * Throws `user_not_found`, `banned`; `password_wrong` when the password that was proven has been changed meanwhile.
 */
export function openSession(
  world: World,
  userId: string,
  platformId: number,
  { deviceName = '', provenHash }: { readonly deviceName?: string; readonly provenHash?: string } = {},
): Promise<SignInTokens> {
  return insist(async () => {
    const { store, clock, rules } = world
    const now = clock.now()
    const [user] = await store.get('user', [[userId]])
    if (!user || user.status === accountStatus.deleted) throw new ImError('user_not_found')
    if (isBanned(user, clock)) throw bannedError(user)
    if (provenHash !== undefined && user.password_hash !== provenHash)
      throw new ImError(rules.genericLoginErrors ? 'login_failed' : 'password_wrong')
    const row = {
      session_id: world.random.uuid(),
      user_id: userId,
      platform_id: platformId,
      state: sessionState.normal,
      created_at: now,
      expires_at: now + Math.max(rules.refreshLife, rules.tokenLife),
      device_name: deviceName,
      generation: 0,
      refreshed_at: now,
    }
    let old: readonly Stored<'session'>[] = []
    let ended: readonly Stored<'session'>[] = []
    await keep(world, {
      look: async () => {
        old = await store.list('session', 'by_user', [userId])
        ended = endedByLogin(world, old, platformId)
      },
      build: () => ({
        // A ban or a deletion binds every login after it.
        expect: [{ kind: 'user', key: [userId], version: user.version }],
        put: [{ kind: 'session', row }, ...endings(ended, sessionState.kicked).put],
        remove: outlived(old, ended, now).map((s) => ({ kind: 'session', key: [s.session_id] })),
      }),
      kept: () => closeSockets(world, ended, 'login'),
    })
    return signTokens(world, row)
  })
}

function endedByLogin(
  world: World,
  old: readonly Stored<'session'>[],
  platformId: number,
): Stored<'session'>[] {
  const { rules, clock } = world
  const live = old.filter((s) => isLive(s, clock.now()))
  if (rules.sessionPolicy === 'one_in_all') return live
  const ended =
    rules.sessionPolicy === 'one_per_platform' ? live.filter((s) => s.platform_id === platformId) : []
  const rest = live.filter((s) => !ended.includes(s))
  const beyond = Math.max(0, rest.length + 1 - rules.caps.sessions)
  return [...ended, ...rest.slice(0, beyond)]
}

/** Rows that tell nothing any more: a login is when they are swept. */
function outlived(
  old: readonly Stored<'session'>[],
  ended: readonly Stored<'session'>[],
  now: number,
): Stored<'session'>[] {
  const closed = old.filter((s) => s.state !== sessionState.normal && s.expires_at >= now)
  return [
    ...old.filter((s) => s.expires_at < now && !ended.includes(s)),
    ...closed.slice(0, Math.max(0, closed.length - endedLimit)),
  ]
}

function isLive(session: Row<'session'>, now: number): boolean {
  return session.state === sessionState.normal && session.expires_at >= now
}

/** Sign-ins of a user that are neither ended nor run out, oldest first. */
export async function liveSignIns(world: World, userId: string): Promise<Stored<'session'>[]> {
  const now = world.clock.now()
  return (await world.store.list('session', 'by_user', [userId])).filter((s) => isLive(s, now))
}

/** What ends these sign-ins, as a part of a change. */
export function endings(
  sessions: readonly Stored<'session'>[],
  state: number = sessionState.revoked,
): { expect: Expectation[]; put: Put[] } {
  return {
    expect: sessions.map((s) => ({ kind: 'session', key: [s.session_id], version: s.version })),
    put: sessions.map(({ version: _, ...row }) => ({ kind: 'session', row: { ...row, state } })),
  }
}

/**
 * The sockets of ended sign-ins are told why and count as gone at once.
 * @param spared the socket that asked: it is heard no more, and whoever calls kicks it after its answer
 */
export function closeSockets(
  world: World,
  sessions: readonly Row<'session'>[],
  reason: KickReason,
  spared?: Session,
): void {
  closeHere(world, sessions, reason, spared)
  const ended = sessions.map(({ user_id, session_id }) => ({ user_id, session_id }))
  if (ended.length > 0) world.relay.tell({ is: 'ended', sessions: ended, reason })
}

/** Those of this node. */
export function closeHere(
  world: World,
  sessions: readonly Pick<Row<'session'>, 'user_id' | 'session_id'>[],
  reason: KickReason,
  spared?: Session,
): void {
  for (const { user_id: userId, session_id: id } of sessions) {
    for (const socket of [...world.presence.of(userId)]) {
      if (socket.sessionId !== id) continue
      if (socket === spared) socket.isEnded = true
      else socket.kick(reason)
      world.presence.remove(socket)
    }
  }
}

/** The sockets of a sign-in on this node live as long as its newest token. */
export function renewHere(
  { presence }: Pick<World, 'presence'>,
  userId: string,
  sessionId: string,
  expiresAt: number,
): void {
  for (const socket of presence.of(userId)) if (socket.sessionId === sessionId) socket.expiresAt = expiresAt
}

/** The answer to what was asked over the socket itself leaves first. */
export function kickAfterAnswer(world: World, socket: Session | undefined, reason: KickReason): void {
  if (socket?.isEnded) world.clock.soon(() => socket.kick(reason))
}

async function signTokens(world: World, session: Row<'session'>): Promise<SignInTokens> {
  const { rules, tokens } = world
  const claims = {
    userId: session.user_id,
    platformId: session.platform_id,
    sessionId: session.session_id,
  }
  const from = session.refreshed_at
  const expiresAt = Math.floor((from + rules.tokenLife) / 1000)
  const [token, refresh] = await Promise.all([
    tokens.sign({ ...claims, expiresAt }),
    tokens.sign({
      ...claims,
      expiresAt: Math.floor((from + rules.refreshLife) / 1000),
      generation: session.generation,
    }),
  ])
  return { token, refresh_token: refresh, expires_at: expiresAt * 1000 }
}

/**
 * New tokens for the sign-in a refresh token belongs to; its sockets live on. One that was used before ends the
 * sign-in, because two hold it: unless its answer may have been lost on the way.
 */
async function refresh(world: World, caller: Caller, input: Input<'auth.refresh'>): Promise<SignInTokens> {
  if (caller.address !== undefined) world.limits.logins.take(caller.address)
  const claims = await world.tokens.verify(input.refresh_token)
  if (claims.generation === undefined) throw new ImError('token_invalid', { detail: 'no refresh token' })
  const session = await liveSession(world, claims)
  const now = world.clock.now()
  const isNewest = claims.generation === session.generation
  const mayBeLost =
    claims.generation === session.generation - 1 && now - session.refreshed_at <= graceAfterRefresh
  if (!isNewest && !mayBeLost) {
    await endSignIns(world, [session], 'revoked')
    throw new ImError('unauthorized', { detail: 'this refresh token was used before' })
  }
  const { version, ...row } = session
  const next = {
    ...row,
    generation: row.generation + 1,
    refreshed_at: now,
    expires_at: now + Math.max(world.rules.refreshLife, world.rules.tokenLife),
  }
  const tokens = await signTokens(world, next)
  await keep(world, {
    build: () => ({
      expect: [{ kind: 'session', key: [row.session_id], version }],
      put: [{ kind: 'session', row: next }],
    }),
    kept: () => {
      const { user_id: userId, session_id: sessionId } = row
      renewHere(world, userId, sessionId, tokens.expires_at)
      world.relay.tell({ is: 'renewed', userId, sessionId, expiresAt: tokens.expires_at })
    },
  })
  return tokens
}

/** Ends sign-ins and closes their sockets. Throws Conflict when one of them moved meanwhile. */
export async function endSignIns(
  world: World,
  sessions: readonly Stored<'session'>[],
  reason: KickReason,
  spared?: Session,
): Promise<void> {
  if (sessions.length === 0) return
  await keep(world, {
    build: () => endings(sessions, reason === 'logout' ? sessionState.loggedOut : sessionState.revoked),
    kept: () => closeSockets(world, sessions, reason, spared),
  })
  kickAfterAnswer(world, spared, reason)
}

async function logout(world: World, caller: Caller): Promise<null> {
  const [session] = await world.store.get('session', [[caller.sessionId]])
  if (!session || session.state !== sessionState.normal) throw new ImError('unauthorized')
  await endSignIns(world, [session], 'logout', caller.session)
  return null
}

async function revoke(world: World, caller: Caller, input: Input<'session.revoke'>): Promise<null> {
  const [session] = await world.store.get('session', [[input.session_id]])
  if (session?.user_id !== caller.userId || !isLive(session, world.clock.now()))
    throw new ImError('not_found')
  await endSignIns(world, [session], 'revoked', caller.session)
  return null
}

async function revokeOthers(world: World, caller: Caller): Promise<null> {
  const live = await liveSignIns(world, caller.userId)
  await endSignIns(
    world,
    live.filter((s) => s.session_id !== caller.sessionId),
    'revoked',
  )
  return null
}

async function list(world: World, caller: Caller): Promise<Output<'session.list'>> {
  const live = await liveSignIns(world, caller.userId)
  const online = new Set(world.presence.devices(caller.userId).map((s) => s.sessionId))
  return live.reverse().map((s) => ({
    ...shownSignIn(s),
    is_current: s.session_id === caller.sessionId,
    is_online: online.has(s.session_id),
  }))
}

export function shownSignIn(
  row: Row<'session'>,
): Omit<Output<'session.list'>[number], 'is_current' | 'is_online'> {
  const { session_id, platform_id, device_name, created_at, expires_at } = row
  return { session_id, platform_id, device_name, created_at, expires_at }
}

/**
 * A token to the caller it stands for. Throws 2001 for a token that was never ours, 2002 when it ran out, 1003 when its
 * session ended, 1004 when that was by a ban (nexo-wire sections 1, 2 and 15). Asked for every request and handshake:
 * whoever is banned or deleted has no live session, so the account itself need not be looked at.
 */
export async function authenticate(world: World, token: string): Promise<Caller & { expiresAt: number }> {
  const claims = await world.tokens.verify(token)
  if (claims.generation !== undefined) {
    throw new ImError('token_invalid', { detail: 'a refresh token is for auth.refresh only' })
  }
  const { userId, sessionId, platformId, expiresAt } = claims
  await world.patience.wait(liveSession(world, claims))
  return { userId, sessionId, platformId, expiresAt: expiresAt * 1000 }
}

async function liveSession(world: World, claims: TokenClaims): Promise<Stored<'session'>> {
  const [session] = await world.store.get('session', [[claims.sessionId]])
  if (!session) throw new ImError('token_invalid', { detail: 'the session is not known here' })
  if (session.user_id !== claims.userId || session.platform_id !== claims.platformId) {
    throw new ImError('token_invalid', { detail: 'the token does not fit its session' })
  }
  if (session.state === sessionState.normal) return session
  const [user] = await world.store.get('user', [[claims.userId]])
  if (user && isBanned(user, world.clock)) throw bannedError(user)
  throw new ImError('unauthorized')
}

function bannedError({ banned_until: until }: Stored<'user'>): ImError {
  return new ImError('banned', until === null ? {} : { until })
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

export const signInHandlers = {
  'auth.login': login,
  'auth.logout': logout,
  'auth.refresh': refresh,
  'session.list': list,
  'session.revoke': revoke,
  'session.revoke_others': revokeOthers,
} satisfies Partial<Handlers>
