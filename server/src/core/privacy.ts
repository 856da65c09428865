import { openTo, type Privacy } from '@nexo-im/protocol'
import type { Row } from './tables.ts'
import type { World } from './world.ts'

export type PrivacyField = keyof Privacy

/** What holds for who never set anything. */
export const openPrivacy: Privacy = {
  find_me: openTo.everyone,
  message_me: openTo.everyone,
  add_to_groups: openTo.everyone,
  see_online: openTo.everyone,
  see_read: openTo.everyone,
}

/**
 * Whether each owner lets the asker: by the setting, by friendship as the owner holds it, and never anybody blocked.
 * Everybody may do everything to themselves.
 */
export async function allows(
  world: World,
  field: PrivacyField,
  owners: readonly string[],
  askerId: string,
): Promise<boolean[]> {
  const [settings, relations] = await Promise.all([
    world.store.get(
      'privacy',
      owners.map((id) => [id]),
    ),
    world.store.get(
      'relation',
      owners.map((id) => [id, askerId]),
    ),
  ])
  return owners.map((owner, i) => {
    if (owner === askerId) return true
    if (relations[i]?.is_blocked) return false
    const open = settings[i]?.[field] ?? openTo.everyone
    return open === openTo.everyone || (open === openTo.friends && relations[i]?.is_friend === true)
  })
}

export function seesReadState(world: World, userId: string, owners: readonly string[]): Promise<boolean[]> {
  return allows(world, 'see_read', owners, userId)
}

export function shownPrivacy(row: Row<'privacy'>): Privacy {
  const { find_me, message_me, add_to_groups, see_online, see_read } = row
  return { find_me, message_me, add_to_groups, see_online, see_read }
}
