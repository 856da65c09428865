import { type FriendRequest, ImError, type Input, requestState } from '@nexo-im/protocol'
import { needRoom } from '../caps.ts'
import type { Handlers } from '../handler.ts'
import type { Expectation, Stored } from '../ports.ts'
import type { Row } from '../tables.ts'
import type { Caller, World } from '../world.ts'
import { accountStatus } from './account-status.ts'
import { needUser } from './accounts.ts'
import type { Contact } from './contact.ts'
import { isWaiting, keepPair, type Pair, pairOf, type RequestRow, turned } from './relation-records.ts'
import { shownRequest } from './relation-shapes.ts'

async function request(
  world: World,
  caller: Caller,
  input: Input<'friend.request'>,
  { user: other }: Contact,
): Promise<FriendRequest> {
  const { userId } = caller
  const [pair, me] = await Promise.all([pairOf(world, userId, other.user_id), needUser(world, userId)])
  const { mine, theirs, sent, got } = pair
  if (theirs.relation?.is_blocked) throw new ImError('blocked')
  if (mine.relation?.is_blocked) throw new ImError('blocked', { detail: 'unblock this user first' })
  if (mine.relation?.is_friend) throw new ImError('already_friends')
  // Asked again, it stays the one request: it must look the same whether the other side rejected it or not.
  if (sent && isWaiting(sent)) return shownRequest(sent, userId)
  const now = world.clock.now()
  const row: RequestRow = {
    from_id: userId,
    to_id: other.user_id,
    message: input.message ?? '',
    state: requestState.pending,
    created_at: now,
    updated_at: now,
  }
  if (isWaiting(got)) {
    const accepted = { ...row, state: requestState.accepted }
    await befriend(world, caller, pair, { me, other }, [accepted])
    return shownRequest(accepted, userId)
  }
  // The requests are counted and not kept as a figure: rewriting the owner's record makes a second count meet this one.
  const { count } = mine
  needRoom(world.rules.caps, 'pendingRequests', (await waitingFrom(world, userId)).length)
  await keepPair(world, caller, pair, {
    requests: [row],
    users: { me, other },
    expect: [
      ...bothStay(me, other),
      { kind: 'relation', key: [other.user_id, userId], version: theirs.relation?.version ?? 0 },
      { kind: 'relation', key: [userId, other.user_id], version: mine.relation?.version ?? 0 },
      { kind: 'relation_count', key: [userId], version: count?.version ?? 0 },
    ],
    put: [
      {
        kind: 'relation_count',
        row: {
          owner_id: userId,
          friends: count?.friends ?? 0,
          blocked: count?.blocked ?? 0,
          relations: count?.relations ?? 0,
        },
      },
    ],
  })
  return shownRequest(row, userId)
}

/** Nobody befriends an account that is being deleted. */
function bothStay(...users: readonly Stored<'user'>[]): Expectation[] {
  return users.map((u) => ({ kind: 'user', key: [u.user_id], version: u.version }))
}

/** Friends on both sides, and no request between them waits any more. */
async function befriend(
  world: World,
  caller: Caller,
  pair: Pair,
  users: { readonly me: Stored<'user'>; readonly other: Stored<'user'> },
  own: readonly RequestRow[] = [],
): Promise<void> {
  const now = world.clock.now()
  const friends = { is_friend: true, friends_since: now }
  const [mine, theirs] = await Promise.all([
    turned(world, pair.mine, friends),
    turned(world, pair.theirs, friends),
  ])
  await keepPair(world, caller, pair, {
    mine,
    theirs,
    users,
    expect: bothStay(users.me, users.other),
    requests: [...(pair.got ? [answered(pair.got, requestState.accepted, now)] : []), ...own],
  })
}

export function answered(
  { position: _, ...row }: Row<'friend_request'>,
  state: number,
  now: number,
): RequestRow {
  return { ...row, state, updated_at: now }
}

