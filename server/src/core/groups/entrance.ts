import {
  type EventData,
  groupConversationId,
  ImError,
  memberStatus,
  requestState,
  roles,
} from '@nexo-im/protocol'
import { listenerOf } from '../audiences.ts'
import { needRoom } from '../caps.ts'
import { keep } from '../conflict.ts'
import { tellView } from '../conversations/conversations.ts'
import { noticePuts } from '../conversations/notices.ts'
import { tellNotice, tellUsers } from '../conversations/telling.ts'
import { freshView } from '../conversations/windows.ts'
import { nameKey } from '../people/profiles.ts'
import type { Change, Expectation, Put, Stored } from '../ports.ts'
import type { Row } from '../tables.ts'
import type { Caller, World } from '../world.ts'
import type { Place } from '../writer.ts'
import { accountRefusal, fullOfGroups } from './group-consent.ts'
import { shownGroup, shownMember } from './group-shapes.ts'
import { conditionOf } from './membership.ts'
import { answerers, answers, pendingAmong, tellApplications } from './pending-applications.ts'

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
  readonly put?: readonly Put[]
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
  const joinSeq = seesAll ? 1 : head + 1
  // A window that began later than its owner came was cleared: that stays cleared.
  const cleared = before && beforeView && beforeView.min_seq > before.join_seq ? beforeView : undefined
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
      join_seq: joinSeq,
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
      min_seq: seesAll ? (cleared?.min_seq ?? 1) : joinSeq,
      read_seq: head,
      delivered_seq: head,
      from_position: group.history_visible ? (cleared?.from_position ?? 0) : position,
      recv_msg_opt: beforeView?.recv_msg_opt ?? fresh.recv_msg_opt,
      is_pinned: beforeView?.is_pinned ?? false,
      // What they deleted for themselves stays deleted, should they see it again.
      hidden_count: beforeView?.hidden_count ?? 0,
    },
  }
}

/**
 * Lets users into a group, all of them or none, and answers their applications with it. Throws `cap_reached`,
 * `already_member`, `user_not_found`, `banned`, and Conflict when the group or one of them moved meanwhile.
 */
export function admit(world: World, admission: Admission): Promise<void> {
  const [userId] = admission.userIds
  const enter = (): Promise<void> => admitAll(world, admission)
  // Somebody's joins take turns, so that a burst of them cannot pass the cap on groups together.
  return admission.userIds.length === 1 ? takeGroupsTurn(world, userId ?? '', enter) : enter()
}

/** Runs what adds to one user's groups after what does so already. Taken inside a group's turn, never around it. */
export function takeGroupsTurn<T>(world: World, userId: string, work: () => Promise<T>): Promise<T> {
  return world.turns.take(`groups of ${userId}`, work)
}

async function admitAll(world: World, admission: Admission): Promise<void> {
  const { group, userIds, actor, cause } = admission
  const groupId = group.group_id
  const conversation = groupConversationId(groupId)
  const { newcomers, size, applications, answererIds } = await loadNewcomers(world, groupId, userIds)
  needRoom(world.rules.caps, 'groupMembers', size.members, newcomers.length)
  const now = world.clock.now()
  const shown = shownGroup(group, size.members + newcomers.length)
  const telling = { conversation, kind: 'member_joined', actor, users: userIds, data: { cause } } as const
  await keep(world, {
    conversation,
    build: (place) => ({
      expect: [
        { kind: 'group', key: [groupId], version: group.version },
        { kind: 'group_size', key: [groupId], version: size.version },
        ...newcomers.flatMap((n) => unchanged(groupId, conversation, n)),
        ...applications.expect,
        ...(admission.expect ?? []),
      ],
      put: [
        ...newcomers.flatMap((n) => entryPuts(admission, n, place, now)),
        { kind: 'group_size', row: { group_id: groupId, members: shown.member_count } },
        ...noticePuts(telling, place, now),
        ...answers(applications.pending, requestState.accepted, actor, place, now),
        ...(admission.put ?? []),
      ],
    }),
    kept: (change, place) => {
      openViews(world, change)
      tellNotice(world, conversation, change, place, [{ group: shown }])
      tellMembers(world, change, place)
      tellApplications(world, change.put, place, answererIds)
      for (const put of change.put ?? []) {
        if (put.kind === 'member')
          world.hooks.emit('user_joined', { group_id: groupId, member: shownMember(put.row) })
      }
    },
  })
  await tellViews(world, userIds, conversation)
}

function entryPuts(admission: Admission, newcomer: Newcomer, place: Place, now: number): Put[] {
  const { user, memberId, member: before, view: beforeView } = newcomer
  const who = {
    userId: user.user_id,
    nickname: user.nickname,
    role: roles.member,
    inviter: admission.inviter ?? '',
  }
  const rows = { memberId, ...(before && { member: before }), ...(beforeView && { view: beforeView }) }
  const { member, view } = entryRows(admission.group, who, rows, place, now)
  return [
    { kind: 'member', row: member },
    { kind: 'view', row: view },
  ]
}

/** Windows that were kept open: from now on their users hear the conversation. */
export function openViews(world: World, change: Change): void {
  for (const put of change.put ?? []) {
    if (put.kind !== 'view') continue
    world.router.setMember(put.row.conversation_id, put.row.user_id, listenerOf(put.row))
  }
}

