import type { ChatMessage } from '@nexo-im/client'
import { type Group, groupStatus, type Member, memberStatus, msgType, roles } from '@nexo-im/protocol'

/** Why the own user cannot write here; `until` in Unix ms. */
export type Hindrance =
  | { readonly reason: 'left' | 'dissolved' | 'blocked' }
  | { readonly reason: 'muted' | 'group_muted'; readonly until: number }

export interface Rights {
  readonly hindrance: Hindrance | undefined
  /** Whether pins and disappearing messages are the own user's to set. */
  readonly governs: boolean
  /** 0 in single chats and where it is not known. */
  readonly role: number
}

export interface Situation {
  readonly inGroup: boolean
  /** The own membership, the group, and whether the member list says that the own user is gone. */
  readonly member: Member | undefined
  readonly group: Group | undefined
  readonly left: boolean
  /** Whether the own user blocked the other side. */
  readonly blocked: boolean
  readonly now: number
}

export function rightsIn(situation: Situation): Rights {
  const { inGroup, member, blocked } = situation
  const role = inGroup && member?.status === memberStatus.normal ? member.role_level : 0
  const hindrance = inGroup
    ? groupHindrance(situation, role)
    : blocked
      ? ({ reason: 'blocked' } as const)
      : undefined
  const outside = hindrance !== undefined && !('until' in hindrance)
  return { hindrance, role, governs: !outside && (!inGroup || role >= roles.admin) }
}

function groupHindrance({ member, group, left, now }: Situation, role: number): Hindrance | undefined {
  if (group?.status === groupStatus.dismissed) return { reason: 'dissolved' }
  if (left || (member !== undefined && member.status !== memberStatus.normal)) return { reason: 'left' }
  const own = member?.muted_until ?? 0
  if (own > now) return { reason: 'muted', until: own }
  const all = group?.muted_until ?? 0
  return all > now && role < roles.admin ? { reason: 'group_muted', until: all } : undefined
}

/**
 * ms after which the menu no longer offers to edit or recall an own message: the server's time for it unless its
 * operator chose another. The server decides; this only spares a refusal.
 */
const usualWindow = 86_400_000

export interface Deeds {
  readonly reply: boolean
  readonly react: boolean
  readonly copy: string | undefined
  readonly edit: boolean
  readonly history: boolean
  readonly forward: boolean
  readonly pin: boolean
  readonly readers: boolean
  readonly reactors: boolean
  readonly recall: boolean
  readonly deleteForAll: boolean
}

export interface Asker {
  readonly ownId: string
  readonly rights: Rights
  readonly inGroup: boolean
  /** Role of the message's author, when it is known. */
  readonly authorRole: number | undefined
  readonly now: number
}

/** What may be done with a stored message, as far as this device can tell. */
export function deedsOf(message: ChatMessage, asker: Asker): Deeds {
  const { ownId, rights, inGroup, authorRole, now } = asker
  const writes = rights.hindrance === undefined
  const inside = writes || 'until' in rights.hindrance
  const alive = message.gone === undefined
  const own = message.senderId === ownId
  const words = wordsOf(message)
  const recent = now - message.sentAt < usualWindow
  const { role } = rights
  const rules = inGroup && role >= roles.admin && inside
  const above = rules && (role === roles.owner || (authorRole ?? roles.member) < role)
  return {
    reply: alive && writes,
    react: alive && writes,
    copy: alive ? words : undefined,
    edit: alive && writes && own && recent && words !== undefined,
    history: alive && (message.edits ?? 0) > 0,
    forward: alive,
    pin: alive && rights.governs,
    readers: alive && own && inGroup && inside,
    reactors: alive && Object.keys(message.reactions ?? {}).length > 0,
    recall: alive && own && inside && (recent || role === roles.owner),
    deleteForAll: alive && !own && above,
  }
}

/** The words of a text or a quote: what can be copied and edited. */
export function wordsOf(message: Pick<ChatMessage, 'type' | 'content'>): string | undefined {
  const content: { text?: { text?: unknown }; quote?: { text?: unknown } } = message.content
  const body =
    message.type === msgType.text ? content.text : message.type === msgType.quote ? content.quote : undefined
  return typeof body?.text === 'string' ? body.text : undefined
}
