import Type from 'typebox'
import { Int64, Millis, UserId } from './ids.ts'
import { User } from './user.ts'

/** What one user holds of another: a friend, somebody blocked, or both or neither with a remark. */
export const Relation = Type.Object({
  user_id: UserId,
  is_friend: Type.Boolean(),
  is_blocked: Type.Boolean(),
  remark: Type.String({ maxLength: 128, description: 'A name only the own user sees.' }),
  friends_since: Millis,
  user: Type.Optional(User),
})
export type Relation = Type.Static<typeof Relation>

export const requestState = { pending: 1, accepted: 2, rejected: 3, withdrawn: 4 } as const
const RequestState = Type.Integer({ description: '1 pending, 2 accepted, 3 rejected, 4 withdrawn.' })
export const RequestText = Type.String({ maxLength: 512, description: 'A word with the request.' })

export const FriendRequest = Type.Object({
  from_id: UserId,
  to_id: UserId,
  message: RequestText,
  state: RequestState,
  created_at: Millis,
  updated_at: Millis,
})
export type FriendRequest = Type.Static<typeof FriendRequest>

/** Somebody who wants into a group: asked by themselves, or brought by a member who may not decide alone. */
export const Application = Type.Object({
  group_id: Type.String(),
  user_id: UserId,
  message: RequestText,
  inviter_user_id: Type.String(),
  state: RequestState,
  handled_by: Type.String(),
  created_at: Millis,
  updated_at: Millis,
})
export type Application = Type.Static<typeof Application>

export const InviteLink = Type.Object({
  token: Type.String({ minLength: 1, maxLength: 64 }),
  group_id: Type.String(),
  created_by: UserId,
  created_at: Millis,
  expires_at: Type.Integer({ description: 'Unix ms; 0 = never.' }),
  max_uses: Type.Integer({ description: '0 = any number.' }),
  uses: Int64,
})
export type InviteLink = Type.Static<typeof InviteLink>
