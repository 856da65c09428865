import type { Input, User } from '@nexo-im/protocol'
import type { Handlers } from '../handler.ts'
import type { Stored } from '../ports.ts'
import type { Caller, World } from '../world.ts'
import { accountStatus } from './account-status.ts'
import { allows } from './privacy.ts'
import { nameKey, publicUser } from './profiles.ts'

const resultLimit = 20
/** Namesakes that are looked at: many of them may not want to be found. */
const namesakeLimit = 200

/** The user of exactly this id, then those of exactly this nickname in any letter case, as far as they may be found. */
async function search(world: World, caller: Caller, input: Input<'user.search'>): Promise<User[]> {
  const name = input.query.trim()
  const [[exact], namesakes] = await Promise.all([
    world.store.get('user', [[name]]),
    world.store.list('user', 'by_name', [nameKey(name)], { limit: namesakeLimit }),
  ])
  const others = namesakes.filter((u) => u.user_id !== exact?.user_id)
  const found = [...(exact ? [exact] : []), ...others].filter((u) => u.status !== accountStatus.deleted)
  return (await findable(world, caller.userId, found))
    .slice(0, resultLimit)
    .map((u) => publicUser(u, world.clock))
}

/** Those who let themselves be found by the asker and are blocked from neither side. */
async function findable(
  world: World,
  askerId: string,
  users: readonly Stored<'user'>[],
): Promise<Stored<'user'>[]> {
  const ids = users.map((u) => u.user_id)
  const [open, own] = await Promise.all([
    allows(world, 'find_me', ids, askerId),
    world.store.get(
      'relation',
      ids.map((id) => [askerId, id]),
    ),
  ])
  return users.filter((_, i) => open[i] && own[i]?.is_blocked !== true)
}

export const userSearchHandlers = { 'user.search': search } satisfies Partial<Handlers>