/** To each member whose row was kept, what it is now. */
export function tellMembers(world: World, change: Change, { position }: Place): void {
  for (const put of change.put ?? []) {
    if (put.kind !== 'member' || !world.presence.isOnline(put.row.user_id)) continue
    tellUsers(world, [put.row.user_id], [{ position, member: shownMember(put.row) }])
  }
}

/** To those of them who are online, their conversation as it stands now. */
export async function tellViews(
  world: World,
  userIds: readonly string[],
  conversation: string,
): Promise<void> {
  for (const userId of userIds) {
    if (world.presence.isOnline(userId)) await tellView(world, asSystem(userId), conversation)
  }
}

/** Somebody whose devices are all told, because none of them asked. */
function asSystem(userId: string): Caller {
  return { userId, sessionId: '', platformId: 0 }
}

interface Arrival {
  readonly newcomers: readonly Newcomer[]
  readonly size: Stored<'group_size'>
  readonly applications: Awaited<ReturnType<typeof pendingAmong>>
  readonly answererIds: readonly string[]
}

async function loadNewcomers(world: World, groupId: string, userIds: readonly string[]): Promise<Arrival> {
  const conversation = groupConversationId(groupId)
  const { store } = world
  const [users, members, views, [size], applications, full] = await Promise.all([
    store.get(
      'user',
      userIds.map((id) => [id]),
    ),
    store.get(
      'member',
      userIds.map((id) => [groupId, id]),
    ),
    store.get(
      'view',
      userIds.map((id) => [conversation, id]),
    ),
    store.get('group_size', [[groupId]]),
    pendingAmong(world, groupId, userIds),
    fullOfGroups(world, userIds),
  ])
  if (!size) throw new ImError('group_not_found')
  await world.numbers.ready(userIds.length)
  const newcomers = users.map((user, i): Newcomer => {
    const member = members[i]
    const detail = `user_id: ${userIds[i]}`
    const refusal = accountRefusal(world, user)
    if (refusal !== undefined || !user) throw new ImError(refusal ?? 'user_not_found', { detail })
    if (member?.status === memberStatus.normal) throw new ImError('already_member', { detail })
    if (full[i]) throw new ImError('cap_reached', { detail: `groupsPerUser: ${user.user_id}` })
    return { user, member, view: views[i], memberId: member?.member_id ?? world.numbers.next() }
  })
  const answererIds = applications.pending.length === 0 ? [] : await answerers(world, groupId)
  return { newcomers, size, applications, answererIds }
}

function unchanged(groupId: string, conversation: string, { user, member, view }: Newcomer): Expectation[] {
  return [
    { kind: 'user', key: [user.user_id], version: user.version },
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
  const [views, [size], [group]] = await Promise.all([
    world.store.get(
      'view',
      userIds.map((id) => [conversation, id]),
    ),
    world.store.get('group_size', [[groupId]]),
    world.store.get('group', [[groupId]]),
  ])
  if (!size || !group) throw new ImError('group_not_found')
  const kind = cause === 'quit' ? 'member_left' : 'member_kicked'
  const status = cause === 'quit' ? memberStatus.left : memberStatus.kicked
  const now = world.clock.now()
  const shown = shownGroup(group, size.members - members.length)
  await keep(world, {
    conversation,
    build: (place) => ({
      expect: [
        { kind: 'group', key: [groupId], version: group.version },
        { kind: 'group_size', key: [groupId], version: size.version },
        ...members.map(conditionOf),
        ...views.map((view, i): Expectation => {
          return { kind: 'view', key: [conversation, userIds[i] ?? ''], version: view?.version ?? 0 }
        }),
        ...expect,
      ],
      put: [
        ...members.map((m): Put => ({ kind: 'member', row: gone(m, status, now) })),
        ...views.flatMap((view) => (view ? [closed(view, place)] : [])),
        { kind: 'group_size', row: { group_id: groupId, members: shown.member_count } },
        ...noticePuts({ conversation, kind, actor, users: userIds }, place, now),
      ],
    }),
    kept: (change, place) => {
      // They hear of their own leaving, and of nothing after it.
      tellNotice(world, conversation, change, place, [{ group: shown }])
      tellMembers(world, change, place)
      for (const userId of userIds) {
        world.router.dropMember(conversation, userId)
        world.hooks.emit('user_left', { group_id: groupId, user_id: userId, cause })
      }
    },
  })
  await tellViews(world, userIds, conversation)
}

function gone({ version: _, ...row }: Stored<'member'>, status: number, now: number): Row<'member'> {
  return { ...withRole(row, roles.member), status, updated_at: now }
}

/** `rank` follows the role: the index of members runs along it. */
export function withRole(row: Row<'member'>, role: number): Row<'member'> {
  return { ...row, role_level: role, rank: roles.owner - role }
}

/** Closed at the present maximum, at least one below the start: leaving an empty group shows nothing. */
function closed({ version: _, ...row }: Stored<'view'>, { head, position }: Place): Put {
  return {
    kind: 'view',
    row: { ...row, max_seq: Math.max(head, row.min_seq - 1), to_position: position, position },
  }
}
