import { ImError, type Input, requestState } from '@nexo-im/protocol'
import { insist, keep } from '../conflict.ts'
import { departGroups } from '../groups/group-departure.ts'
import type { Handlers } from '../handler.ts'
import type { Put, Stored } from '../ports.ts'
import type { Session } from '../session.ts'
import type { Row } from '../tables.ts'
import type { Caller, World } from '../world.ts'
import { accountStatus } from './account-status.ts'
import { provePassword } from './credentials.ts'
import { answered } from './friend-requests.ts'
import { closedPrivacy } from './privacy.ts'
import { isWaiting, keepPair, type Pair, pairOf, type RequestRow, turned } from './relation-records.ts'
import { closeSockets, endings, kickAfterAnswer, liveSignIns } from './sign-ins.ts'
import { reviewSight } from './watching.ts'

/** Where deletions that have begun are noted, so that a crash leaves none half done. */
const queue = 'deletion'
const pageSize = 100

/** The own account. Throws `password_wrong`, `login_failed`. */
async function deleteOwn(world: World, caller: Caller, input: Input<'account.delete'>): Promise<null> {
  await provePassword(world, caller.userId, input.password)
  await deleteAccount(world, caller.userId, caller.session).finally(() =>
    kickAfterAnswer(world, caller.session, 'revoked'),
  )
  return null
}

/**
 * Deletes an account for good; its id is never given again, and what it sent stays. First it is closed, in one change:
 * from then on nobody gets in and nobody gets anything new to it. Then what others hold of it is taken apart, step by
 * step; a step may be repeated.
 * @param spared the socket that asked: whoever calls kicks it after its answer
 */
export async function deleteAccount(world: World, userId: string, spared?: Session): Promise<void> {
  await insist(() => closeAccount(world, userId, spared))
  await finishDeletion(world, userId)
}

/** Goes on with deletions that a crash interrupted. */
export async function resumeDeletions(world: World): Promise<void> {
  for (;;) {
    const rows = await world.store.list('timer', 'by_time', [queue], { limit: pageSize })
    for (const row of rows) await finishDeletion(world, row.user_id)
    if (rows.length < pageSize) return
  }
}

async function closeAccount(world: World, userId: string, spared?: Session): Promise<void> {
  const [[user], [privacy]] = await Promise.all([
    world.store.get('user', [[userId]]),
    world.store.get('privacy', [[userId]]),
  ])
  if (!user || user.status === accountStatus.deleted) throw new ImError('user_not_found')
  const now = world.clock.now()
  let signIns: readonly Stored<'session'>[] = []
  let scheduled: readonly Stored<'timer'>[] = []
  await keep(world, {
    look: async () => {
      const found = await Promise.all([
        liveSignIns(world, userId),
        world.store.list('timer', 'by_user', [userId]),
      ])
      ;[signIns, scheduled] = found
    },
    build: ({ position }) => ({
      expect: [
        { kind: 'user', key: [userId], version: user.version },
        { kind: 'privacy', key: [userId], version: privacy?.version ?? 0 },
      ],
      put: [
        { kind: 'user', row: { ...emptied(user, now), position } },
        // A new version of it makes every remembered right to write to this user fall.
        { kind: 'privacy', row: { user_id: userId, ...closedPrivacy, position } },
        { kind: 'timer', row: notedDeletion(userId, now) },
        ...endings(signIns).put,
      ],
      // Nothing of theirs is sent any more.
      remove: scheduled.map((t) => ({ kind: 'timer', key: [t.timer_id] })),
    }),
    kept: () => {
      closeSockets(world, signIns, 'revoked', spared)
      void reviewSight(world, userId)
    },
  })
}

function emptied(user: Row<'user'>, now: number): Omit<Row<'user'>, 'position'> {
  return {
    user_id: user.user_id,
    nickname: '',
    avatar: '',
    extra: null,
    password_hash: '',
    created_at: user.created_at,
    updated_at: now,
    status: accountStatus.deleted,
    banned_until: null,
    custom_status: '',
    // No name at all: nobody finds it by one, not even by its id.
    name_key: '',
  }
}

const timerId = (userId: string): string => `${queue}:${userId}`

function notedDeletion(user_id: string, at: number): Row<'timer'> {
  return {
    timer_id: timerId(user_id),
    queue,
    at,
    task: queue,
    user_id,
    conversation_id: '',
    seq: 0,
    input: '',
    error: '',
  }
}

