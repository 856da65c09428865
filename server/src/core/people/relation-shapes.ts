import { type FriendRequest, type Relation, requestState } from '@nexo-im/protocol'
import type { Clock } from '../ports.ts'
import type { Row } from '../tables.ts'
import type { World } from '../world.ts'
import { publicUser } from './profiles.ts'

/** Relations with the public profiles of the others, in the same order. */
export async function relationsOf(world: World, rows: readonly Row<'relation'>[]): Promise<Relation[]> {
  const users = await world.store.get(
    'user',
    rows.map((r) => [r.other_id]),
  )
  return rows.map((row, i) => shownRelation(row, users[i], world.clock))
}

export function shownRelation(
  row: Omit<Row<'relation'>, 'position'>,
  user: Row<'user'> | undefined,
  clock: Clock,
): Relation {
  return {
    user_id: row.other_id,
    is_friend: row.is_friend,
    is_blocked: row.is_blocked,
    remark: row.remark,
    friends_since: row.friends_since,
    ...(user && { user: publicUser(user, clock) }),
  }
}

/** A rejection is not told to who asked: for them the request goes on waiting. */
export function isSecret(row: Pick<Row<'friend_request'>, 'from_id' | 'state'>, viewerId: string): boolean {
  return viewerId === row.from_id && row.state === requestState.rejected
}

export function shownRequest(row: Omit<Row<'friend_request'>, 'position'>, viewerId: string): FriendRequest {
  const { from_id, to_id, message, state, created_at, updated_at } = row
  return isSecret(row, viewerId)
    ? { from_id, to_id, message, state: requestState.pending, created_at, updated_at: created_at }
    : { from_id, to_id, message, state, created_at, updated_at }
}
