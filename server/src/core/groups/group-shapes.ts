import type { Application, Group, InviteLink, Member } from '@nexo-im/protocol'
import type { Store } from '../ports.ts'
import type { Row } from '../tables.ts'

/** Records of groups as the wire shows them. */
export function shownGroup(row: Row<'group'>, members: number): Group {
  return {
    id: row.group_id,
    name: row.name,
    introduction: row.introduction,
    avatar: row.avatar,
    extra: row.extra,
    status: row.status,
    creator_user_id: row.creator_user_id,
    group_type: 0,
    member_count: members,
    join_mode: row.join_mode,
    invited_by: row.invited_by,
    is_private: row.is_private,
    history_visible: row.history_visible,
    muted_until: row.muted_until,
    announcement: row.announcement,
    announced_at: row.announced_at,
    created_at: row.created_at,
    updated_at: row.updated_at,
  }
}

/** As `shownGroup`, with the number of members asked for. */
export async function withSize(store: Store, group: Row<'group'>): Promise<Group> {
  const [size] = await store.get('group_size', [[group.group_id]])
  return shownGroup(group, size?.members ?? 0)
}

/** A group as it shows itself to those outside: announcements are for members. */
export function outsideOf({ announcement: _, announced_at: __, ...group }: Group): Group {
  return group
}

export function shownMember(row: Row<'member'>): Member {
  return {
    id: row.member_id,
    group_id: row.group_id,
    user_id: row.user_id,
    group_nickname: row.group_nickname,
    group_avatar: row.group_avatar,
    extra: row.extra,
    role_level: row.role_level,
    status: row.status,
    joined_at: row.joined_at,
    join_seq: row.join_seq,
    inviter_user_id: row.inviter_user_id,
    muted_until: row.muted_until,
    created_at: row.created_at,
    updated_at: row.updated_at,
  }
}

export function shownApplication(row: Row<'application'>): Application {
  return {
    group_id: row.group_id,
    user_id: row.user_id,
    message: row.message,
    inviter_user_id: row.inviter_user_id,
    state: row.state,
    handled_by: row.handled_by,
    created_at: row.created_at,
    updated_at: row.updated_at,
  }
}

export function shownLink(row: Row<'invite_link'>): InviteLink {
  return {
    token: row.token,
    group_id: row.group_id,
    created_by: row.created_by,
    created_at: row.created_at,
    expires_at: row.expires_at,
    max_uses: row.max_uses,
    uses: row.uses,
  }
}
