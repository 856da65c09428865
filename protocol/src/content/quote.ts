import Type from 'typebox'
import { Int64, UserId } from '../ids.ts'
import { type ContentType, maxTextBytes } from './type.ts'

/** What the quoted message looked like when it was quoted; filled in by the server, never believed from a client. */
const Snapshot = Type.Object({
  sender_id: UserId,
  msg_type: Type.Integer(),
  preview: Type.String(),
  gone: Type.Optional(Type.Boolean({ description: 'The quoted message was recalled or erased.' })),
})

export const Quote = Type.Object({
  seq: Type.Integer({ minimum: 1, description: 'The quoted message, in the same conversation.' }),
  server_msg_id: Type.Optional(Int64),
  text: Type.Optional(Type.String({ description: 'What is said to it; at most 65,535 bytes.' })),
  snapshot: Type.Optional(Snapshot),
})

export const quote: ContentType = {
  name: 'quote',
  number: 8,
  openim: 114,
  key: 'quote',
  schema: Quote,
  maxBytes: { text: maxTextBytes },
  preview: (body) => (typeof body['text'] === 'string' ? body['text'].slice(0, 100) : '[quote]'),
}
