import Type from 'typebox'
import { Content } from './content/index.ts'
import { ClientMsgId, ConversationId, Int64, Millis, UserId } from './ids.ts'

/** The short answer of a send over a socket: frame 1003. */
export const SendAck = Type.Object({
  server_msg_id: Int64,
  conversation_id: ConversationId,
  seq: Int64,
  client_msg_id: ClientMsgId,
  send_at: Millis,
})
export type SendAck = Type.Static<typeof SendAck>

/**
 * A message in the typed view. The flat view of old clients replaces the object under the content key by a
 * string and adds the `content_*` columns; sockets carry neither the columns nor the last three fields.
 */
export const Message = Type.Object({
  id: Int64,
  server_msg_id: Int64,
  conversation_id: ConversationId,
  seq: Int64,
  client_msg_id: ClientMsgId,
  sender_id: UserId,
  recv_id: Type.String({ description: 'Empty in groups.' }),
  group_id: Type.String({ description: 'Empty in single chats.' }),
  session_type: Type.Integer({ description: '1 single, 2 group.' }),
  msg_type: Type.Integer({
    description: '1 text, 2 image, 3 video, 4 audio, 5 file, 6 location, 7 card, 8 quote, 100 custom.',
  }),
  content: Content,
  send_at: Millis,
  extra: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  created_at: Type.Optional(Millis),
  updated_at: Type.Optional(Millis),
})
export type Message = Type.Static<typeof Message>
