import { ImError } from '@nexo-im/protocol'
import type { Stored } from '../ports.ts'
import type { World } from '../world.ts'
import { accountStatus } from './account-status.ts'

/** Another user whom the caller may approach. */
export interface Contact {
  readonly user: Stored<'user'>
  /** What they hold of the caller, and the caller of them. */
  readonly theirs: Stored<'relation'> | undefined
  readonly mine: Stored<'relation'> | undefined
}

/** Throws unless the other one exists, is not the caller, and has not blocked the caller. */
export async function proveContact(world: World, userId: string, otherId: string): Promise<Contact> {
  if (otherId === userId) throw new ImError('not_with_oneself')
  const [[user], [theirs, mine]] = await Promise.all([
    world.store.get('user', [[otherId]]),
    world.store.get('relation', [
      [otherId, userId],
      [userId, otherId],
    ]),
  ])
  if (!user || user.status === accountStatus.deleted) throw new ImError('user_not_found')
  if (theirs?.is_blocked) throw new ImError('blocked')
  return { user, theirs, mine }
}
