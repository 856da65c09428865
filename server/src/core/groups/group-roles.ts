import { groupStatus, ImError, type Input, memberStatus, requestState, roles } from '@nexo-im/protocol'
import { needRoom } from '../caps.ts'
import type { Handlers } from '../handler.ts'
import type { Stored } from '../ports.ts'
import type { Row } from '../tables.ts'
import type { Caller, World } from '../world.ts'
import { release, withRole } from './entrance.ts'
import { bare, changeGroup } from './group-changes.ts'
import type { Membership } from './membership.ts'
import { answers, conditionOfApplication, tellApplications } from './pending-applications.ts'

/** The one member that an operation names. */
function onlyTarget({ targets }: Membership): Stored<'member'> {
  const [target] = targets
  if (!target) throw new ImError('target_not_member')
  return target
}

async function kick(world: World, caller: Caller, membership: Membership): Promise<null> {
  const { group, targets, expect } = membership
  if (targets.some((t) => t.user_id === caller.userId)) throw new ImError('not_with_oneself')
  const groupId = group.group_id
  await release(world, { groupId, members: targets, actor: caller.userId, cause: 'kick', expect })
  return null
}

async function setRole(
  world: World,
  caller: Caller,
  { role_level: role }: Input<'group.set_role'>,
  membership: Membership,
): Promise<null> {
  const { group, expect } = membership
  const target = onlyTarget(membership)
  // The owner's own role changes by a transfer and in no other way.
  if (target.user_id === caller.userId) throw new ImError('role_too_low')
  if (target.role_level === role) return null
  if (role === roles.admin) await needAdminRoom(world, group.group_id)
  const notice = {
    kind: 'role_changed',
    actor: caller.userId,
    users: [target.user_id],
    data: { role_level: role },
  } as const
  await changeGroup(world, { group, expect, notice, members: [reRole(target, role)] })
  return null
}

async function needAdminRoom(world: World, groupId: string): Promise<void> {
  const { caps } = world.rules
  const prefix = [groupId, memberStatus.normal, roles.owner - roles.admin]
  const admins = await world.store.list('member', 'by_rank', prefix, { limit: caps.groupAdmins })
  needRoom(caps, 'groupAdmins', admins.length)
}

function reRole(member: Stored<'member'>, role: number): Row<'member'> {
  return withRole(bare(member), role)
}

async function transfer(world: World, caller: Caller, membership: Membership): Promise<null> {
  const target = onlyTarget(membership)
  if (target.user_id === caller.userId) throw new ImError('not_with_oneself')
  if (target.role_level < roles.admin) await needAdminRoom(world, membership.group.group_id)
  await handOver(world, caller.userId, membership, target)
  return null
}

/** Both roles change in one commit, on the condition that neither moved: there is one owner before and after. */
export async function handOver(
  world: World,
  actor: string,
  { group, member: owner, expect }: Omit<Membership, 'targets'>,
  heir: Stored<'member'>,
): Promise<void> {
  await changeGroup(world, {
    group,
    expect,
    notice: { kind: 'owner_changed', actor, users: [heir.user_id] },
    // Nobody could lift a mute of the owner.
    members: [reRole(owner, roles.admin), { ...reRole(heir, roles.owner), muted_until: 0 }],
  })
}

async function mute(
  world: World,
  caller: Caller,
  { seconds }: Input<'group.mute'>,
  membership: Membership,
): Promise<null> {
  const { group, expect } = membership
  const target = onlyTarget(membership)
  if (target.user_id === caller.userId) throw new ImError('role_too_low')
  const until = mutedUntil(world, seconds)
  const notice = {
    kind: 'member_muted',
    actor: caller.userId,
    users: [target.user_id],
    data: { until },
  } as const
  await changeGroup(world, { group, expect, notice, members: [{ ...bare(target), muted_until: until }] })
  return null
}

async function muteAll(
  world: World,
  caller: Caller,
  { seconds }: Input<'group.mute_all'>,
  { group, expect }: Membership,
): Promise<null> {
  const until = mutedUntil(world, seconds)
  const notice = { kind: 'all_muted', actor: caller.userId, data: { until } } as const
  await changeGroup(world, { group, expect, notice, next: { muted_until: until } })
  return null
}

/** Unix ms; 0 lifts a mute. */
function mutedUntil(world: World, seconds: number): number {
  return seconds === 0 ? 0 : world.clock.now() + seconds * 1000
}

/** Members and history stay; whoever waited is answered, and no link leads in any more. */
export async function dissolve(
  world: World,
  actor: string,
  { group, expect }: Pick<Membership, 'group' | 'expect'>,
): Promise<null> {
  const groupId = group.group_id
  const [waiting, links] = await Promise.all([
    world.store.list('application', 'by_state', [groupId, requestState.pending]),
    world.store.list('invite_link', 'by_group', [groupId]),
  ])
  const now = world.clock.now()
  await changeGroup(world, {
    group,
    expect: [...expect, ...waiting.map(conditionOfApplication)],
    notice: { kind: 'group_dissolved', actor },
    next: { status: groupStatus.dismissed },
    put: (place) => answers(waiting, requestState.rejected, actor, place, now),
    remove: links.map((l) => ({ kind: 'invite_link', key: [l.token] })),
    kept: (change, place) => {
      tellApplications(world, change.put, place, [])
      world.hooks.emit('group_deleted', { group_id: groupId, by: actor })
    },
  })
  return null
}

export const roleHandlers = {
  'group.kick': (world, caller, _, membership) => kick(world, caller, membership),
  'group.set_role': setRole,
  'group.transfer': (world, caller, _, membership) => transfer(world, caller, membership),
  'group.dissolve': (world, caller, _, membership) => dissolve(world, caller.userId, membership),
  'group.mute': mute,
  'group.mute_all': muteAll,
} satisfies Partial<Handlers>
