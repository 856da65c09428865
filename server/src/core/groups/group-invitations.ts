import {
  type ErrorName,
  ImError,
  type Input,
  invitedBy,
  joinMode,
  memberStatus,
  requestState,
  roles,
} from '@nexo-im/protocol'
import type { Handlers } from '../handler.ts'
import type { Row } from '../tables.ts'
import type { Caller, World } from '../world.ts'
import { propose } from './applications.ts'
import { admit } from './entrance.ts'
import { type Consent, consents, fullOfGroups } from './group-consent.ts'
import type { Membership } from './membership.ts'

/** Whether this member may bring others to the group at all. */
export function mayInvite(group: Row<'group'>, member: Row<'member'>): boolean {
  return member.role_level >= roles.admin || group.invited_by === invitedBy.members
}

/** Whether whom this member brings is in without anybody else's word. */
export function maySeat(group: Row<'group'>, member: Row<'member'>): boolean {
  if (!mayInvite(group, member)) return false
  return member.role_level >= roles.admin || group.join_mode !== joinMode.approval
}

interface Invitations {
  joined: string[]
  applied: string[]
  refused: { user_id: string; error: string }[]
}

/** Those who may come do, in one change; the others are named with the reason. */
async function invite(
  world: World,
  caller: Caller,
  input: Input<'group.invite'>,
  { group, member, expect }: Membership,
): Promise<Invitations> {
  if (!mayInvite(group, member)) throw new ImError('not_admin')
  const seats = maySeat(group, member)
  const { group_id: groupId } = group
  const asked = await consents(world, caller.userId, [...new Set(input.user_ids)])
  const reasons = await refusals(world, groupId, asked, seats)
  const willing = asked.filter((_, i) => reasons[i] === undefined)
  const userIds = willing.map((c) => c.userId)
  const refused = asked.flatMap(({ userId }, i) => {
    const error = reasons[i]
    return error === undefined ? [] : [{ user_id: userId, error }]
  })
  if (userIds.length === 0) return { joined: [], applied: [], refused }
  const conditions = [...expect, ...willing.flatMap((c) => c.expect)]
  if (!seats) {
    const members = await world.store.get(
      'member',
      userIds.map((id) => [groupId, id]),
    )
    await propose(world, {
      groupId,
      userIds,
      message: '',
      inviter: caller.userId,
      expect: [
        ...conditions,
        ...userIds.map((id, i) => ({
          kind: 'member' as const,
          key: [groupId, id],
          version: members[i]?.version ?? 0,
        })),
      ],
    })
    return { joined: [], applied: userIds, refused }
  }
  await admit(world, {
    group,
    userIds,
    actor: caller.userId,
    inviter: caller.userId,
    cause: 'invite',
    expect: conditions,
  })
  return { joined: userIds, applied: [], refused }
}

/** Why each of them cannot be brought in; undefined where they can. */
async function refusals(
  world: World,
  groupId: string,
  asked: readonly Consent[],
  seats: boolean,
): Promise<(ErrorName | undefined)[]> {
  const keys = asked.map((c) => [groupId, c.userId])
  const [members, applications, full] = await Promise.all([
    world.store.get('member', keys),
    world.store.get('application', keys),
    fullOfGroups(
      world,
      asked.map((c) => c.userId),
    ),
  ])
  return asked.map(({ refusal }, i) => {
    if (members[i]?.status === memberStatus.normal) return 'already_member'
    if (refusal !== undefined) return refusal
    if (!seats && applications[i]?.state === requestState.pending) return 'already_applied'
    return full[i] ? 'cap_reached' : undefined
  })
}

export const invitationHandlers = { 'group.invite': invite } satisfies Partial<Handlers>
