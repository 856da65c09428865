import Type from 'typebox'

/**
 * Bytewise order of UTF-8, which is code-point order: UTF-16 units differ from it above U+D7FF alone, where surrogates
 * must come last. Unit by unit and without iterators, because every message asks several times.
 */
export function compareIds(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return rank(x) - rank(y)
  }
  return a.length - b.length
}

function rank(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}

/** Session and conversation types ★ (nexo-wire section 4). */
export const sessionType = { single: 1, group: 2 } as const

/** `si_` + smaller id + `:` + larger id, so both sides name the conversation alike (nexo-wire section 3). */
export function singleConversationId(a: string, b: string): string {
  return compareIds(a, b) <= 0 ? `si_${a}:${b}` : `si_${b}:${a}`
}

export function groupConversationId(groupId: string): string {
  return `sg_${groupId}`
}

export type ConversationRef =
  | { readonly type: 'single'; readonly users: readonly [string, string] }
  | { readonly type: 'group'; readonly groupId: string }

/** What a conversation id names; undefined for a shape we never issue (also a non-canonical `si_…`). */
export function parseConversationId(id: string): ConversationRef | undefined {
  if (id.startsWith('sg_') && id.length > 3) return { type: 'group', groupId: id.slice(3) }
  if (!id.startsWith('si_')) return undefined
  const colon = id.indexOf(':')
  const a = id.slice(3, colon)
  const b = id.slice(colon + 1)
  if (colon < 0 || a === '' || b === '' || b.includes(':') || compareIds(a, b) > 0) return undefined
  return { type: 'single', users: [a, b] }
}

/** The other side of a single chat; a chat with oneself names oneself. */
export function peerOf(users: readonly [string, string], userId: string): string {
  return users[0] === userId ? users[1] : users[0]
}

/** A user id a person may register: no `:`, no control characters, no white space at the ends. */
export function isUserId(id: string): boolean {
  return id !== '' && !/[:\p{Cc}]/u.test(id) && id.trim() === id && id.isWellFormed()
}

export const UserId = Type.String({ minLength: 1, maxLength: 64, description: 'User id, 1–64 characters.' })
export const GroupId = Type.String({ minLength: 1, maxLength: 64, description: 'Group id, decimal digits.' })
export const ConversationId = Type.String({
  minLength: 1,
  maxLength: 256,
  description: '`si_<smaller>:<larger>` or `sg_<group id>`.',
})
export const ClientMsgId = Type.String({
  minLength: 1,
  maxLength: 64,
  description: 'Chosen by the sender before sending; the key of idempotency together with the sender.',
})
/** Any int64; JSON numbers beyond 2^53 are read as very large, never refused (nexo-wire section 15). */
export const Int64 = Type.Integer({ minimum: -(2 ** 63), maximum: 2 ** 63, format: 'int64' })
export const Millis = Type.Integer({ description: 'Unix milliseconds, server clock.' })
