import { openTo, type Privacy } from '@nexo-im/protocol'
import type { Row } from '../tables.ts'
import type { World } from '../world.ts'

export type PrivacyField = keyof Privacy

/** What holds for who never set anything. */
export const openPrivacy: Privacy = {
  find_me: openTo.everyone,
  message_me: openTo.everyone,
  add_to_groups: openTo.everyone,
  see_online: openTo.everyone,
  see_read: openTo.everyone,
}

/** What remains of a deleted account: nothing is open to anybody. */
export const closedPrivacy: Privacy = {
  find_me: openTo.nobody,
  message_me: openTo.nobody,
  add_to_groups: openTo.nobody,
  see_online: openTo.nobody,
  see_read: openTo.nobody,
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
  return owners.map((owner, i) => owner === askerId || isOpenTo(settings[i]?.[field], relations[i]))
}

/** Whether one owner lets each of the askers. */
export async function allowsEach(
  world: World,
  field: PrivacyField,
  owner: string,
  askers: readonly string[],
): Promise<boolean[]> {
  const [[settings], relations] = await Promise.all([
    world.store.get('privacy', [[owner]]),
    world.store.get(
      'relation',
      askers.map((id) => [owner, id]),
    ),
  ])
  return askers.map((asker, i) => owner === asker || isOpenTo(settings?.[field], relations[i]))
}

/** Whether a setting lets somebody whom its owner holds so: never anybody blocked. */
export function isOpenTo(setting: number | undefined, relation: Row<'relation'> | undefined): boolean {
  if (relation?.is_blocked) return false
  const open = setting ?? openTo.everyone
  return open === openTo.everyone || (open === openTo.friends && relation?.is_friend === true)
}

export function seesReadState(world: World, userId: string, owners: readonly string[]): Promise<boolean[]> {
  return allows(world, 'see_read', owners, userId)
}

export function shownPrivacy(row: Row<'privacy'>): Privacy {
  const { find_me, message_me, add_to_groups, see_online, see_read } = row
  return { find_me, message_me, add_to_groups, see_online, see_read }
}
