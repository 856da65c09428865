import { ImError, type Input, type Online, onlineStatus } from '@nexo-im/protocol'
import { needRoom } from '../caps.ts'
import type { Handlers } from '../handler.ts'
import type { Caller, World } from '../world.ts'
import { allows, allowsEach } from './privacy.ts'

/**
 * One object per id asked, in that order. Whom the asker may not see looks like somebody who is not there: offline, and
 * nothing else.
 */
async function glimpse(
  world: World,
  caller: Caller,
  userIds: readonly string[],
): Promise<{ list: Online[]; seen: ReadonlySet<string> }> {
  const [open, lasts] = await Promise.all([
    allows(world, 'see_online', userIds, caller.userId),
    world.store.get(
      'last_seen',
      userIds.map((id) => [id]),
    ),
  ])
  const list = userIds.map((userId, i): Online => {
    if (!open[i]) return { user_id: userId, status: onlineStatus.offline }
    const user = world.presence.online(userId)
    const last = lasts[i]
    return user.status === onlineStatus.offline && last ? { ...user, last_seen_at: last.at } : user
  })
  return { list, seen: new Set(userIds.filter((_, i) => open[i])) }
}

async function subscribe(
  world: World,
  caller: Caller,
  input: Input<'presence.subscribe'>,
): Promise<Online[]> {
  const { session } = caller
  if (!session) throw new ImError('invalid_protocol', { detail: 'only a socket can be told' })
  const unique = [...new Set(input.user_ids)]
  needRoom(world.rules.caps, 'subscriptions', 0, unique.length)
  const { watching } = world.presence
  const stamp = watching.subscribe(session, unique)
  const { list, seen } = await glimpse(world, caller, input.user_ids)
  watching.settle(session, stamp, seen)
  return list
}

/**
 * Judges anew who may see a user come and go, of these watchers or of all, and tells those for whom that changed. Call it
 * in `kept`: from then on nobody is told who may not be, whatever happens before the verdict.
 */
export function reviewSight(world: World, userId: string, watcherIds?: readonly string[]): Promise<void> {
  world.relay.tell({ is: 'sight', userId, ...(watcherIds && { watchers: watcherIds }) })
  return reviewHere(world, userId, watcherIds)
}

/** Among the watchers on this node. */
export async function reviewHere(
  world: World,
  userId: string,
  watcherIds?: readonly string[],
): Promise<void> {
  const { watching } = world.presence
  const asked = watching.of(userId).filter((id) => !watcherIds || watcherIds.includes(id))
  if (asked.length === 0) return
  const stamp = watching.close(userId, watcherIds)
  try {
    const open = await allowsEach(world, 'see_online', userId, asked)
    const allowed = new Set(asked.filter((_, i) => open[i]))
    const { appeared, vanished } = watching.open(userId, stamp, allowed)
    world.router.tellSessions(appeared, 'user_online', world.presence.online(userId))
    world.router.tellSessions(vanished, 'user_offline', { user_id: userId, status: onlineStatus.offline })
  } catch (error) {
    // They stay closed: better told nothing than what they may not know.
    world.log.error({ err: error }, 'who may see a user could not be judged')
  }
}

export const watchingHandlers = {
  'presence.get': async (world, caller, input) => (await glimpse(world, caller, input.user_ids)).list,
  'presence.subscribe': subscribe,
} satisfies Partial<Handlers>
