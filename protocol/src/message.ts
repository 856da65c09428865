import Type from 'typebox'
import { Content } from './content/index.ts'
import { ClientMsgId, ConversationId, Int64, Millis, UserId } from './ids.ts'

/** Everybody, in a list of mentions. */
export const mentionAll = '*'
export const Mentions = Type.Array(Type.String({ minLength: 1, maxLength: 64 }), {
  maxItems: 50,
  description: 'User ids; `*` is everybody.',
})
export const Emoji = Type.String({ minLength: 1, maxLength: 32, description: 'An emoji, or a short word.' })

/** SHA-256 over the chain value before it, this message's digest and its fixed fields; base64url. */
const Chain = Type.String({ maxLength: 64 })

/** What the log vouches for of one message (M-02 D-05): enough to check order and completeness without any body. */
export const Proof = Type.Object({
  seq: Int64,
  id: Int64,
  sender_id: UserId,
  client_msg_id: ClientMsgId,
  msg_type: Type.Integer(),
  send_at: Millis,
  /** SHA-256 over salt and body as sent; stays when the body goes. */
  digest: Type.String({ maxLength: 64 }),
  /** Empty once the body was recalled or erased, so that nobody can guess it from the digest. */
  salt: Type.String({ maxLength: 64 }),
  chain: Chain,
})
export type Proof = Type.Static<typeof Proof>

/** The short answer of a send over a socket: frame 1003. */
export const SendAck = Type.Object({
  server_msg_id: Int64,
  conversation_id: ConversationId,
  seq: Int64,
  client_msg_id: ClientMsgId,
  send_at: Millis,
  chain: Type.Optional(Chain),
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
  mentions: Type.Optional(Mentions),
  forwarded: Type.Optional(Type.Boolean({ description: 'Sent on from another conversation.' })),
  edited_at: Type.Optional(Millis),
  edits: Type.Optional(Type.Integer({ description: 'How often it was edited.' })),
  /** The body is gone, for everybody; `content` is empty. */
  gone: Type.Optional(
    Type.Object({
      cause: Type.Union([Type.Literal('recalled'), Type.Literal('deleted'), Type.Literal('expired')]),
      by: Type.String(),
      at: Millis,
    }),
  ),
  /** Gone for the asking user alone. */
  hidden: Type.Optional(Type.Boolean()),
  expires_at: Type.Optional(Millis),
  reactions: Type.Optional(Type.Record(Type.String(), Int64)),
  pinned: Type.Optional(Type.Object({ by: UserId, at: Millis })),
  extra: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  created_at: Type.Optional(Millis),
  updated_at: Type.Optional(Millis),
})
export type Message = Type.Static<typeof Message>
