import {
  type Group,
  groupConversationId,
  groupStatus,
  ImError,
  type Input,
  joinMode,
  memberStatus,
  roles,
} from '@nexo-im/protocol'
import { needRoom } from '../caps.ts'
import { keep } from '../conflict.ts'
import { noticePuts } from '../conversations/notices.ts'
import { tellNotice } from '../conversations/telling.ts'
import type { Handlers } from '../handler.ts'
import type { Put, Stored } from '../ports.ts'
import type { Row } from '../tables.ts'
import type { Caller, World } from '../world.ts'
import { admit, entryRows, openViews, release, takeGroupsTurn, tellMembers, tellViews } from './entrance.ts'
import { type Consent, consents, fullOfGroups } from './group-consent.ts'
import { outsideOf, shownGroup, withSize } from './group-shapes.ts'
import type { GroupSight, Membership } from './membership.ts'

interface Founder {
  readonly user: Stored<'user'>
  readonly memberId: number
}

async function create(world: World, caller: Caller, input: Input<'group.create'>): Promise<Group> {
  const others = [...new Set(input.member_ids ?? [])].filter((id) => id !== caller.userId)
  const ids = [caller.userId, ...others]
  const asked = await needConsents(world, caller, ids)
  await world.numbers.ready(ids.length + 1)
  const groupId = String(world.numbers.next())
  const conversation = groupConversationId(groupId)
  const now = world.clock.now()
  const row = freshGroup(groupId, caller.userId, input, now)
  const founders = asked.map(({ user }): Founder => ({ user, memberId: world.numbers.next() }))
  const group = shownGroup(row, founders.length)
  const notice = { kind: 'group_created', actor: caller.userId, users: others.slice(0, 100) } as const
  await keep(world, {
    conversation,
    build: (place) => ({
      expect: [{ kind: 'group', key: [groupId], version: 0 }, ...asked.flatMap((c) => c.expect)],
      put: [
        { kind: 'group', row },
        { kind: 'group_size', row: { group_id: groupId, members: founders.length } },
        ...founders.flatMap((founder): Put[] => {
          const isOwner = founder.user.user_id === caller.userId
          const who = {
            userId: founder.user.user_id,
            nickname: founder.user.nickname,
            role: isOwner ? roles.owner : roles.member,
            inviter: isOwner ? '' : caller.userId,
          }
          const { member, view } = entryRows(row, who, founder, place, now)
          return [
            { kind: 'member', row: member },
            { kind: 'view', row: view },
          ]
        }),
        ...noticePuts({ ...notice, conversation }, place, now),
      ],
    }),
    kept: (change, place) => {
      openViews(world, change)
      tellNotice(world, conversation, change, place, [{ group }])
      tellMembers(world, change, place)
      world.hooks.emit('group_created', { group, member_ids: ids })
    },
  })
  await tellViews(world, ids, conversation)
  return group
}

function freshGroup(
  groupId: string,
  creator: string,
  input: Input<'group.create'>,
  now: number,
): Row<'group'> {
  return {
    group_id: groupId,
    name: input.name,
    introduction: input.introduction ?? '',
    avatar: input.avatar ?? '',
    extra: null,
    status: groupStatus.normal,
    creator_user_id: creator,
    created_at: now,
    updated_at: now,
    join_mode: input.join_mode ?? joinMode.open,
    invited_by: input.invited_by ?? 0,
    is_private: input.is_private ?? false,
    history_visible: input.history_visible ?? false,
    muted_until: 0,
    announcement: '',
    announced_at: 0,
  }
}

/** Everybody named must exist and let themselves be added by the caller; one who does not refuses the whole call. */
async function needConsents(
  world: World,
  caller: Caller,
  ids: readonly string[],
): Promise<(Consent & { readonly user: Stored<'user'> })[]> {
  needRoom(world.rules.caps, 'groupMembers', 0, ids.length)
  const [asked, full] = await Promise.all([consents(world, caller.userId, ids), fullOfGroups(world, ids)])
  return asked.map((consent, i) => {
    const { user, refusal } = consent
    const detail = `member_ids: ${consent.userId}`
    if (refusal !== undefined || !user) throw new ImError(refusal ?? 'user_not_found', { detail })
    if (full[i]) throw new ImError('cap_reached', { detail: `groupsPerUser: ${consent.userId}` })
    return { ...consent, user }
  })
}

async function join(
  world: World,
  caller: Caller,
  input: Input<'group.join'>,
  sight: GroupSight,
): Promise<null> {
  const { group, member } = sight
  if (member?.status === memberStatus.normal) throw new ImError('already_member')
  if (group.join_mode === joinMode.approval) throw new ImError('join_by_approval')
  // What shows itself to members only is not open to whoever guesses its id.
  if (group.join_mode === joinMode.invitation || group.is_private) throw new ImError('join_by_invitation')
  const { inviter_id: inviterId } = input
  const [inviter] =
    inviterId === undefined ? [] : await world.store.get('member', [[group.group_id, inviterId]])
  await admit(world, {
    group,
    userIds: [caller.userId],
    actor: caller.userId,
    // An inviter is kept only if an active member: no forged invitations.
    ...(inviter?.status === memberStatus.normal && { inviter: inviter.user_id }),
    cause: 'open',
  })
  return null
}

async function quit(world: World, caller: Caller, { group, member }: Membership): Promise<null> {
  if (member.role_level === roles.owner) throw new ImError('owner_stays')
  await release(world, { groupId: group.group_id, members: [member], actor: caller.userId, cause: 'quit' })
  return null
}

/** Announcements are for members. */
async function info(world: World, { group, member }: GroupSight): Promise<Group> {
  const shown = await withSize(world.store, group)
  return member?.status === memberStatus.normal ? shown : outsideOf(shown)
}

export const groupHandlers = {
  'group.create': (world, caller, input) =>
    takeGroupsTurn(world, caller.userId, () => create(world, caller, input)),
  'group.join': join,
  'group.quit': (world, caller, _, membership) => quit(world, caller, membership),
  'group.info': (world, _, _input, sight) => info(world, sight),
} satisfies Partial<Handlers>
