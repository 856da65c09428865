import {
  type Group,
  groupStatus,
  ImError,
  type Input,
  type InviteLink,
  memberStatus,
  roles,
} from '@nexo-im/protocol'
import { needRoom } from '../caps.ts'
import { keep } from '../conflict.ts'
import type { Handlers } from '../handler.ts'
import type { Stored } from '../ports.ts'
import type { Row } from '../tables.ts'
import type { Caller, World } from '../world.ts'
import { admit } from './entrance.ts'
import { mayInvite, maySeat } from './group-invitations.ts'
import { outsideOf, shownLink, withSize } from './group-shapes.ts'
import { conditionOf, type Membership } from './membership.ts'

/**
 * A link lets in whom its maker could let in: when they left or may not any more, it is dead. So a member who was put
 * out has no way back in of their own making.
 */
function isAlive(
  world: World,
  group: Row<'group'>,
  link: Row<'invite_link'>,
  maker: Row<'member'> | undefined,
): boolean {
  if (link.expires_at !== 0 && link.expires_at <= world.clock.now()) return false
  if (link.max_uses !== 0 && link.uses >= link.max_uses) return false
  return maker?.status === memberStatus.normal && maySeat(group, maker)
}

/** Every link of a group, and which of them still work. */
async function linksOf(
  world: World,
  group: Row<'group'>,
): Promise<{ alive: Stored<'invite_link'>[]; dead: Stored<'invite_link'>[] }> {
  const links = await world.store.list('invite_link', 'by_group', [group.group_id])
  const makers = await world.store.get(
    'member',
    links.map((l) => [group.group_id, l.created_by]),
  )
  const [alive, dead]: [Stored<'invite_link'>[], Stored<'invite_link'>[]] = [[], []]
  for (const [i, link] of links.entries()) (isAlive(world, group, link, makers[i]) ? alive : dead).push(link)
  return { alive, dead }
}

async function create(
  world: World,
  caller: Caller,
  input: Input<'group.create_link'>,
  { group, member, expect }: Membership,
): Promise<InviteLink> {
  // Where admins approve whoever comes, a plain member's link would be a way round them.
  if (!maySeat(group, member)) throw new ImError('not_admin')
  const { alive, dead } = await linksOf(world, group)
  needRoom(world.rules.caps, 'inviteLinks', alive.length)
  const now = world.clock.now()
  const { expires_in: seconds = 0, max_uses: maxUses = 0 } = input
  const row: Row<'invite_link'> = {
    token: `${world.random.uuid()}${world.random.uuid()}`.replaceAll('-', ''),
    group_id: group.group_id,
    created_by: caller.userId,
    created_at: now,
    expires_at: seconds === 0 ? 0 : now + seconds * 1000,
    max_uses: maxUses,
    uses: 0,
  }
  await keep(world, {
    build: () => ({
      expect: [...expect, { kind: 'invite_link', key: [row.token], version: 0 }],
      put: [{ kind: 'invite_link', row }],
      // Dead ones are swept here, so that no more are kept than may live at once.
      remove: dead.map((l) => ({ kind: 'invite_link', key: [l.token] })),
    }),
  })
  return shownLink(row)
}

/** Admins see all of them, other members their own. */
async function list(world: World, { group, member }: Membership): Promise<InviteLink[]> {
  if (!mayInvite(group, member)) throw new ImError('not_admin')
  const { alive } = await linksOf(world, group)
  const isAdmin = member.role_level >= roles.admin
  return alive.filter((l) => isAdmin || l.created_by === member.user_id).map(shownLink)
}

async function revoke(
  world: World,
  { token }: Input<'group.revoke_link'>,
  { group, member, expect }: Membership,
): Promise<null> {
  const [link] = await world.store.get('invite_link', [[token]])
  if (!link || link.group_id !== group.group_id) throw new ImError('link_invalid')
  if (link.created_by !== member.user_id && member.role_level < roles.admin) throw new ImError('not_admin')
  await keep(world, {
    build: () => ({
      expect: [...expect, { kind: 'invite_link', key: [token], version: link.version }],
      remove: [{ kind: 'invite_link', key: [token] }],
    }),
  })
  return null
}

interface Entry {
  readonly link: Stored<'invite_link'>
  readonly group: Stored<'group'>
  readonly maker: Stored<'member'>
}

async function needLink(world: World, token: string): Promise<Entry> {
  const [link] = await world.store.get('invite_link', [[token]])
  if (!link) throw new ImError('link_invalid')
  const [[group], [maker]] = await Promise.all([
    world.store.get('group', [[link.group_id]]),
    world.store.get('member', [[link.group_id, link.created_by]]),
  ])
  if (!group || !maker || !isAlive(world, group, link, maker)) throw new ImError('link_invalid')
  return { link, group, maker }
}

/** A link shows its group to whoever has it, private ones too: that is what it is for. */
async function info(world: World, { token }: Input<'group.link_info'>): Promise<Group> {
  const { group } = await needLink(world, token)
  if (group.status === groupStatus.dismissed) throw new ImError('link_invalid')
  return outsideOf(await withSize(world.store, group))
}

async function join(world: World, caller: Caller, { token }: Input<'group.join_by_link'>): Promise<Group> {
  const { link } = await needLink(world, token)
  // The request names no group, so its turn is taken here, and all is looked at anew inside.
  return world.turns.take(`group:${link.group_id}`, () => enter(world, caller, token))
}

/** The use is counted in the change that lets them in, on the condition that nobody used it meanwhile. */
async function enter(world: World, caller: Caller, token: string): Promise<Group> {
  const { link, group, maker } = await needLink(world, token)
  if (group.status === groupStatus.dismissed) throw new ImError('group_dismissed')
  const { version, ...row } = link
  await admit(world, {
    group,
    userIds: [caller.userId],
    actor: caller.userId,
    inviter: maker.user_id,
    cause: 'link',
    expect: [conditionOf(maker), { kind: 'invite_link', key: [token], version }],
    put: [{ kind: 'invite_link', row: { ...row, uses: row.uses + 1 } }],
  })
  return withSize(world.store, group)
}

export const linkHandlers = {
  'group.create_link': create,
  'group.links': (world, _, _input, membership) => list(world, membership),
  'group.revoke_link': (world, _, input, membership) => revoke(world, input, membership),
  'group.link_info': (world, _, input) => info(world, input),
  'group.join_by_link': join,
} satisfies Partial<Handlers>
