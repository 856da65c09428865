import Type from 'typebox'
import { ConversationId, Int64, Millis, UserId } from './ids.ts'

/**
 * What a system message can tell. Notices stand in the conversation's own order without a seq: behind message
 * `at_seq`, before `at_seq` + 1, and among themselves by `position`.
 */
export const noticeKinds = [
  'group_created',
  'member_joined',
  'member_left',
  'member_kicked',
  'role_changed',
  'owner_changed',
  'group_changed',
  'group_dissolved',
  'member_muted',
  'all_muted',
  'announced',
  'nickname_changed',
  'message_pinned',
  'message_unpinned',
  'expiry_changed',
] as const
export type NoticeKind = (typeof noticeKinds)[number]

export const Notice = Type.Object({
  conversation_id: ConversationId,
  position: Int64,
  at_seq: Int64,
  kind: Type.Enum(noticeKinds),
  actor_id: Type.String({ description: 'Who did it; empty for the system.' }),
  user_ids: Type.Array(UserId, { description: 'Whom it concerns.' }),
  /** E.g. `{ cause: 'link' }`, `{ role_level: 2 }`, `{ until: 1700000000000 }`, `{ text: '…' }`, `{ seq: 4 }`. */
  data: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()])),
  created_at: Millis,
})
export type Notice = Type.Static<typeof Notice>
