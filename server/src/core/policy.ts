import { groupStatus, ImError, memberStatus, type OperationName } from '@nexo-im/protocol'
import type { Expectation } from './ports.ts'
import { needWindow, type Window } from './windows.ts'
import type { Caller, World } from './world.ts'

/**
 * Who may do what, for every door. Checked at dispatch:
 * - `anyone`: no session needed. `signed_in`: a live session, and the operation touches only what is its own.
 * - `own_window`: the caller is or was part of the conversation; the handler gets the window and reads inside it.
 * - `named_window`: as `own_window` where a conversation is named, else `signed_in`.
 * - `writer`: the right to write is a condition of the commit, so `messages.ts` asks `needRecipient` or `needWriter`
 *   for it on every attempt.
 * - `group_reader`: groups are open in this version; only the group must exist.
 * - `group_joiner`, `group_member`: conditions of the commit, asked in `groups.ts`.
 */
export type Rule =
  | 'anyone'
  | 'signed_in'
  | 'own_window'
  | 'named_window'
  | 'writer'
  | 'group_reader'
  | 'group_joiner'
  | 'group_member'

export const policy = {
  'auth.register': 'anyone',
  'auth.login': 'anyone',
  'auth.logout': 'signed_in',
  'user.info': 'signed_in',
  'user.profile': 'signed_in',
  'user.update': 'signed_in',
  'user.batch_info': 'signed_in',
  'presence.get': 'signed_in',
  'presence.subscribe': 'signed_in',
  'group.create': 'signed_in',
  'group.join': 'group_joiner',
  'group.quit': 'group_member',
  'group.info': 'group_reader',
  'group.members': 'group_reader',
  'message.send': 'writer',
  'message.send_without_mark_read': 'writer',
  'message.pull': 'own_window',
  'message.pull_list': 'own_window',
  'message.max_seq': 'own_window',
  'message.newest_seqs': 'signed_in',
  'conversation.list': 'signed_in',
  'conversation.all': 'signed_in',
  'conversation.info': 'signed_in',
  'conversation.update': 'signed_in',
  'conversation.mark_read': 'own_window',
  'conversation.read_state': 'own_window',
  'conversation.unread_count': 'named_window',
} as const satisfies Record<OperationName, Rule>

/** What the rule of an operation proves to its handler. */
export type Proof<N extends OperationName> = (typeof policy)[N] extends 'own_window'
  ? Window
  : (typeof policy)[N] extends 'named_window'
    ? Window | undefined
    : undefined

/** Throws unless the caller may; the proof is what the handler may use. */
export async function prove(
  world: World,
  caller: Caller,
  name: OperationName,
  input: unknown,
): Promise<Window | undefined> {
  const { conversation_id: conversation } = input as { conversation_id?: string }
  const rule: Rule = policy[name]
  if (rule === 'named_window' && conversation === undefined) return undefined
  return needWindow(world, caller.userId, conversation ?? '')
}

/** Rules that need the store before the handler; the others cost no turn of the event loop. */
export function needsProof(name: OperationName): boolean {
  const rule: Rule = policy[name]
  return rule === 'own_window' || rule === 'named_window'
}

export async function needRecipient(world: World, userId: string): Promise<readonly Expectation[]> {
  if (world.known.has(userId)) return []
  const [user] = await world.store.get('user', [[userId]])
  if (!user) throw new ImError('user_not_found')
  world.known.add(userId)
  return []
}

/** The records this permission rests on become conditions: leaving binds every message acked after it. */
export async function needWriter(
  world: World,
  caller: Caller,
  groupId: string,
): Promise<readonly Expectation[]> {
  const [[member], [group]] = await Promise.all([
    world.store.get('member', [[groupId, caller.userId]]),
    world.store.get('group', [[groupId]]),
  ])
  if (!member || !group) throw new ImError('not_member')
  if (member.status !== memberStatus.normal) throw new ImError('member_inactive')
  if (group.status === groupStatus.dismissed) throw new ImError('group_dismissed')
  return [
    { kind: 'member', key: [groupId, caller.userId], version: member.version },
    { kind: 'group', key: [groupId], version: group.version },
  ]
}
