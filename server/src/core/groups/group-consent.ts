import { type ErrorName, memberStatus } from '@nexo-im/protocol'
import { accountStatus, isBanned } from '../people/account-status.ts'
import { isOpenTo } from '../people/privacy.ts'
import type { Expectation, Stored } from '../ports.ts'
import type { World } from '../world.ts'

/** Whether one user may be brought into a group by another. */
export interface Consent {
  readonly userId: string
  readonly user: Stored<'user'> | undefined
  /** Why not; undefined = they may. */
  readonly refusal: ErrorName | undefined
  /** What the answer rests on: a block or a setting binds every change that is kept after it. */
  readonly expect: readonly Expectation[]
}

/** Users looked at in one turn of the event loop: thousands named at once must not hold everybody else up. */
const slice = 500

async function inSlices<T>(
  world: World,
  ids: readonly string[],
  look: (some: readonly string[]) => Promise<readonly T[]>,
): Promise<T[]> {
  const found: T[] = []
  for (let i = 0; i < ids.length; i += slice) {
    if (i > 0) await new Promise<void>((resolve) => world.clock.soon(resolve))
    found.push(...(await look(ids.slice(i, i + slice))))
  }
  return found
}

/** In the order asked. Nobody is asked about themselves: who comes alone needs no consent but to exist. */
export function consents(world: World, askerId: string, ids: readonly string[]): Promise<Consent[]> {
  return inSlices(world, ids, (some) => consentsOfSome(world, askerId, some))
}

async function consentsOfSome(world: World, askerId: string, ids: readonly string[]): Promise<Consent[]> {
  const { store } = world
  // Versions first: what moves behind them is told by the commit.
  const [users, relations, privacies] = await Promise.all([
    store.get(
      'user',
      ids.map((id) => [id]),
    ),
    store.get(
      'relation',
      ids.map((id) => [id, askerId]),
    ),
    store.get(
      'privacy',
      ids.map((id) => [id]),
    ),
  ])
  return ids.map((userId, i) => {
    const [user, relation] = [users[i], relations[i]]
    const isOpen = userId === askerId || isOpenTo(privacies[i]?.add_to_groups, relation)
    const asked: Expectation[] = [
      { kind: 'relation', key: [userId, askerId], version: relation?.version ?? 0 },
      { kind: 'privacy', key: [userId], version: privacies[i]?.version ?? 0 },
    ]
    return {
      userId,
      user,
      refusal:
        accountRefusal(world, user) ?? (isOpen ? undefined : relation?.is_blocked ? 'blocked' : 'privacy'),
      expect: [
        { kind: 'user', key: [userId], version: user?.version ?? 0 },
        ...(userId === askerId ? [] : asked),
      ],
    }
  })
}

/** Why an account cannot enter any group; undefined where it can. */
export function accountRefusal(world: World, user: Stored<'user'> | undefined): ErrorName | undefined {
  if (!user || user.status === accountStatus.deleted) return 'user_not_found'
  return isBanned(user, world.clock) ? 'banned' : undefined
}

/** Whether each of these users is in as many groups as one may be. */
export function fullOfGroups(world: World, ids: readonly string[]): Promise<boolean[]> {
  return inSlices(world, ids, (some) => Promise.all(some.map((id) => isFullOfGroups(world, id))))
}

async function isFullOfGroups(world: World, userId: string): Promise<boolean> {
  const cap = world.rules.caps.groupsPerUser
  let active = 0
  let after: readonly [string] | undefined
  for (;;) {
    // Rows of groups that were left stay, so the cap may lie behind any number of them.
    const page = { limit: cap, ...(after && { after }) }
    const rows = await world.store.list('member', 'by_user', [userId], page)
    active += rows.filter((r) => r.status === memberStatus.normal).length
    const last = rows.at(-1)
    if (active >= cap || rows.length < cap || !last) return active >= cap
    after = [last.group_id]
  }
}
