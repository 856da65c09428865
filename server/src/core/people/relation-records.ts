import { requestState, singleConversationId } from '@nexo-im/protocol'
import { needRoom } from '../caps.ts'
import { keep } from '../conflict.ts'
import { type Telling, tellUsers } from '../conversations/telling.ts'
import type { Change, Expectation, Put, Stored } from '../ports.ts'
import type { Row } from '../tables.ts'
import type { Caller, World } from '../world.ts'
import { isSecret, shownRelation, shownRequest } from './relation-shapes.ts'
import { reviewSight } from './watching.ts'

/** What one user holds of another, and the figures that the owner's caps are kept by. */
export interface Hold {
  readonly owner: string
  readonly other: string
  readonly relation: Stored<'relation'> | undefined
  readonly count: Stored<'relation_count'> | undefined
}

/** Everything kept between the caller and another user. */
export interface Pair {
  readonly mine: Hold
  readonly theirs: Hold
  /** The caller's request to them, and theirs to the caller, of whatever state. */
  readonly sent: Stored<'friend_request'> | undefined
  readonly got: Stored<'friend_request'> | undefined
}

export async function pairOf(world: World, userId: string, otherId: string): Promise<Pair> {
  const both = [
    [userId, otherId],
    [otherId, userId],
  ] as const
  const [relations, counts, requests] = await Promise.all([
    world.store.get('relation', both),
    world.store.get('relation_count', [[userId], [otherId]]),
    world.store.get('friend_request', both),
  ])
  return {
    mine: { owner: userId, other: otherId, relation: relations[0], count: counts[0] },
    theirs: { owner: otherId, other: userId, relation: relations[1], count: counts[1] },
    sent: requests[0],
    got: requests[1],
  }
}

/** A rejected request waits too, as far as its sender knows, who may take it back. */
export function isWaiting(request: Row<'friend_request'> | undefined): boolean {
  return request?.state === requestState.pending || request?.state === requestState.rejected
}

/** The next state of a hold, judged and ready to be written. */
export interface Turned {
  readonly row: Omit<Row<'relation'>, 'position'>
  readonly count: Row<'relation_count'>
  readonly expect: readonly Expectation[]
  /** Rows that mean nothing any more and make room for a new one. */
  readonly spare: readonly Row<'relation'>[]
}

/** Throws `cap_reached` when the owner has no room for it. */
export async function turned(
  world: World,
  { owner, other, relation, count }: Hold,
  patch: Partial<Pick<Row<'relation'>, 'is_friend' | 'is_blocked' | 'remark' | 'friends_since'>>,
): Promise<Turned> {
  const { caps } = world.rules
  const before = relation ?? blankRelation(owner, other)
  const row = { ...plain(before), ...patch }
  const present = count ?? { owner_id: owner, friends: 0, blocked: 0, relations: 0 }
  if (row.is_friend && !before.is_friend) needRoom(caps, 'friends', present.friends)
  if (row.is_blocked && !before.is_blocked) needRoom(caps, 'blocked', present.blocked)
  const spare = relation || present.relations < caps.relations ? [] : await spareRows(world, owner)
  if (!relation) needRoom(caps, 'relations', present.relations - spare.length)
  return {
    row,
    spare,
    count: {
      owner_id: owner,
      friends: present.friends + Number(row.is_friend) - Number(before.is_friend),
      blocked: present.blocked + Number(row.is_blocked) - Number(before.is_blocked),
      relations: present.relations + (relation ? 0 : 1) - spare.length,
    },
    expect: [
      { kind: 'relation', key: [owner, other], version: relation?.version ?? 0 },
      { kind: 'relation_count', key: [owner], version: count?.version ?? 0 },
      ...spare.map((s): Expectation => ({ kind: 'relation', key: [owner, s.other_id], version: s.version })),
    ],
  }
}

export function blankRelation(owner_id: string, other_id: string): Row<'relation'> {
  return {
    owner_id,
    other_id,
    is_friend: false,
    is_blocked: false,
    remark: '',
    friends_since: 0,
    position: 0,
  }
}

function plain(row: Row<'relation'>): Turned['row'] {
  const { owner_id, other_id, is_friend, is_blocked, remark, friends_since } = row
  return { owner_id, other_id, is_friend, is_blocked, remark, friends_since }
}

const spareLimit = 100

/**
 * The oldest rows that mean nothing any more. Rows outlive what they told, so that devices that were away learn of its
 * end; only where there is no more room do they go.
 */
async function spareRows(world: World, owner: string): Promise<Stored<'relation'>[]> {
  const rows = await world.store.list('relation', 'by_change', [owner])
  return rows.filter((r) => !r.is_friend && !r.is_blocked && r.remark === '').slice(0, spareLimit)
}

export type RequestRow = Omit<Row<'friend_request'>, 'position'>

/** What is to become of a pair, all of it or nothing. */
export interface PairChange {
  readonly mine?: Turned
  readonly theirs?: Turned
  readonly requests?: readonly RequestRow[]
  readonly expect?: readonly Expectation[]
  /** Written with it. */
  readonly put?: readonly Put[]
  readonly remove?: Change['remove']
  /** The accounts, for what devices are shown of them. */
  readonly users: { readonly me?: Row<'user'>; readonly other?: Row<'user'> }
}

/** Keeps a change of a pair and tells the devices of both what is theirs to know. Throws Conflict when it moved meanwhile. */
export async function keepPair(world: World, caller: Caller, pair: Pair, change: PairChange): Promise<void> {
  const { mine, theirs, requests = [], users } = change
  const [me, other] = [pair.mine.owner, pair.mine.other]
  const holds = [mine, theirs].filter((t) => t !== undefined)
  await keep(world, {
    build: ({ position }) => ({
      expect: [...requestsUnchanged(pair), ...holds.flatMap((t) => t.expect), ...(change.expect ?? [])],
      put: [
        ...holds.flatMap((t): Put[] => [
          { kind: 'relation', row: { ...t.row, position } },
          { kind: 'relation_count', row: t.count },
        ]),
        ...requests.map((row): Put => ({ kind: 'friend_request', row: { ...row, position } })),
        ...(change.put ?? []),
      ],
      remove: [
        ...holds.flatMap((t) =>
          t.spare.map((s) => ({ kind: 'relation' as const, key: [s.owner_id, s.other_id] })),
        ),
        ...(change.remove ?? []),
      ],
    }),
    kept: (_, { position }) => {
      // A row that comes again counts its versions anew: no remembered right to write may rest on the old ones.
      for (const { owner_id: owner, other_id: gone } of holds.flatMap((t) => t.spare))
        world.standings.forget(gone, singleConversationId(owner, gone))
      const told = (viewer: string, hold: Turned | undefined, user: Row<'user'> | undefined): Telling[] => [
        ...(hold ? [{ position, relation: shownRelation(hold.row, user, world.clock) }] : []),
        ...requests
          .filter((r) => !isSecret(r, viewer))
          .map((r) => ({ position, friend_request: shownRequest(r, viewer) })),
      ]
      tellUsers(world, [me], told(me, mine, users.other), caller.session)
      tellUsers(world, [other], told(other, theirs, users.me))
      if (mine) void reviewSight(world, me, [other])
      if (theirs) void reviewSight(world, other, [me])
    },
  })
}

/** Both requests are conditions of every change: two who ask each other at once must meet. */
function requestsUnchanged({ mine, sent, got }: Pair): Expectation[] {
  return [
    { kind: 'friend_request', key: [mine.owner, mine.other], version: sent?.version ?? 0 },
    { kind: 'friend_request', key: [mine.other, mine.owner], version: got?.version ?? 0 },
  ]
}
