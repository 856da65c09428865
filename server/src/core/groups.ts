import {
  type Group,
  groupConversationId,
  groupStatus,
  ImError,
  type Input,
  type Member,
  memberStatus,
  receiveOption,
  roles,
} from '@nexo-im/protocol'
import type { Put, Stored } from './ports.ts'
import type { Row } from './tables.ts'
import type { Caller, World } from './world.ts'

const tries = 8

function shown(row: Row<'group'>, members: number): Group {
  const {
    group_id: id,
    name,
    introduction,
    avatar,
    extra,
    status,
    creator_user_id,
    created_at,
    updated_at,
  } = row
  return {
    id,
    name,
    introduction,
    avatar,
    extra,
    status,
    creator_user_id,
    group_type: 0,
    member_count: members,
    created_at,
    updated_at,
  }
}

function shownMember(row: Row<'member'>): Member {
  const { member_id, rank: _, ...rest } = row
  return { id: member_id, ...rest }
}

interface Newcomer {
  readonly groupId: string
  readonly userId: string
  readonly role: number
  readonly inviter: string
  readonly head: number
  /** The row of an earlier membership, whose own settings stay. */
  readonly before?: Stored<'member'>
  readonly beforeView?: Stored<'view'>
}

/** The two rows of a membership: the member, and a window that opens behind the present end of the log. */
function enter(world: World, who: Newcomer): Put[] {
  const now = world.clock.now()
  const { groupId: group_id, userId: user_id, head, before, beforeView } = who
  return [
    {
      kind: 'member',
      row: {
        group_id,
        user_id,
        member_id: before?.member_id ?? world.numbers.next(),
        group_nickname: before?.group_nickname ?? '',
        group_avatar: before?.group_avatar ?? '',
        extra: before?.extra ?? null,
        role_level: who.role,
        status: memberStatus.normal,
        joined_at: now,
        join_seq: head + 1,
        inviter_user_id: who.inviter,
        created_at: before?.created_at ?? now,
        updated_at: now,
        rank: roles.owner - who.role,
      },
    },
    {
      kind: 'view',
      row: {
        conversation_id: groupConversationId(group_id),
        user_id,
        min_seq: head + 1,
        max_seq: null,
        read_seq: head,
        recv_msg_opt: beforeView?.recv_msg_opt ?? receiveOption.normal,
        is_pinned: beforeView?.is_pinned ?? false,
        touched_at: now,
      },
    },
  ]
}

export async function create(world: World, caller: Caller, input: Input<'group.create'>): Promise<Group> {
  const others = [...new Set(input.member_ids ?? [])].filter((id) => id !== caller.userId)
  const found = await world.store.get(
    'user',
    others.map((id) => [id]),
  )
  const unknown = others.find((_, i) => !found[i])
  if (unknown !== undefined) throw new ImError('user_not_found', { detail: `member_ids: ${unknown}` })
  await world.numbers.ready(others.length + 2)
  const now = world.clock.now()
  const groupId = String(world.numbers.next())
  const row: Row<'group'> = {
    group_id: groupId,
    name: input.name,
    introduction: input.introduction ?? '',
    avatar: input.avatar ?? '',
    extra: null,
    status: groupStatus.normal,
    creator_user_id: caller.userId,
    created_at: now,
    updated_at: now,
  }
  const entering = (userId: string): Put[] =>
    enter(world, {
      groupId,
      userId,
      head: 0,
      role: userId === caller.userId ? roles.owner : roles.member,
      inviter: userId === caller.userId ? '' : caller.userId,
    })
  const members = [caller.userId, ...others]
  const puts: Put[] = [
    { kind: 'group', row },
    { kind: 'group_size', row: { group_id: groupId, members: members.length } },
    ...members.flatMap(entering),
  ]
  const verdict = await world.writer.offer({
    build: () => ({ expect: [{ kind: 'group', key: [groupId], version: 0 }], put: puts }),
  })
  if ('refusal' in verdict) throw new ImError('internal', { detail: 'a new group id was taken' })
  const group = shown(row, members.length)
  const event = { group, member_ids: members }
  world.router.tellUsers(members, 'group_created', event)
  world.hooks.emit('group_created', event)
  return group
}

async function needGroup(world: World, groupId: string): Promise<Stored<'group'>> {
  const [group] = await world.store.get('group', [[groupId]])
  if (!group) throw new ImError('group_not_found')
  return group
}

/** Joining and leaving of one group take turns here; between nodes the versions decide. */
export function join(world: World, caller: Caller, input: Input<'group.join'>): Promise<null> {
  return world.turns.take(`group:${input.group_id}`, async () => {
    for (let attempt = 0; attempt < tries; attempt++) if (await tryJoin(world, caller, input)) return null
    throw new ImError('unavailable', { detail: 'the group changes too fast', retryAfter: 1 })
  })
}

