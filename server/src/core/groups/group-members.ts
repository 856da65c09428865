import { groupConversationId, ImError, type Input, type Member, memberStatus, roles } from '@nexo-im/protocol'
import { insist, keep } from '../conflict.ts'
import type { Handlers } from '../handler.ts'
import { nameKey } from '../people/profiles.ts'
import type { Expectation, ListPage, Put, Stored } from '../ports.ts'
import type { Caller, World } from '../world.ts'
import { bare, changeGroup } from './group-changes.ts'
import { pageRows } from './group-pages.ts'
import { shownMember } from './group-shapes.ts'
import { conditionOf, type Membership } from './membership.ts'

type Members = Member[] | { list: Member[]; has_more: boolean; next_cursor?: { user_id: string } }

/** Owner, admins, then by time of joining; the whole list, or pages when a limit or a cursor is given. */
async function members(world: World, input: Input<'group.members'>): Promise<Members> {
  const { group_id: groupId, limit, cursor_user_id: cursor } = input
  const prefix = [groupId, memberStatus.normal]
  if (limit === undefined && cursor === undefined) {
    return (await world.store.list('member', 'by_rank', prefix)).map(shownMember)
  }
  const count = limit ?? pageRows
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

async function needMember(world: World, groupId: string, userId: string): Promise<Stored<'member'>> {
  const [row] = await world.store.get('member', [[groupId, userId]])
  if (row?.status !== memberStatus.normal) throw new ImError('target_not_member')
  return row
}

const searchLimit = 100
/** Pages of a walk by user id that are looked at: there may be members in them who left. */
const searchPages = 10

/**
 * Active members whose name, then whose id begins with the query, at most a hundred. Both are walks along an index from
 * the first match on, whatever the size of the group.
 */
async function search(
  world: World,
  { group_id, query, limit }: Input<'group.search_members'>,
): Promise<Member[]> {
  const most = Math.min(limit ?? searchLimit, searchLimit)
  const named = await byName(world, group_id, nameKey(query), most)
  const known = named.length < most ? await byId(world, group_id, query, most) : []
  const found = new Map([...named, ...known].map((row) => [row.user_id, row]))
  return [...found.values()].slice(0, most).map(shownMember)
}

async function byName(
  world: World,
  groupId: string,
  start: string,
  limit: number,
): Promise<Stored<'member'>[]> {
  // Behind the name with no user: those with that very name first, then longer ones.
  const page = { after: [start, ''], limit }
  const rows = await world.store.list('member', 'by_name', [groupId, memberStatus.normal], page)
  return rows.filter((row) => row.name_key.startsWith(start))
}

/** The conversation's windows lie by user id, and there is one for every member row. */
async function byId(
  world: World,
  groupId: string,
  start: string,
  limit: number,
): Promise<Stored<'member'>[]> {
  const conversation = groupConversationId(groupId)
  const found: Stored<'member'>[] = []
  let ids = [start]
  for (let page = 0; page < searchPages; page++) {
    const rows = await world.store.get(
      'member',
      ids.map((id) => [groupId, id]),
    )
    found.push(...(rows.filter((row) => row?.status === memberStatus.normal) as Stored<'member'>[]))
    if (found.length >= limit) break
    const beyond = { after: [ids.at(-1) ?? start], limit: searchLimit }
    const views = await world.store.list('view', 'by_conversation', [conversation], beyond)
    ids = views.map((v) => v.user_id).filter((id) => id.startsWith(start))
    if (ids.length === 0) break
  }
  return found
}

async function setNickname(
  world: World,
  caller: Caller,
  { user_id: userId = caller.userId, nickname = '' }: Input<'group.set_nickname'>,
  { group, member, expect }: Membership,
): Promise<Member> {
  const { group_id: groupId } = group
  const target = userId === caller.userId ? member : await needLower(world, member, groupId, userId)
  if (target.group_nickname === nickname) return shownMember(target)
  const [user] = await world.store.get('user', [[userId]])
  if (!user) throw new ImError('user_not_found')
  const row = {
    ...bare(target),
    group_nickname: nickname,
    name_key: nameKey(nickname || user.nickname || userId),
    updated_at: world.clock.now(),
  }
  await changeGroup(world, {
    group,
    expect: [...expect, conditionOf(target), conditionOfUser(user)],
    members: [row],
    notice: { kind: 'nickname_changed', actor: caller.userId, users: [userId], data: { text: nickname } },
  })
  return shownMember(row)
}

async function needLower(
  world: World,
  caller: Stored<'member'>,
  groupId: string,
  userId: string,
): Promise<Stored<'member'>> {
  if (caller.role_level < roles.admin) throw new ImError('not_admin')
  const target = await needMember(world, groupId, userId)
  if (target.role_level >= caller.role_level) throw new ImError('role_too_low')
  return target
}

function conditionOfUser(user: Stored<'user'>): Expectation {
  return { kind: 'user', key: [user.user_id], version: user.version }
}

/** Groups renamed in one commit. */
const renamed = 200

/**
 * After somebody's nickname changed: in the groups where they go by it, they are found by the new one. Reads the
 * nickname as it is now, so it may be called again, and needs no turn. At most as many rows as one has groups.
 * Throws `unavailable` when memberships change faster than it can write.
 */
export async function renameMember(world: World, userId: string): Promise<void> {
  let after: readonly [string] | undefined
  for (;;) {
    const rows = await insist(() => renamePage(world, userId, { limit: renamed, ...(after && { after }) }))
    const last = rows.at(-1)
    if (rows.length < renamed || !last) return
    after = [last.group_id]
  }
}

async function renamePage(world: World, userId: string, page: ListPage): Promise<Stored<'member'>[]> {
  const [[user], rows] = await Promise.all([
    world.store.get('user', [[userId]]),
    world.store.list('member', 'by_user', [userId], page),
  ])
  if (!user) return []
  const name_key = nameKey(user.nickname || userId)
  const stale = rows.filter(
    (r) => r.status === memberStatus.normal && r.group_nickname === '' && r.name_key !== name_key,
  )
  if (stale.length === 0) return rows
  await keep(world, {
    build: () => ({
      expect: [conditionOfUser(user), ...stale.map(conditionOf)],
      put: stale.map((row): Put => ({ kind: 'member', row: { ...bare(row), name_key } })),
    }),
  })
  return rows
}

export const memberHandlers = {
  'group.members': (world, _, input) => members(world, input),
  'group.member': async (world, _, input) =>
    shownMember(await needMember(world, input.group_id, input.user_id)),
  'group.search_members': (world, _, input) => search(world, input),
  'group.set_nickname': setNickname,
} satisfies Partial<Handlers>
