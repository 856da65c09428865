import { type EventData, groupConversationId, ImError, memberStatus, roles } from '@nexo-im/protocol'
import { listenerOf } from './audiences.ts'
import { needRoom } from './caps.ts'
import { keep } from './conflict.ts'
import { tellView } from './conversations.ts'
import { shownGroup, shownMember } from './group-shapes.ts'
import { conditionOf } from './membership.ts'
import { noticePuts } from './notices.ts'
import type { Expectation, Put, Stored } from './ports.ts'
import { nameKey } from './profiles.ts'
import type { Row } from './tables.ts'
import { tellNotice } from './telling.ts'
import { freshView } from './windows.ts'
import type { Caller, World } from './world.ts'
import type { Place } from './writer.ts'

/** How somebody came in. */
export type JoinCause = 'open' | 'invite' | 'approval' | 'link'

export interface Admission {
  readonly group: Stored<'group'>
  readonly userIds: readonly string[]
  /** Who let them in; themselves when they came alone. */
  readonly actor: string
  readonly inviter?: string
  readonly cause: JoinCause
  /** What the permission rests on, and what is written with it. */
  readonly expect?: readonly Expectation[]
  readonly put?: (place: Place) => readonly Put[]
}

interface Newcomer {
  readonly user: Stored<'user'>
  readonly member: Stored<'member'> | undefined
  readonly view: Stored<'view'> | undefined
  readonly memberId: number
}

/** A membership as rows: the member, and a window that opens behind the present end of the log. */
export function entryRows(
  group: Row<'group'>,
  who: {
    readonly userId: string
    readonly nickname: string
    readonly role: number
    readonly inviter: string
  },
  rows: { readonly memberId: number; readonly member?: Row<'member'>; readonly view?: Row<'view'> },
  { head, position }: Place,
  now: number,
): { member: Row<'member'>; view: Row<'view'> } {
  const { member: before, view: beforeView } = rows
  const conversation = groupConversationId(group.group_id)
  const fresh = freshView(conversation, who.userId, position, now)
  const seesAll = group.history_visible || head === 0
  return {
    member: {
      group_id: group.group_id,
      user_id: who.userId,
      member_id: rows.memberId,
      group_nickname: before?.group_nickname ?? '',
      group_avatar: before?.group_avatar ?? '',
      extra: before?.extra ?? null,
      role_level: who.role,
      status: memberStatus.normal,
      joined_at: now,
      join_seq: seesAll ? 1 : head + 1,
      inviter_user_id: who.inviter,
      created_at: before?.created_at ?? now,
      updated_at: now,
      rank: roles.owner - who.role,
      // A mute outlives leaving and coming back.
      muted_until: before?.muted_until ?? 0,
      name_key: nameKey(before?.group_nickname || who.nickname || who.userId),
    },
    view: {
      ...fresh,
      min_seq: seesAll ? 1 : head + 1,
      read_seq: head,
      delivered_seq: head,
      from_position: group.history_visible ? 0 : position,
      recv_msg_opt: beforeView?.recv_msg_opt ?? fresh.recv_msg_opt,
      is_pinned: beforeView?.is_pinned ?? false,
    },
  }
}

/** Lets users into a group, all of them or none. Throws Conflict when the group moved meanwhile. */
export async function admit(world: World, admission: Admission): Promise<void> {
  const { group, userIds, actor, cause } = admission
  const groupId = group.group_id
  const conversation = groupConversationId(groupId)
  const { newcomers, size } = await loadNewcomers(world, groupId, userIds)
  needRoom(world.rules.caps, 'groupMembers', size.members, newcomers.length)
  const members: Row<'member'>[] = []
  await keep(world, {
    conversation,
    build: (place) => {
      const now = world.clock.now()
      const rows = newcomers.map((n) => {
        const who = {
          userId: n.user.user_id,
          nickname: n.user.nickname,
          role: roles.member,
          inviter: admission.inviter ?? '',
        }
        const before = {
          memberId: n.memberId,
          ...(n.member && { member: n.member }),
          ...(n.view && { view: n.view }),
        }
        return entryRows(group, who, before, place, now)
      })
      members.splice(0, members.length, ...rows.map((r) => r.member))
      const telling = { conversation, kind: 'member_joined', actor, users: userIds, data: { cause } } as const
      return {
        expect: [
          { kind: 'group', key: [groupId], version: group.version },
          { kind: 'group_size', key: [groupId], version: size.version },
          ...newcomers.flatMap((n) => unchanged(groupId, conversation, n)),
          ...(admission.expect ?? []),
        ],
        put: [
          ...rows.flatMap(({ member, view }): Put[] => [
            { kind: 'member', row: member },
            { kind: 'view', row: view },
          ]),
          { kind: 'group_size', row: { group_id: groupId, members: size.members + newcomers.length } },
          ...noticePuts(telling, place, now),
          ...(admission.put?.(place) ?? []),
        ],
      }
    },
    kept: (change, place) => {
      for (const put of change.put ?? []) {
        if (put.kind === 'view')
          world.router.audiences.setMember(conversation, put.row.user_id, listenerOf(put.row))
      }
      const shown = shownGroup(group, size.members + newcomers.length)
      tellNotice(world, conversation, change, place, [{ group: shown }])
      for (const member of members)
        world.hooks.emit('user_joined', { group_id: groupId, member: shownMember(member) })
    },
  })
  for (const userId of userIds) await tellView(world, asSystem(userId), conversation)
}