async function finishDeletion(world: World, userId: string): Promise<void> {
  await endRequests(world, userId)
  await endRelations(world, userId)
  await departGroups(world, userId)
  await clearMemberships(world, userId)
  await clearViews(world, userId)
  await keep(world, {
    build: () => ({
      remove: [
        { kind: 'last_seen', key: [userId] },
        { kind: 'relation_count', key: [userId] },
        { kind: 'timer', key: [timerId(userId)] },
      ],
    }),
  })
}

/** Every request from and to the account, waiting or not: their texts go with it. */
async function endRequests(world: World, userId: string): Promise<void> {
  const [sent, got] = await Promise.all([
    world.store.list('friend_request', 'changed_from', [userId]),
    world.store.list('friend_request', 'changed_to', [userId]),
  ])
  const others = new Set([...sent.map((r) => r.to_id), ...got.map((r) => r.from_id)])
  for (const other of others) {
    await insist(async () => {
      const pair = await pairOf(world, userId, other)
      const requests = endedRequests(pair, world.clock.now())
      if (requests.length > 0) await keepPair(world, asNobody(userId), pair, { requests, users: {} })
    })
  }
}

function endedRequests({ sent, got }: Pair, now: number): RequestRow[] {
  const own = sent && (isWaiting(sent) || sent.message !== '')
  return [
    ...(own
      ? [
          {
            ...answered(sent, isWaiting(sent) ? requestState.withdrawn : sent.state, now),
            message: '',
          },
        ]
      : []),
    ...(got?.state === requestState.pending ? [answered(got, requestState.rejected, now)] : []),
  ]
}

/** Their friends lose a friend; what they themselves held of others goes. Who blocked them, or named them, keeps that. */
async function endRelations(world: World, userId: string): Promise<void> {
  for (;;) {
    const rows = await world.store.list('relation', 'by_owner', [userId], { limit: pageSize })
    await Promise.all(rows.map((row) => insist(() => endRelation(world, userId, row.other_id))))
    if (rows.length < pageSize) return
  }
}

async function endRelation(world: World, userId: string, otherId: string): Promise<void> {
  const pair = await pairOf(world, userId, otherId)
  const { relation } = pair.mine
  if (!relation) return
  const theirs = pair.theirs.relation?.is_friend
    ? await turned(world, pair.theirs, { is_friend: false, friends_since: 0 })
    : undefined
  const [me] = await world.store.get('user', [[userId]])
  await keepPair(world, asNobody(userId), pair, {
    ...(theirs && { theirs }),
    expect: [
      { kind: 'relation', key: [userId, otherId], version: relation.version },
      // Also where it is absent: a friendship that is being made must not outlive this.
      { kind: 'relation', key: [otherId, userId], version: pair.theirs.relation?.version ?? 0 },
    ],
    remove: [{ kind: 'relation', key: [userId, otherId] }],
    users: { ...(me && { me }) },
  })
}

/** What they called themselves in groups. */
async function clearMemberships(world: World, userId: string): Promise<void> {
  const rows = await world.store.list('member', 'by_user', [userId])
  const named = rows.filter((r) => r.group_nickname !== '' || r.group_avatar !== '' || r.extra !== null)
  for (const row of named) {
    await insist(() =>
      rewrite(world, 'member', [row.group_id, userId], (r) => ({
        kind: 'member',
        row: { ...r, group_nickname: '', group_avatar: '', extra: null, name_key: '' },
      })),
    )
  }
}

async function clearViews(world: World, userId: string): Promise<void> {
  const views = await world.store.list('view', 'by_user', [userId])
  for (const view of views.filter((v) => v.draft !== '')) {
    await insist(() =>
      rewrite(world, 'view', [view.conversation_id, userId], (r) => ({
        kind: 'view',
        row: { ...r, draft: '', draft_at: 0 },
      })),
    )
  }
}

async function rewrite<K extends 'member' | 'view'>(
  world: World,
  kind: K,
  key: readonly string[],
  next: (row: Stored<K>) => Put,
): Promise<void> {
  const [found] = await world.store.get(kind, [key])
  if (!found) return
  await keep(world, {
    build: () => ({ expect: [{ kind, key, version: found.version }], put: [next(found)] }),
  })
}

/** Nobody asks any more: all that is told is told to others. */
const asNobody = (userId: string): Caller => ({ userId, sessionId: '', platformId: 0 })

export const deletionHandlers = { 'account.delete': deleteOwn } satisfies Partial<Handlers>
