import Type from 'typebox'
import { ConversationId, Int64, Millis } from './ids.ts'
import { Message } from './message.ts'

/** Receive options +: 1 = no phone notification, 2 = others' messages are not pushed at all. */
export const receiveOption = { normal: 0, silent: 1, none: 2 } as const

export const Conversation = Type.Object({
  conversation_id: ConversationId,
  conversation_type: Type.Integer({ description: '1 single, 2 group.' }),
  peer_user_id: Type.String({ description: 'Empty in groups.' }),
  group_id: Type.String({ description: 'Empty in single chats.' }),
  recv_msg_opt: Type.Integer({ description: '0 normal, 1 no notification, 2 do not receive.' }),
  is_pinned: Type.Boolean(),
  unread_count: Int64,
  max_seq: Int64,
  read_seq: Int64,
  updated_at: Millis,
  /** Unread messages that mention the own user, or everybody. */
  mention_count: Type.Optional(Int64),
  /** The oldest of them, to jump to. */
  mention_seq: Type.Optional(Int64),
  draft: Type.Optional(Type.String({ description: 'At most 65,535 bytes.' })),
  draft_at: Type.Optional(Millis),
  is_marked_unread: Type.Optional(Type.Boolean()),
  is_hidden: Type.Optional(Type.Boolean({ description: 'Left out of the list until the next message.' })),
  /** Seconds after which messages disappear; absent = they stay. */
  expire_after: Type.Optional(Type.Integer()),
  /** How far the other side of a single chat has read and received, as far as it lets this user see. */
  peer_read_seq: Type.Optional(Int64),
  peer_delivered_seq: Type.Optional(Int64),
  /** First and last visible seq of messages. */
  min_seq: Type.Optional(Int64),
  last_message: Type.Optional(Message),
})
export type Conversation = Type.Static<typeof Conversation>

export const ReadState = Type.Object({ max_seq: Int64, read_seq: Int64, unread_count: Int64 })
export type ReadState = Type.Static<typeof ReadState>