async function accept(world: World, caller: Caller, input: Input<'friend.accept'>): Promise<null> {
  const pair = await pairOf(world, caller.userId, input.user_id)
  if (pair.got?.state !== requestState.pending) throw new ImError('request_not_found')
  const [me, other] = await Promise.all([needUser(world, caller.userId), needUser(world, input.user_id)])
  if (other.status === accountStatus.deleted) throw new ImError('request_not_found')
  await befriend(world, caller, pair, { me, other })
  return null
}

/** Whoever asked is told nothing: to them it goes on waiting. */
async function reject(world: World, caller: Caller, input: Input<'friend.reject'>): Promise<null> {
  const pair = await pairOf(world, caller.userId, input.user_id)
  if (pair.got?.state !== requestState.pending) throw new ImError('request_not_found')
  const rejected = answered(pair.got, requestState.rejected, world.clock.now())
  await keepPair(world, caller, pair, { requests: [rejected], users: {} })
  return null
}

async function withdraw(world: World, caller: Caller, input: Input<'friend.withdraw'>): Promise<null> {
  const pair = await pairOf(world, caller.userId, input.user_id)
  if (!pair.sent || !isWaiting(pair.sent)) throw new ImError('request_not_found')
  const withdrawn = answered(pair.sent, requestState.withdrawn, world.clock.now())
  await keepPair(world, caller, pair, { requests: [withdrawn], users: {} })
  return null
}

/** What a user asked and has not taken back, rejected or not, oldest first: the cap keeps it short. */
export async function waitingFrom(world: World, userId: string): Promise<Stored<'friend_request'>[]> {
  const lists = await Promise.all(
    [requestState.pending, requestState.rejected].map((state) =>
      world.store.list('friend_request', 'by_from', [userId, state]),
    ),
  )
  // By the time of asking and the name: the position would show which of them were rejected.
  return lists.flat().sort((a, b) => a.created_at - b.created_at || (a.to_id < b.to_id ? -1 : 1))
}

interface RequestPage {
  readonly list: FriendRequest[]
  readonly next_cursor?: string
}

/** Those that wait, newest last. */
async function requests(
  world: World,
  caller: Caller,
  { direction = 'in', limit = 100, cursor }: Input<'friend.requests'>,
): Promise<RequestPage> {
  const { userId } = caller
  return direction === 'in' ? incoming(world, userId, limit, cursor) : outgoing(world, userId, limit, cursor)
}

async function incoming(world: World, userId: string, limit: number, cursor?: string): Promise<RequestPage> {
  if (cursor !== undefined && !/^\d{1,16}$/.test(cursor)) throw unknownCursor()
  const rows = await world.store.list('friend_request', 'by_to', [userId, requestState.pending], {
    limit: limit + 1,
    ...(cursor !== undefined && { after: [Number(cursor)] }),
  })
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  const list = page.map((r) => shownRequest(r, userId))
  return rows.length > limit && last ? { list, next_cursor: String(last.position) } : { list }
}

async function outgoing(world: World, userId: string, limit: number, cursor?: string): Promise<RequestPage> {
  const all = await waitingFrom(world, userId)
  const from = cursor === undefined ? 0 : all.findIndex((r) => isBehind(r, cursor))
  const rest = from < 0 ? [] : all.slice(from)
  const page = rest.slice(0, limit)
  const last = page.at(-1)
  const list = page.map((r) => shownRequest(r, userId))
  return rest.length > limit && last ? { list, next_cursor: `${last.created_at}:${last.to_id}` } : { list }
}

function isBehind(row: Row<'friend_request'>, cursor: string): boolean {
  const [, at, id] = /^(\d{1,16}):(.+)$/s.exec(cursor) ?? []
  if (at === undefined || id === undefined) throw unknownCursor()
  return row.created_at > Number(at) || (row.created_at === Number(at) && row.to_id > id)
}

function unknownCursor(): ImError {
  return new ImError('invalid_parameter', { detail: 'cursor: the next_cursor of a page is required' })
}

export const friendRequestHandlers = {
  'friend.request': request,
  'friend.accept': accept,
  'friend.reject': reject,
  'friend.withdraw': withdraw,
  'friend.requests': requests,
} satisfies Partial<Handlers>
