import { ImError, type Input, type Relation, requestState } from '@nexo-im/protocol'
import type { Handlers } from '../handler.ts'
import type { Stored } from '../ports.ts'
import type { Caller, World } from '../world.ts'
import { accountStatus } from './account-status.ts'
import { answered } from './friend-requests.ts'
import { blankRelation, isWaiting, keepPair, type Pair, pairOf, turned } from './relation-records.ts'
import { relationsOf, shownRelation } from './relation-shapes.ts'

async function remove(world: World, caller: Caller, input: Input<'friend.delete'>): Promise<null> {
  const { pair, users } = await meet(world, caller, input.user_id)
  if (!pair.mine.relation?.is_friend) throw new ImError('not_friends')
  await keepPair(world, caller, pair, { users, ...(await apart(world, pair)) })
  return null
}

/** The friendship ended on both sides. */
async function apart(
  world: World,
  { mine, theirs }: Pair,
  ownPatch: { readonly is_blocked?: boolean } = {},
): Promise<{ mine: Awaited<ReturnType<typeof turned>>; theirs?: Awaited<ReturnType<typeof turned>> }> {
  const ended = { is_friend: false, friends_since: 0 }
  return {
    mine: await turned(world, mine, { ...ended, ...ownPatch }),
    ...(theirs.relation?.is_friend && { theirs: await turned(world, theirs, ended) }),
  }
}

async function remark(world: World, caller: Caller, input: Input<'friend.remark'>): Promise<Relation> {
  const { pair, users } = await meet(world, caller, input.user_id)
  needOther(caller, input.user_id, users.other)
  const text = input.remark ?? ''
  const present = pair.mine.relation ?? blankRelation(caller.userId, input.user_id)
  if (present.remark === text) return shownRelation(present, users.other, world.clock)
  const mine = await turned(world, pair.mine, { remark: text })
  await keepPair(world, caller, pair, { mine, users })
  return shownRelation(mine.row, users.other, world.clock)
}

/**
 * Ends the friendship on both sides and every request between them. The blocked side hears of what it loses, and of a
 * request taken back; never of the block.
 */
async function block(world: World, caller: Caller, input: Input<'block.add'>): Promise<null> {
  const { pair, users } = await meet(world, caller, input.user_id)
  needOther(caller, input.user_id, users.other)
  if (pair.mine.relation?.is_blocked) return null
  const now = world.clock.now()
  const { sent, got } = pair
  await keepPair(world, caller, pair, {
    users,
    ...(await apart(world, pair, { is_blocked: true })),
    requests: [
      ...(sent && isWaiting(sent) ? [answered(sent, requestState.withdrawn, now)] : []),
      ...(got?.state === requestState.pending ? [answered(got, requestState.rejected, now)] : []),
    ],
  })
  return null
}

async function unblock(world: World, caller: Caller, input: Input<'block.remove'>): Promise<null> {
  const { pair, users } = await meet(world, caller, input.user_id)
  if (!pair.mine.relation?.is_blocked) return null
  await keepPair(world, caller, pair, { users, mine: await turned(world, pair.mine, { is_blocked: false }) })
  return null
}

interface Meeting {
  readonly pair: Pair
  readonly users: { readonly me?: Stored<'user'>; readonly other?: Stored<'user'> }
}

async function meet(world: World, { userId }: Caller, otherId: string): Promise<Meeting> {
  const [pair, [me, other]] = await Promise.all([
    pairOf(world, userId, otherId),
    world.store.get('user', [[userId], [otherId]]),
  ])
  return { pair, users: { ...(me && { me }), ...(other && { other }) } }
}

function needOther(caller: Caller, otherId: string, other: Stored<'user'> | undefined): void {
  if (otherId === caller.userId) throw new ImError('not_with_oneself')
  if (!other || other.status === accountStatus.deleted) throw new ImError('user_not_found')
}

interface RelationPage {
  readonly list: Relation[]
  readonly next_cursor?: string
}

/** By user id; the cursor is the last of them. */
async function page(
  world: World,
  caller: Caller,
  index: 'by_friend' | 'by_blocked',
  { limit = 100, cursor }: Input<'friend.list'>,
): Promise<RelationPage> {
  const rows = await world.store.list('relation', index, [caller.userId, true], {
    limit: limit + 1,
    ...(cursor !== undefined && { after: [cursor] }),
  })
  const list = await relationsOf(world, rows.slice(0, limit))
  const last = list.at(-1)
  return rows.length > limit && last ? { list, next_cursor: last.user_id } : { list }
}

export const relationHandlers = {
  'friend.list': (world, caller, input) => page(world, caller, 'by_friend', input),
  'friend.delete': remove,
  'friend.remark': remark,
  'block.add': block,
  'block.remove': unblock,
  'block.list': (world, caller, input) => page(world, caller, 'by_blocked', input),
} satisfies Partial<Handlers>
