import Type from 'typebox'
import { Millis, UserId } from './ids.ts'

export const Nickname = Type.String({ maxLength: 128 })
export const Avatar = Type.String({ maxLength: 512 })
/** A string holding JSON, kept byte for byte; at most 65,535 bytes. */
export const Extra = Type.String({ description: 'JSON text, at most 65,535 bytes.' })

export const CustomStatus = Type.Object({
  text: Type.String({ maxLength: 128 }),
  emoji: Type.Optional(Type.String({ maxLength: 32 })),
  until: Type.Optional(Type.Integer({ description: 'Unix ms; absent = until changed.' })),
})
export type CustomStatus = Type.Static<typeof CustomStatus>

export const User = Type.Object({
  id: UserId,
  user_id: UserId,
  nickname: Nickname,
  avatar: Avatar,
  extra: Type.Optional(Extra),
  /** A line of one's own choosing, until it runs out. */
  status: Type.Optional(CustomStatus),
  created_at: Millis,
})
export type User = Type.Static<typeof User>
