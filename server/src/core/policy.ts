import { ImError, type OperationName, roles } from '@nexo-im/protocol'
import { needWindow, type Window } from './conversations/windows.ts'
import {
  type GroupSight,
  joinableGroup,
  leavableGroup,
  type Membership,
  needRole,
  seeGroup,
} from './groups/membership.ts'
import { proveMessage, type Sighting } from './messages/sighting.ts'
import type { Standing } from './messages/standings.ts'
import { type SendTarget, targetOf } from './messages/target.ts'
import { type Contact, proveContact } from './people/contact.ts'
import type { Caller, World } from './world.ts'

/**
 * Who may do what to which object, for every door. Checked at dispatch; what a rule proves is handed to the handler,
 * and the records it rests on become conditions of what the handler writes.
 *
 * | object | access | holds when |
 * |---|---|---|
 * | `none` | `anyone` | always; no session needed |
 * | | `user` | a live session; the operation touches only what is the caller's own |
 * | | `operator` | the embedding program or the operator's door asks |
 * | `conversation` | `read` | the caller is or was in it, and reads inside the own window |
 * | | `present` | as `read`, and the caller is in it still |
 * | | `speak` | the caller may write there now: active, not muted, not blocked, not dissolved |
 * | `message` | `read`, `present`, `speak` | as for its conversation, and the message is inside the window |
 * | `group` | `see` | it exists, and is not private or the caller is in it |
 * | | `join` | it exists and is not dissolved |
 * | | `leave` | the caller is active in it, dissolved or not |
 * | | `member`, `admin`, `owner` | the caller is active in it with at least this role; `over`: every user named there is an active member of a lower role |
 * | `contact` | – | the named user exists, is not the caller, and has not blocked the caller |
 * | `target` | – | as `speak` for the conversation that the send names |
 */
export type Rule =
  | { readonly object: 'none'; readonly access: 'anyone' | 'user' | 'operator' }
  | {
      readonly object: 'conversation'
      readonly access: 'read' | 'present' | 'speak'
      readonly optional?: true
    }
  | { readonly object: 'message'; readonly access: 'read' | 'present' | 'speak' }
  | {
      readonly object: 'group'
      readonly access: 'see' | 'join' | 'leave' | 'member' | 'admin' | 'owner'
      readonly over?: 'user_id' | 'user_ids'
    }
  | { readonly object: 'contact' }
  | { readonly object: 'target' }

const anyone = { object: 'none', access: 'anyone' } as const
const own = { object: 'none', access: 'user' } as const
const operator = { object: 'none', access: 'operator' } as const
const reader = { object: 'conversation', access: 'read' } as const
const namedReader = { object: 'conversation', access: 'read', optional: true } as const
const presentReader = { object: 'conversation', access: 'present' } as const
const speaker = { object: 'conversation', access: 'speak' } as const
const present = { object: 'message', access: 'present' } as const
const spokenTo = { object: 'message', access: 'speak' } as const
const seenGroup = { object: 'group', access: 'see' } as const
const joinable = { object: 'group', access: 'join' } as const
const member = { object: 'group', access: 'member' } as const
const admin = { object: 'group', access: 'admin' } as const
const owner = { object: 'group', access: 'owner' } as const
const adminOver = { object: 'group', access: 'admin', over: 'user_id' } as const
const adminOverAll = { object: 'group', access: 'admin', over: 'user_ids' } as const
const ownerOver = { object: 'group', access: 'owner', over: 'user_id' } as const
const contact = { object: 'contact' } as const
const target = { object: 'target' } as const

/** An operation without a row does not compile. */
export const policy = {
  'auth.register': anyone,
  'auth.login': anyone,
  'auth.refresh': anyone,
  'auth.logout': own,
  'auth.change_password': own,
  'session.list': own,
  'session.revoke': own,
  'session.revoke_others': own,
  'account.export': own,
  'account.delete': own,
  'user.info': own,
  'user.profile': own,
  'user.update': own,
  'user.batch_info': own,
  'user.search': own,
  'user.set_status': own,
  'privacy.get': own,
  'privacy.update': own,
  'presence.get': own,
  'presence.subscribe': own,
  'operator.create_user': operator,
  'operator.ban': operator,
  'operator.unban': operator,
  'operator.revoke_sessions': operator,
  'operator.delete_user': operator,
  'friend.request': contact,
  'friend.accept': own,
  'friend.reject': own,
  'friend.withdraw': own,
  'friend.requests': own,
  'friend.list': own,
  'friend.delete': own,
  'friend.remark': own,
  'block.add': own,
  'block.remove': own,
  'block.list': own,
  'group.create': own,
  'group.join': joinable,
  'group.quit': { object: 'group', access: 'leave' },
  'group.info': seenGroup,
  'group.members': seenGroup,
  'group.member': seenGroup,
  'group.search_members': seenGroup,
  'group.update': admin,
  'group.announce': admin,
  'group.announcements': member,
  'group.invite': member,
  'group.apply': joinable,
  'group.withdraw': own,
  'group.applications': admin,
  'group.accept': admin,
  'group.reject': admin,
  'group.create_link': member,
  'group.links': member,
  'group.revoke_link': member,
  'group.link_info': own,
  'group.join_by_link': own,
  'group.kick': adminOverAll,
  'group.set_role': ownerOver,
  'group.transfer': ownerOver,
  'group.dissolve': owner,
  'group.mute': adminOver,
  'group.mute_all': admin,
  'group.set_nickname': member,
  'message.send': target,
  'message.send_without_mark_read': target,
  'message.pull': reader,
  'message.pull_list': reader,
  'message.max_seq': reader,
  'message.newest_seqs': own,
  'message.edit': spokenTo,
  'message.edits': present,
  'message.recall': present,
  'message.delete': reader,
  'message.react': spokenTo,
  'message.reactions': present,
  'message.forward': reader,
  'message.pin': spokenTo,
  'message.unpin': spokenTo,
  'message.pins': presentReader,
  'message.schedule': target,
  'message.scheduled': own,
  'message.cancel_scheduled': own,
  'message.typing': speaker,
  'message.ack': reader,
  'message.read_counts': presentReader,
  'message.readers': present,
  'message.mentions': reader,
  'message.proofs': reader,
  'conversation.list': own,
  'conversation.all': own,
  'conversation.info': own,
  'conversation.update': own,
  'conversation.mark_read': reader,
  'conversation.read_state': reader,
  'conversation.unread_count': namedReader,
  'conversation.draft': own,
  'conversation.clear': own,
  'conversation.set_expiry': speaker,
  'conversation.extras': reader,
  'sync.changes': own,
} as const satisfies Record<OperationName, Rule>

