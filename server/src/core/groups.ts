import {
  type Group,
  groupConversationId,
  groupStatus,
  ImError,
  type Input,
  joinMode,
  type Member,
  memberStatus,
  roles,
} from '@nexo-im/protocol'
import { accountStatus } from './account-status.ts'
import { needRoom } from './caps.ts'
import { keep } from './conflict.ts'
import { tellView } from './conversations.ts'
import { admit, asSystem, entryRows, release } from './entrance.ts'
import { shownGroup, shownMember } from './group-shapes.ts'
import type { Handlers } from './handler.ts'
import type { GroupSight, Membership } from './membership.ts'
import { noticePuts } from './notices.ts'
import type { Put, Stored } from './ports.ts'
import { allows } from './privacy.ts'
import type { Row } from './tables.ts'
import { tellNotice } from './telling.ts'
import type { Caller, World } from './world.ts'

async function create(world: World, caller: Caller, input: Input<'group.create'>): Promise<Group> {
  const others = [...new Set(input.member_ids ?? [])].filter((id) => id !== caller.userId)
  const users = await needUsers(world, caller, [caller.userId, ...others])
  await world.numbers.ready(users.length + 1)
  const now = world.clock.now()
  const groupId = String(world.numbers.next())
  const conversation = groupConversationId(groupId)
  const row = freshGroup(groupId, caller.userId, input, now)
  const members = users.map((user) => ({ user, memberId: world.numbers.next() }))
  await keep(world, {
    conversation,
    build: (place) => {
      const entering = members.flatMap(({ user, memberId }): Put[] => {
        const isOwner = user.user_id === caller.userId
        const who = {
          userId: user.user_id,
          nickname: user.nickname,
          role: isOwner ? roles.owner : roles.member,
          inviter: isOwner ? '' : caller.userId,
        }
        const rows = entryRows(row, who, { memberId }, place, now)
        return [
          { kind: 'member', row: rows.member },
          { kind: 'view', row: rows.view },
        ]
      })
      const telling = {
        conversation,
        kind: 'group_created',
        actor: caller.userId,
        users: others.slice(0, 100),
      } as const
      return {
        expect: [{ kind: 'group', key: [groupId], version: 0 }],
        put: [
          { kind: 'group', row },
          { kind: 'group_size', row: { group_id: groupId, members: members.length } },
          ...entering,
          ...noticePuts(telling, place, now),
        ],
      }
    },
    kept: (change, place) => {
      for (const put of change.put ?? []) {
        if (put.kind !== 'view') continue
        world.router.audiences.setMember(conversation, put.row.user_id, {
          option: put.row.recv_msg_opt,
          minSeq: 1,
          readSeq: 0,
          deliveredSeq: 0,
        })
      }
      tellNotice(world, conversation, change, place, [{ group: shownGroup(row, members.length) }])
    },
  })
  const group = shownGroup(row, members.length)
  world.hooks.emit('group_created', { group, member_ids: users.map((u) => u.user_id) })
  for (const { user_id: id } of users)
    if (world.presence.of(id).length > 0) await tellView(world, asSystem(id), conversation)
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
async function needUsers(world: World, caller: Caller, ids: readonly string[]): Promise<Stored<'user'>[]> {
  needRoom(world.rules.caps, 'groupMembers', 0, ids.length)
  const [users, open] = await Promise.all([
    world.store.get(
      'user',
      ids.map((id) => [id]),
    ),
    allows(world, 'add_to_groups', ids, caller.userId),
  ])
  return ids.map((id, i) => {
    const user = users[i]
    const detail = `member_ids: ${id}`
    if (!user || user.status === accountStatus.deleted) throw new ImError('user_not_found', { detail })
    if (!open[i]) throw new ImError('privacy', { detail })
    return user
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
  if (group.join_mode === joinMode.invitation) throw new ImError('join_by_invitation')
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

export async function withSize(world: World, group: Row<'group'>): Promise<Group> {
  const [size] = await world.store.get('group_size', [[group.group_id]])
  return shownGroup(group, size?.members ?? 0)
}

type Members = Member[] | { list: Member[]; has_more: boolean; next_cursor?: { user_id: string } }

/** Owner, admins, then by time of joining; the whole list, or pages when a limit or a cursor is given. */
async function members(world: World, input: Input<'group.members'>): Promise<Members> {
  const { group_id: groupId, limit, cursor_user_id: cursor } = input
  const prefix = [groupId, memberStatus.normal]
  if (limit === undefined && cursor === undefined) {
    return (await world.store.list('member', 'by_rank', prefix)).map(shownMember)
  }
  const count = limit ?? 100
  const [at] = cursor === undefined ? [] : await world.store.get('member', [[groupId, cursor]])
  if (cursor !== undefined && !at)
    throw new ImError('invalid_parameter', { detail: 'cursor_user_id: no member' })
  const page = at ? { after: [at.rank, at.joined_at, at.member_id], limit: count + 1 } : { limit: count + 1 }
  const rows = await world.store.list('member', 'by_rank', prefix, page)
  const list = rows.slice(0, count).map(shownMember)
  const last = list.at(-1)
  if (rows.length <= count || !last) return { list, has_more: false }
  return { list, has_more: true, next_cursor: { user_id: last.user_id } }
}

export const groupHandlers = {
  'group.create': create,
  'group.join': join,
  'group.quit': (world, caller, _, membership) => quit(world, caller, membership),
  'group.info': (world, _, _input, { group }) => withSize(world, group),
  'group.members': (world, _, input) => members(world, input),
} satisfies Partial<Handlers>