async function tryJoin(world: World, caller: Caller, input: Input<'group.join'>): Promise<boolean> {
  const { group_id: groupId, inviter_id: inviterId } = input
  const conversation = groupConversationId(groupId)
  const group = await needGroup(world, groupId)
  if (group.status === groupStatus.dismissed) throw new ImError('group_dismissed')
  const [[before, inviter], [beforeView], [size]] = await Promise.all([
    world.store.get('member', [
      [groupId, caller.userId],
      [groupId, inviterId ?? ''],
    ]),
    world.store.get('view', [[conversation, caller.userId]]),
    world.store.get('group_size', [[groupId]]),
  ])
  if (before?.status === memberStatus.normal) throw new ImError('already_member')
  await world.numbers.ready(1)
  const who = {
    groupId,
    userId: caller.userId,
    role: roles.member,
    // An inviter is kept only if an active member: no forged invitations.
    inviter: inviter?.status === memberStatus.normal ? inviter.user_id : '',
    ...(before && { before }),
    ...(beforeView && { beforeView }),
  }
  const memberRowId = before?.member_id ?? world.numbers.next()
  const verdict = await world.writer.offer({
    conversation,
    build: (head) => ({
      expect: [
        { kind: 'group', key: [groupId], version: group.version },
        { kind: 'member', key: [groupId, caller.userId], version: before?.version ?? 0 },
        { kind: 'view', key: [conversation, caller.userId], version: beforeView?.version ?? 0 },
        { kind: 'group_size', key: [groupId], version: size?.version ?? 0 },
        { conversation, head },
      ],
      put: [
        ...enter(world, { ...who, head }).map((p) => withRowId(p, memberRowId)),
        { kind: 'group_size', row: { group_id: groupId, members: (size?.members ?? 0) + 1 } },
      ],
    }),
    kept: () =>
      world.router.setMember(conversation, caller.userId, beforeView?.recv_msg_opt ?? receiveOption.normal),
  })
  if ('refusal' in verdict) return false
  await tellJoined(world, groupId, caller.userId)
  return true
}

/** `build` may run more than once; the row keeps the number it was given first. */
function withRowId(put: Put, memberId: number): Put {
  return put.kind === 'member' ? { kind: 'member', row: { ...put.row, member_id: memberId } } : put
}

async function tellJoined(world: World, groupId: string, userId: string): Promise<void> {
  const [row] = await world.store.get('member', [[groupId, userId]])
  if (!row) return
  const { version: _, ...plain } = row
  const event = { group_id: groupId, member: shownMember(plain) }
  await world.router.tellConversation(groupConversationId(groupId), 'user_joined', event)
  world.hooks.emit('user_joined', event)
}

export function quit(world: World, caller: Caller, input: Input<'group.quit'>): Promise<null> {
  return world.turns.take(`group:${input.group_id}`, async () => {
    for (let attempt = 0; attempt < tries; attempt++)
      if (await tryQuit(world, caller, input.group_id)) return null
    throw new ImError('unavailable', { detail: 'the group changes too fast', retryAfter: 1 })
  })
}

async function tryQuit(world: World, caller: Caller, groupId: string): Promise<boolean> {
  const conversation = groupConversationId(groupId)
  const { userId } = caller
  const [[member], [view], [size]] = await Promise.all([
    world.store.get('member', [[groupId, userId]]),
    world.store.get('view', [[conversation, userId]]),
    world.store.get('group_size', [[groupId]]),
  ])
  if (!member || !view || !size || member.status !== memberStatus.normal) throw new ImError('not_member')
  if (member.role_level === roles.owner) throw new ImError('owner_stays')
  const { version: memberVersion, ...memberRow } = member
  const { version: viewVersion, ...viewRow } = view
  const verdict = await world.writer.offer({
    conversation,
    build: (head) => ({
      expect: [
        { kind: 'member', key: [groupId, userId], version: memberVersion },
        { kind: 'view', key: [conversation, userId], version: viewVersion },
        { kind: 'group_size', key: [groupId], version: size.version },
        { conversation, head },
      ],
      put: [
        { kind: 'member', row: { ...memberRow, status: memberStatus.left, updated_at: world.clock.now() } },
        // Closed at the present maximum, at least one below the start: leaving an empty group shows nothing.
        { kind: 'view', row: { ...viewRow, max_seq: Math.max(head, viewRow.min_seq - 1) } },
        { kind: 'group_size', row: { group_id: groupId, members: size.members - 1 } },
      ],
    }),
    kept: () => world.router.dropMember(conversation, userId),
  })
  if ('refusal' in verdict) return false
  const event = { group_id: groupId, user_id: userId, cause: 'quit' as const }
  await world.router.tellConversation(conversation, 'user_left', event)
  world.router.tellUsers([userId], 'user_left', event)
  world.hooks.emit('user_left', event)
  return true
}

export async function info(world: World, input: Input<'group.info'>): Promise<Group> {
  const group = await needGroup(world, input.group_id)
  const [size] = await world.store.get('group_size', [[group.group_id]])
  return shown(group, size?.members ?? 0)
}

type Members = Member[] | { list: Member[]; has_more: boolean; next_cursor?: { user_id: string } }

/** Owner, admins, then by time of joining; the whole list, or pages when a limit or a cursor is given. */
export async function members(world: World, input: Input<'group.members'>): Promise<Members> {
  const { group_id: groupId, limit, cursor_user_id: cursor } = input
  await needGroup(world, groupId)
  const prefix = [groupId, memberStatus.normal]
  if (limit === undefined && cursor === undefined) {
    return (await world.store.list('member', 'by_rank', prefix)).map(plainMember)
  }
  const count = limit ?? 100
  const [at] = cursor === undefined ? [] : await world.store.get('member', [[groupId, cursor]])
  if (cursor !== undefined && !at)
    throw new ImError('invalid_parameter', { detail: 'cursor_user_id: no member' })
  const page = at ? { after: [at.rank, at.joined_at, at.member_id], limit: count + 1 } : { limit: count + 1 }
  const rows = await world.store.list('member', 'by_rank', prefix, page)
  const list = rows.slice(0, count).map(plainMember)
  const last = list.at(-1)
  if (rows.length <= count || !last) return { list, has_more: false }
  return { list, has_more: true, next_cursor: { user_id: last.user_id } }
}

function plainMember({ version: _, ...row }: Stored<'member'>): Member {
  return shownMember(row)
}
