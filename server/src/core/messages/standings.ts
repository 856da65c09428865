import {
  groupStatus,
  ImError,
  memberStatus,
  openTo,
  parseConversationId,
  peerOf,
  roles,
} from '@nexo-im/protocol'
import { accountStatus } from '../people/account-status.ts'
import type { Clock, Expectation, Recall, Store } from '../ports.ts'
import type { Row } from '../tables.ts'

/** One user's right to write into one conversation, and the records it rests on. */
export interface Standing {
  readonly conversation: string
  /** The other user of a single chat, else ''. */
  readonly recvId: string
  /** The group, else ''. */
  readonly groupId: string
  /** Role in the group; 0 in single chats. */
  readonly role: number
  /** Conditions of whatever is written on its strength: a block, a kick or a mute binds every message acked after it. */
  readonly expect: readonly Expectation[]
  /** What both sides share; defaults while nothing was set. */
  readonly settings: Row<'conversation'>
  /** Unix ms until which the user, or everybody but admins, is silenced. */
  readonly mutedUntil: number
  readonly groupMutedUntil: number
}

/**
 * Standings are remembered between sends: a stale one is refused by the commit and looked up again, so the memory saves
 * three reads a message and decides nothing. Refusals are never remembered.
 */
export interface Standings {
  /** Throws the reason why the user may not write there now. */
  need(userId: string, conversation: string): Promise<Standing>
  forget(userId: string, conversation: string): void
}

const memoryLimit = 200_000

export function createStandings(store: Store, clock: Clock, recall: Recall): Standings {
  const known = new Map<string, Standing>()
  const nameOf = (userId: string, conversation: string): string => `${userId}\0${conversation}`

  async function load(userId: string, conversation: string): Promise<Standing> {
    const ref = parseConversationId(conversation)
    if (!ref) throw new ImError('no_permission')
    if (ref.type === 'group') return groupStanding(store, userId, ref.groupId, conversation)
    if (!ref.users.includes(userId)) throw new ImError('no_permission')
    return singleStanding(store, userId, peerOf(ref.users, userId), conversation)
  }

  return {
    need: async (userId, conversation) => {
      const name = nameOf(userId, conversation)
      const remembered = known.get(name)
      // A remembered mute may have been lifted: no commit would tell, so it is looked up.
      if (remembered !== undefined && !isMuted(remembered, clock.now())) {
        recall.hits += 1
        return remembered
      }
      recall.misses += 1
      const standing = await load(userId, conversation)
      if (known.size >= memoryLimit) known.clear()
      known.set(name, standing)
      refuseMuted(standing, clock.now())
      return standing
    },
    forget: (userId, conversation) => void known.delete(nameOf(userId, conversation)),
  }
}

function isMuted({ mutedUntil, groupMutedUntil, role }: Standing, now: number): boolean {
  return mutedUntil > now || (groupMutedUntil > now && role < roles.admin)
}

function refuseMuted({ mutedUntil, groupMutedUntil, role }: Standing, now: number): void {
  if (mutedUntil > now) throw new ImError('muted', { until: mutedUntil })
  if (groupMutedUntil > now && role < roles.admin)
    throw new ImError('group_muted', { until: groupMutedUntil })
}

function settingsOf(conversation: string, row: Row<'conversation'> | undefined): Row<'conversation'> {
  return row ?? { conversation_id: conversation, expire_after: 0, mention_all_seq: 0, pins: 0 }
}

async function singleStanding(
  store: Store,
  userId: string,
  recvId: string,
  conversation: string,
): Promise<Standing> {
  const [[user], [theirs], [privacy], [settings]] = await Promise.all([
    store.get('user', [[recvId]]),
    store.get('relation', [[recvId, userId]]),
    store.get('privacy', [[recvId]]),
    store.get('conversation', [[conversation]]),
  ])
  if (!user || user.status === accountStatus.deleted) throw new ImError('user_not_found')
  if (recvId !== userId) {
    if (theirs?.is_blocked) throw new ImError('blocked')
    const open = privacy?.message_me ?? openTo.everyone
    const friends = theirs?.is_friend === true
    if (open === openTo.nobody || (open === openTo.friends && !friends)) throw new ImError('privacy')
  }
  return {
    conversation,
    recvId,
    groupId: '',
    role: 0,
    settings: settingsOf(conversation, settings),
    mutedUntil: 0,
    groupMutedUntil: 0,
    expect: [
      { kind: 'relation', key: [recvId, userId], version: theirs?.version ?? 0 },
      { kind: 'privacy', key: [recvId], version: privacy?.version ?? 0 },
      { kind: 'conversation', key: [conversation], version: settings?.version ?? 0 },
    ],
  }
}

async function groupStanding(
  store: Store,
  userId: string,
  groupId: string,
  conversation: string,
): Promise<Standing> {
  const [[member], [group], [settings]] = await Promise.all([
    store.get('member', [[groupId, userId]]),
    store.get('group', [[groupId]]),
    store.get('conversation', [[conversation]]),
  ])
  if (!member || !group) throw new ImError('not_member')
  if (member.status !== memberStatus.normal) throw new ImError('member_inactive')
  if (group.status === groupStatus.dismissed) throw new ImError('group_dismissed')
  return {
    conversation,
    recvId: '',
    groupId,
    role: member.role_level,
    settings: settingsOf(conversation, settings),
    mutedUntil: member.muted_until,
    groupMutedUntil: group.muted_until,
    expect: [
      { kind: 'member', key: [groupId, userId], version: member.version },
      { kind: 'group', key: [groupId], version: group.version },
      { kind: 'conversation', key: [conversation], version: settings?.version ?? 0 },
    ],
  }
}
