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
  last_message: Type.Optional(Message),
})
export type Conversation = Type.Static<typeof Conversation>

export const ReadState = Type.Object({ max_seq: Int64, read_seq: Int64, unread_count: Int64 })
export type ReadState = Type.Static<typeof ReadState>
