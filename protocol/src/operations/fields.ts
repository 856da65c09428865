import Type from 'typebox'
import type { Content } from '../content/index.ts'
import { Conversation } from '../conversation.ts'
import { InvitedBy, JoinMode, Member } from '../group.ts'
import { ClientMsgId, ConversationId, GroupId, Int64, Millis, UserId } from '../ids.ts'
import { Mentions, Message } from '../message.ts'

/** Shapes that several operations share. */
export const opt = Type.Optional
export const Nothing = Type.Null()
export const None = Type.Object({})
export const OneUser = Type.Object({ user_id: UserId })
export const OneGroup = Type.Object({ group_id: GroupId })
export const OneConversation = Type.Object({ conversation_id: ConversationId })
export const Seq = Type.Integer({ minimum: 1, maximum: 2 ** 53 })
export const OneMessage = Type.Object({ conversation_id: ConversationId, seq: Seq })
export const Password = Type.String({ minLength: 1, description: '8–256 bytes.' })
export const DeviceName = Type.String({ maxLength: 128 })
export const ReadSeq = Type.Integer({ minimum: 0, maximum: 2 ** 63, format: 'int64' })
export const Limit = Type.Integer({
  minimum: 1,
  maximum: 1000,
  description: 'Rows of a page; 100 unless given.',
})
export const Cursor = Type.String({ maxLength: 512, description: 'The `next_cursor` of the page before.' })
export const Seconds = Type.Integer({ minimum: 0, maximum: 315_360_000 })

/** A page of a list; `next_cursor` is there while there is more. */
export function pageOf<T extends Type.TSchema>(
  item: T,
): Type.TObject<{ list: Type.TArray<T>; next_cursor: Type.TOptional<typeof Cursor> }> {
  return Type.Object({ list: Type.Array(item), next_cursor: opt(Cursor) })
}

export const Target = Type.Object({
  recv_id: opt(UserId),
  group_id: opt(GroupId),
  session_type: opt(
    Type.Integer({ minimum: 0, maximum: 2, description: '1 single, 2 group; 0 = by target.' }),
  ),
})
// Flat, typed or long keys: the door reads all three, so the schema only says that it is an object.
export const AnyContent = Type.Unsafe<Content | Record<string, unknown>>(Type.Object({}))
export const Send = Type.Object({
  client_msg_id: ClientMsgId,
  ...Target.properties,
  msg_type: Type.Integer(),
  content: AnyContent,
  mentions: opt(Mentions),
})
export const Messages = Type.Object({ messages: Type.Array(Message), max_seq: Int64 })
export const Pull = Type.Object({
  conversation_id: ConversationId,
  begin_seq: opt(Int64),
  end_seq: opt(Int64),
  limit: opt(Int64),
})
export const ConversationPage = Type.Object({
  list: Type.Array(Conversation),
  has_more: Type.Boolean(),
  next_cursor: opt(Type.Object({ updated_at: Millis, conversation_id: ConversationId })),
})
export const MemberPage = Type.Object({
  list: Type.Array(Member),
  has_more: Type.Boolean(),
  next_cursor: opt(Type.Object({ user_id: UserId })),
})
export const GroupSettings = Type.Object({
  join_mode: opt(JoinMode),
  invited_by: opt(InvitedBy),
  is_private: opt(Type.Boolean()),
  history_visible: opt(Type.Boolean()),
})
export const Tokens = Type.Object({
  token: Type.String(),
  refresh_token: opt(
    Type.String({ description: 'Good once, for `auth.refresh`; a second use ends the sign-in.' }),
  ),
  expires_at: opt(Type.Integer({ description: 'When `token` runs out, Unix ms.' })),
})
export const sendErrors = [
  'user_not_found',
  'blocked',
  'privacy',
  'muted',
  'group_muted',
  'not_member',
  'member_inactive',
  'group_dismissed',
  'message_not_found',
  'duplicate_message',
  'seq_failed',
  'send_failed',
  'too_many_requests',
] as const
export const groupErrors = ['group_not_found', 'group_dismissed', 'not_member', 'member_inactive'] as const
export const adminErrors = [...groupErrors, 'not_admin'] as const
export const messageErrors = ['no_permission', 'message_not_found', 'message_gone'] as const