/** Somebody whose devices are all told, because none of them asked. */
export function asSystem(userId: string): Caller {
  return { userId, sessionId: '', platformId: 0 }
}

async function loadNewcomers(
  world: World,
  groupId: string,
  userIds: readonly string[],
): Promise<{ newcomers: Newcomer[]; size: Stored<'group_size'> }> {
  const conversation = groupConversationId(groupId)
  const [users, members, views, [size]] = await Promise.all([
    world.store.get(
      'user',
      userIds.map((id) => [id]),
    ),
    world.store.get(
      'member',
      userIds.map((id) => [groupId, id]),
    ),
    world.store.get(
      'view',
      userIds.map((id) => [conversation, id]),
    ),
    world.store.get('group_size', [[groupId]]),
  ])
  if (!size) throw new ImError('group_not_found')
  await world.numbers.ready(userIds.length)
  const newcomers = users.map((user, i) => {
    if (!user) throw new ImError('user_not_found', { detail: `user_id: ${userIds[i]}` })
    const member = members[i]
    if (member?.status === memberStatus.normal) throw new ImError('already_member')
    return { user, member, view: views[i], memberId: member?.member_id ?? world.numbers.next() }
  })
  return { newcomers, size }
}

function unchanged(groupId: string, conversation: string, { user, member, view }: Newcomer): Expectation[] {
  return [
    { kind: 'member', key: [groupId, user.user_id], version: member?.version ?? 0 },
    { kind: 'view', key: [conversation, user.user_id], version: view?.version ?? 0 },
  ]
}

export interface Release {
  readonly groupId: string
  readonly members: readonly Stored<'member'>[]
  readonly actor: string
  readonly cause: EventData<'user_left'>['cause']
  readonly expect?: readonly Expectation[]
}

/** Takes members out of a group: they keep what was visible until now and see nothing later, on no device. */
export async function release(
  world: World,
  { groupId, members, actor, cause, expect = [] }: Release,
): Promise<void> {
  const conversation = groupConversationId(groupId)
  const userIds = members.map((m) => m.user_id)
  const [views, [size]] = await Promise.all([
    world.store.get(
      'view',
      userIds.map((id) => [conversation, id]),
    ),
    world.store.get('group_size', [[groupId]]),
  ])
  if (!size) throw new ImError('group_not_found')
  const kind = cause === 'quit' ? 'member_left' : 'member_kicked'
  const status = cause === 'quit' ? memberStatus.left : memberStatus.kicked
  await keep(world, {
    conversation,
    build: (place) => {
      const now = world.clock.now()
      return {
        expect: [
          { kind: 'group_size', key: [groupId], version: size.version },
          ...members.map(conditionOf),
          ...views.map((view, i): Expectation => {
            return { kind: 'view', key: [conversation, userIds[i] ?? ''], version: view?.version ?? 0 }
          }),
          ...expect,
        ],
        put: [
          ...members.map(
            ({ version: _, ...row }): Put => ({
              kind: 'member',
              row: {
                ...row,
                role_level: roles.member,
                rank: roles.owner - roles.member,
                status,
                updated_at: now,
              },
            }),
          ),
          ...views.flatMap((view) => (view ? [closed(view, place)] : [])),
          { kind: 'group_size', row: { group_id: groupId, members: size.members - members.length } },
          ...noticePuts({ conversation, kind, actor, users: userIds }, place, now),
        ],
      }
    },
    kept: (change, place) => {
      // They hear of their own leaving, and of nothing after it.
      tellNotice(world, conversation, change, place)
      for (const userId of userIds) {
        world.router.audiences.dropMember(conversation, userId)
        world.hooks.emit('user_left', { group_id: groupId, user_id: userId, cause })
      }
    },
  })
  for (const userId of userIds) await tellView(world, asSystem(userId), conversation)
}

/** Closed at the present maximum, at least one below the start: leaving an empty group shows nothing. */
function closed({ version: _, ...row }: Stored<'view'>, { head, position }: Place): Put {
  return {
    kind: 'view',
    row: { ...row, max_seq: Math.max(head, row.min_seq - 1), to_position: position, position },
  }
}