type Proofs = {
  'conversation read': Window
  'conversation present': Window
  'conversation speak': { readonly window: Window; readonly standing: Standing }
  'message read': Sighting
  'message present': Sighting
  'message speak': Sighting & { readonly standing: Standing }
  'group see': GroupSight
  'group join': GroupSight
  'group leave': Membership
  'group member': Membership
  'group admin': Membership
  'group owner': Membership
}
type Proven<R> = R extends { optional: true }
  ? Window | undefined
  : R extends { object: 'contact' }
    ? Contact
    : R extends { object: 'target' }
      ? Standing
      : R extends { object: infer O extends string; access: infer A extends string }
        ? `${O} ${A}` extends keyof Proofs
          ? Proofs[`${O} ${A}`]
          : undefined
        : undefined

/** What the rule of an operation proves to its handler. */
export type Proof<N extends OperationName> = Proven<(typeof policy)[N]>

interface Named {
  readonly conversation_id?: string
  readonly seq?: number
  readonly group_id?: string
  readonly user_id?: string
  readonly user_ids?: readonly string[]
}

const roleOf = { member: roles.member, admin: roles.admin, owner: roles.owner } as const

/** Throws unless the caller may; resolves with what the handler may use. */
export async function prove(
  world: World,
  caller: Caller,
  name: OperationName,
  input: unknown,
): Promise<unknown> {
  const rule: Rule = policy[name]
  const named = input as Named
  switch (rule.object) {
    case 'none':
      if (rule.access === 'operator' && caller.isOperator !== true) throw new ImError('operators_only')
      return undefined
    case 'conversation': {
      if (rule.optional && named.conversation_id === undefined) return undefined
      const window = await needWindow(world, caller.userId, named.conversation_id ?? '')
      if (rule.access === 'read') return window
      if (window.view?.max_seq != null) throw new ImError('member_inactive')
      if (rule.access === 'present') return window
      return { window, standing: await world.standings.need(caller.userId, named.conversation_id ?? '') }
    }
    case 'message': {
      const sighting = await proveMessage(world, caller.userId, named.conversation_id ?? '', named.seq ?? 0)
      if (rule.access === 'read') return sighting
      if (sighting.window.view?.max_seq != null) throw new ImError('member_inactive')
      if (rule.access === 'present') return sighting
      return { ...sighting, standing: await world.standings.need(caller.userId, named.conversation_id ?? '') }
    }
    case 'group':
      return proveOnGroup(world, caller, rule, named)
    case 'contact':
      return proveContact(world, caller.userId, named.user_id ?? '')
    case 'target':
      return world.standings.need(caller.userId, targetOf(caller.userId, input as SendTarget).conversation)
  }
}

function proveOnGroup(
  world: World,
  caller: Caller,
  { access, over }: Extract<Rule, { object: 'group' }>,
  named: Named,
): Promise<GroupSight | Membership> {
  const groupId = named.group_id ?? ''
  switch (access) {
    case 'see':
      return seeGroup(world, caller.userId, groupId)
    case 'join':
      return joinableGroup(world, caller.userId, groupId)
    case 'leave':
      return leavableGroup(world, caller.userId, groupId)
    default: {
      const targets = over === 'user_id' ? [named.user_id ?? ''] : over ? (named.user_ids ?? []) : []
      return needRole(world, caller.userId, groupId, roleOf[access], targets)
    }
  }
}

/** Rules that ask nothing of the store cost no turn of the event loop. */
export function needsProof(name: OperationName): boolean {
  return policy[name].object !== 'none' || (policy[name] as { access?: string }).access === 'operator'
}

/**
 * Writes to one object take turns on this node, so that they need not be repeated; between nodes the versions decide.
 * Sends do not: they are many and conflict rarely.
 */
export function turnOf(name: OperationName, caller: Caller, input: unknown): string | undefined {
  if (policy[name].object === 'target') return undefined
  const { group_id: group, user_id: user, conversation_id: conversation, seq } = input as Named
  const [area] = name.split('.')
  // A message that hundreds react to at once; acks only raise a number.
  if (area === 'message' && seq !== undefined && name !== 'message.ack')
    return `message:${conversation}:${seq}`
  if (area === 'group' && group !== undefined) return `group:${group}`
  if ((area === 'friend' || area === 'block') && user !== undefined) {
    return `pair:${[caller.userId, user].sort().join(':')}`
  }
  return undefined
}
