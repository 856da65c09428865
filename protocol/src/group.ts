import Type from 'typebox'
import { GroupId, Int64, Millis, UserId } from './ids.ts'
import { Avatar, Nickname } from './user.ts'

/** Role levels ★ (nexo-wire section 4). */
export const roles = { member: 1, admin: 2, owner: 3 } as const
export const groupStatus = { normal: 1, dismissed: 2 } as const
export const memberStatus = { normal: 1, left: 2, kicked: 3 } as const

/** How one gets in; 1 wants an application, 2 an invitation or a link. */
export const joinMode = { open: 0, approval: 1, invitation: 2 } as const
/** Who may bring others in: every member, or admins and the owner. */
export const invitedBy = { members: 0, admins: 1 } as const

export const JoinMode = Type.Integer({
  minimum: 0,
  maximum: 2,
  description: '0 open, 1 approval, 2 invitation only.',
})
export const InvitedBy = Type.Integer({
  minimum: 0,
  maximum: 1,
  description: '0 every member, 1 admins only.',
})
export const Announcement = Type.String({ maxLength: 2000 })

export const GroupName = Type.String({ minLength: 1, maxLength: 128 })
export const Introduction = Type.String({ maxLength: 512 })
const NullableText = Type.Union([Type.String(), Type.Null()])

export const Group = Type.Object({
  id: GroupId,
  name: GroupName,
  introduction: Introduction,
  avatar: Avatar,
  extra: NullableText,
  status: Type.Integer({ description: '1 normal, 2 dismissed.' }),
  creator_user_id: UserId,
  group_type: Type.Integer(),
  member_count: Type.Integer({ description: 'Active members.' }),
  join_mode: Type.Optional(JoinMode),
  invited_by: Type.Optional(InvitedBy),
  is_private: Type.Optional(Type.Boolean({ description: 'Shown to members only.' })),
  history_visible: Type.Optional(Type.Boolean({ description: 'Joiners see what was written before.' })),
  muted_until: Type.Optional(
    Type.Integer({ description: 'All but admins are mute until then, Unix ms; 0 = not.' }),
  ),
  announcement: Type.Optional(Announcement),
  announced_at: Type.Optional(Millis),
  created_at: Millis,
  updated_at: Millis,
})
export type Group = Type.Static<typeof Group>

export const Member = Type.Object({
  id: Int64,
  group_id: GroupId,
  user_id: UserId,
  group_nickname: Nickname,
  group_avatar: Avatar,
  extra: NullableText,
  role_level: Type.Integer({ description: '1 member, 2 admin, 3 owner.' }),
  status: Type.Integer({ description: '1 normal, 2 left, 3 kicked.' }),
  joined_at: Millis,
  join_seq: Int64,
  inviter_user_id: Type.String(),
  muted_until: Type.Optional(Type.Integer({ description: 'Unix ms; 0 = not muted.' })),
  created_at: Millis,
  updated_at: Millis,
})
export type Member = Type.Static<typeof Member>
