import { groupStatus, ImError, memberStatus, roles } from '@nexo-im/protocol'
import type { Expectation, Stored } from '../ports.ts'
import type { World } from '../world.ts'

/** A group as somebody outside or inside may look at it. */
export interface GroupSight {
  readonly group: Stored<'group'>
  /** The caller's row, of whatever status. */
  readonly member: Stored<'member'> | undefined
}

/** A group and an active member of it, who may act. */
export interface Membership {
  readonly group: Stored<'group'>
  readonly member: Stored<'member'>
  /** Whom it is done to: active members of lower roles, in the order named. */
  readonly targets: readonly Stored<'member'>[]
  /** The records all this rests on, as conditions of what is written. */
  readonly expect: readonly Expectation[]
}

async function load(world: World, userId: string, groupId: string): Promise<Partial<GroupSight>> {
  const [[group], [member]] = await Promise.all([
    world.store.get('group', [[groupId]]),
    world.store.get('member', [[groupId, userId]]),
  ])
  return { ...(group && { group }), ...(member && { member }) }
}

/** Private groups show themselves to their members; for others they are not there (A16). */
export async function seeGroup(world: World, userId: string, groupId: string): Promise<GroupSight> {
  const { group, member } = await load(world, userId, groupId)
  if (!group) throw new ImError('group_not_found')
  if (group.is_private && member?.status !== memberStatus.normal) throw new ImError('no_permission')
  return { group, member }
}

export async function joinableGroup(world: World, userId: string, groupId: string): Promise<GroupSight> {
  const { group, member } = await load(world, userId, groupId)
  if (!group) throw new ImError('group_not_found')
  if (group.status === groupStatus.dismissed) throw new ImError('group_dismissed')
  return { group, member }
}

export async function leavableGroup(world: World, userId: string, groupId: string): Promise<Membership> {
  const { group, member } = await load(world, userId, groupId)
  if (!group || !member || member.status !== memberStatus.normal) throw new ImError('not_member')
  return { group, member, targets: [], expect: [conditionOf(member)] }
}

/** The caller is active in the group with at least `role`, and every target is active in a lower one. */
export async function needRole(
  world: World,
  userId: string,
  groupId: string,
  role: number,
  targetIds: readonly string[] = [],
): Promise<Membership> {
  const { group, member } = await load(world, userId, groupId)
  if (!group) throw new ImError('group_not_found')
  if (!member) throw new ImError('not_member')
  if (member.status !== memberStatus.normal) throw new ImError('member_inactive')
  if (group.status === groupStatus.dismissed) throw new ImError('group_dismissed')
  if (member.role_level < role) throw new ImError(role === roles.owner ? 'not_owner' : 'not_admin')
  const targets = await loadTargets(world, groupId, targetIds, member)
  return {
    group,
    member,
    targets,
    expect: [
      { kind: 'group', key: [groupId], version: group.version },
      ...[member, ...targets].map(conditionOf),
    ],
  }
}

async function loadTargets(
  world: World,
  groupId: string,
  ids: readonly string[],
  caller: Stored<'member'>,
): Promise<Stored<'member'>[]> {
  const unique = [...new Set(ids)]
  const rows = await world.store.get(
    'member',
    unique.map((id) => [groupId, id]),
  )
  return rows.map((row, i) => {
    if (row?.status !== memberStatus.normal)
      throw new ImError('target_not_member', { detail: `user_id: ${unique[i]}` })
    if (row.role_level === roles.owner && row.user_id !== caller.user_id) throw new ImError('owner_stays')
    if (row.role_level >= caller.role_level && row.user_id !== caller.user_id)
      throw new ImError('role_too_low', { detail: `user_id: ${unique[i]}` })
    return row
  })
}

export function conditionOf(member: Stored<'member'>): Expectation {
  return { kind: 'member', key: [member.group_id, member.user_id], version: member.version }
}
