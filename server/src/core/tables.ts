/**
 * The record kinds, as data: drivers derive tables, columns and indexes from here.
 * A change needs a numbered migration; `tables.test.ts` pins the hash.
 */
export type FieldType = 'text' | 'text?' | 'int' | 'int?' | 'bool'

export interface Table {
  /** Fields of the primary key, in order. */
  readonly key: readonly string[]
  readonly fields: Readonly<Record<string, FieldType>>
  /** Name → fields in order; `list` reads along one of them. */
  readonly indexes: Readonly<Record<string, readonly string[]>>
}

export const tables = {
  user: {
    key: ['user_id'],
    fields: {
      user_id: 'text',
      nickname: 'text',
      avatar: 'text',
      extra: 'text?',
      password_hash: 'text',
      created_at: 'int',
      updated_at: 'int',
      /** 1 normal, 2 banned, 3 deleted; ids are never given twice. */
      status: 'int',
      /** End of a ban, Unix ms; null = for good. */
      banned_until: 'int?',
      /** Custom status as JSON; '' = none. */
      custom_status: 'text',
      /** The nickname folded, so that people are found by it in any letter case. */
      name_key: 'text',
      position: 'int',
    },
    indexes: { by_name: ['name_key', 'user_id'] },
  },
  /** Who may do what to this user; absent = everybody may everything. Values: 0 everyone, 1 friends, 2 nobody. */
  privacy: {
    key: ['user_id'],
    fields: {
      user_id: 'text',
      find_me: 'int',
      message_me: 'int',
      add_to_groups: 'int',
      see_online: 'int',
      see_read: 'int',
      position: 'int',
    },
    indexes: {},
  },
  /** When a user's last device went. */
  last_seen: { key: ['user_id'], fields: { user_id: 'text', at: 'int' }, indexes: {} },
  /** What one user holds of another. */
  relation: {
    key: ['owner_id', 'other_id'],
    fields: {
      owner_id: 'text',
      other_id: 'text',
      is_friend: 'bool',
      is_blocked: 'bool',
      remark: 'text',
      friends_since: 'int',
      position: 'int',
    },
    indexes: {
      by_owner: ['owner_id', 'other_id'],
      by_friend: ['owner_id', 'is_friend', 'other_id'],
      by_blocked: ['owner_id', 'is_blocked', 'other_id'],
      by_change: ['owner_id', 'position'],
    },
  },
  /** How many relations an owner has; a version for everything that must stay under a cap together. */
  relation_count: {
    key: ['owner_id'],
    fields: { owner_id: 'text', friends: 'int', blocked: 'int', relations: 'int' },
    indexes: {},
  },
  friend_request: {
    key: ['from_id', 'to_id'],
    fields: {
      from_id: 'text',
      to_id: 'text',
      message: 'text',
      state: 'int',
      created_at: 'int',
      updated_at: 'int',
      position: 'int',
    },
    indexes: {
      by_to: ['to_id', 'state', 'position'],
      by_from: ['from_id', 'state', 'position'],
      changed_to: ['to_id', 'position'],
      changed_from: ['from_id', 'position'],
    },
  },
  /** A sign-in of a user on a platform; the token's `jti` names it, the token itself is never kept. */
  session: {
    key: ['session_id'],
    fields: {
      session_id: 'text',
      user_id: 'text',
      platform_id: 'int',
      /** 1 normal, 2 kicked, 3 logged out, 4 revoked; running out is told by `expires_at`. */
      state: 'int',
      created_at: 'int',
      expires_at: 'int',
      device_name: 'text',
      /** Which refresh token is the good one; an earlier one ends the sign-in. */
      generation: 'int',
      refreshed_at: 'int',
    },
    indexes: { by_user: ['user_id', 'created_at', 'session_id'] },
  },
  group: {
    key: ['group_id'],
    fields: {
      group_id: 'text',
      name: 'text',
      introduction: 'text',
      avatar: 'text',
      extra: 'text?',
      status: 'int',
      creator_user_id: 'text',
      created_at: 'int',
      updated_at: 'int',
      join_mode: 'int',
      invited_by: 'int',
      is_private: 'bool',
      history_visible: 'bool',
      muted_until: 'int',
      announcement: 'text',
      announced_at: 'int',
    },
    indexes: {},
  },
  /** Active members, apart from the group: a join must not outdate the group record that sends depend on. */
  group_size: { key: ['group_id'], fields: { group_id: 'text', members: 'int' }, indexes: {} },
  member: {
    key: ['group_id', 'user_id'],
    fields: {
      group_id: 'text',
      user_id: 'text',
      member_id: 'int',
      group_nickname: 'text',
      group_avatar: 'text',
      extra: 'text?',
      role_level: 'int',
      status: 'int',
      joined_at: 'int',
      join_seq: 'int',
      inviter_user_id: 'text',
      created_at: 'int',
      updated_at: 'int',
      /** 3 − role_level, so that an ascending index lists owner, admins, members. */
      rank: 'int',
      muted_until: 'int',
      /** Group nickname, else account nickname, folded: what members are searched by. */
      name_key: 'text',
    },
    indexes: {
      by_rank: ['group_id', 'status', 'rank', 'joined_at', 'member_id'],
      by_name: ['group_id', 'status', 'name_key', 'user_id'],
      by_user: ['user_id', 'group_id'],
    },
  },
  announcement: {
    key: ['group_id', 'position'],
    fields: { group_id: 'text', position: 'int', text: 'text', by: 'text', at: 'int' },
    indexes: { by_group: ['group_id', 'position'] },
  },
  /** Somebody who wants into a group. */
  application: {
    key: ['group_id', 'user_id'],
    fields: {
      group_id: 'text',
      user_id: 'text',
      message: 'text',
      inviter_user_id: 'text',
      state: 'int',
      handled_by: 'text',
      created_at: 'int',
      updated_at: 'int',
      position: 'int',
    },
    indexes: { by_state: ['group_id', 'state', 'position'], by_change: ['user_id', 'position'] },
  },
  invite_link: {
    key: ['token'],
    fields: {
      token: 'text',
      group_id: 'text',
      created_by: 'text',
      created_at: 'int',
      expires_at: 'int',
      max_uses: 'int',
      uses: 'int',
    },
    indexes: { by_group: ['group_id', 'created_at', 'token'] },
  },
  /** What one user sees of one conversation: a window over its log, and own settings. */
  view: {
    key: ['conversation_id', 'user_id'],
    fields: {
      conversation_id: 'text',
      user_id: 'text',
      min_seq: 'int',
      /** The closing bound after leaving; null while open, so that leaving an empty group closes it too. */
      max_seq: 'int?',
      read_seq: 'int',
      recv_msg_opt: 'int',
      is_pinned: 'bool',
      touched_at: 'int',
      /** Position of the last change of this view; messages and own sends do not move it. */
      position: 'int',
      /** Notices and changes of messages are visible from the first to the second, both inclusive. */
      from_position: 'int',
      to_position: 'int?',
      delivered_seq: 'int',
      /** Newest message that mentions this user by name; the list looks closer only where it is unread. */
      mention_seq: 'int',
      draft: 'text',
      draft_at: 'int',
      marked_unread: 'bool',
      /** Out of the list while nothing beyond this seq was written; -1 = listed. */
      hidden_at: 'int',
      /** How many messages the user deleted for themselves: pulls look for them only where there are any. */
      hidden_count: 'int',
    },
    indexes: { by_conversation: ['conversation_id', 'user_id'], by_user: ['user_id', 'conversation_id'] },
  },
  /** What both sides of a conversation share beside its messages. Absent until something sets it. */
  conversation: {
    key: ['conversation_id'],
    fields: {
      conversation_id: 'text',
      /** Life of a message in ms; 0 = for ever. */
      expire_after: 'int',
      /** Newest message that mentions everybody. */
      mention_all_seq: 'int',
      pins: 'int',
    },
    indexes: {},
  },
  /** Position of a conversation's last notice or touched message: tells where catching up has to look at all. */
  pulse: { key: ['conversation_id'], fields: { conversation_id: 'text', position: 'int' }, indexes: {} },
  /** System messages: in the conversation's order behind `at_seq`. */
  notice: {
    key: ['conversation_id', 'position'],
    fields: {
      conversation_id: 'text',
      position: 'int',
      at_seq: 'int',
      kind: 'text',
      actor_id: 'text',
      /** JSON array. */
      user_ids: 'text',
      /** JSON object. */
      data: 'text',
      created_at: 'int',
    },
    indexes: {
      by_conversation: ['conversation_id', 'position'],
      by_anchor: ['conversation_id', 'at_seq', 'position'],
    },
  },
  /** A message that changed after it was stored: refers to the one copy. Its version is the message's lock. */
  touch: {
    key: ['conversation_id', 'seq'],
    fields: { conversation_id: 'text', seq: 'int', position: 'int' },
    indexes: { by_change: ['conversation_id', 'position'] },
  },
  /** An earlier version of an edited message, with the salt its digest was made with. */
  edit: {
    key: ['conversation_id', 'seq', 'edition'],
    fields: {
      conversation_id: 'text',
      seq: 'int',
      edition: 'int',
      body: 'text',
      salt: 'text',
      at: 'int',
      /** Where the next version took its place. */
      position: 'int',
    },
    indexes: { by_message: ['conversation_id', 'seq', 'edition'] },
  },
  reaction: {
    key: ['conversation_id', 'seq', 'user_id', 'emoji'],
    fields: { conversation_id: 'text', seq: 'int', user_id: 'text', emoji: 'text', at: 'int' },
    indexes: {
      by_message: ['conversation_id', 'seq', 'user_id', 'emoji'],
      by_user: ['user_id', 'conversation_id', 'seq', 'emoji'],
    },
  },
  pin: {
    key: ['conversation_id', 'seq'],
    fields: { conversation_id: 'text', seq: 'int', by: 'text', at: 'int' },
    indexes: { by_conversation: ['conversation_id', 'seq'] },
  },
  /** `user_id` '*' stands for everybody. */
  mention: {
    key: ['conversation_id', 'user_id', 'seq'],
    fields: { conversation_id: 'text', user_id: 'text', seq: 'int' },
    indexes: { by_user: ['conversation_id', 'user_id', 'seq'] },
  },
  /** Which messages quote a message, so that recalling it reaches their snapshots. */
  quotation: {
    key: ['conversation_id', 'quoted_seq', 'seq'],
    fields: { conversation_id: 'text', quoted_seq: 'int', seq: 'int' },
    indexes: { by_quoted: ['conversation_id', 'quoted_seq', 'seq'] },
  },
  /** A message that one user deleted for themselves. */
  hidden: {
    key: ['user_id', 'conversation_id', 'seq'],
    fields: { user_id: 'text', conversation_id: 'text', seq: 'int', position: 'int' },
    indexes: {
      by_user: ['user_id', 'conversation_id', 'seq'],
      by_change: ['user_id', 'conversation_id', 'position'],
    },
  },
  /** What the server does at a time: send a scheduled message, let one disappear. */
  timer: {
    key: ['timer_id'],
    fields: {
      timer_id: 'text',
      /** 'all' while it waits, so that due ones are listed by time; 'failed' afterwards. */
      queue: 'text',
      at: 'int',
      task: 'text',
      user_id: 'text',
      conversation_id: 'text',
      seq: 'int',
      /** JSON input of the send; '' for others. */
      input: 'text',
      error: 'text',
    },
    indexes: { by_time: ['queue', 'at', 'timer_id'], by_user: ['user_id', 'task', 'at', 'timer_id'] },
  },
  /** Blocks of numbers handed to nodes; see `numbers.ts`. */
  block: { key: ['name'], fields: { name: 'text', next: 'int' }, indexes: {} },
} as const satisfies Record<string, Table>

export type Kind = keyof typeof tables
type FieldValue<T> = T extends 'text'
  ? string
  : T extends 'text?'
    ? string | null
    : T extends 'int'
      ? number
      : T extends 'int?'
        ? number | null
        : T extends 'bool'
          ? boolean
          : never
export type Row<K extends Kind> = {
  readonly [F in keyof (typeof tables)[K]['fields']]: FieldValue<(typeof tables)[K]['fields'][F]>
}
export type IndexName<K extends Kind> = keyof (typeof tables)[K]['indexes'] & string

export type Scalar = string | number | boolean | null
export type Key = readonly Scalar[]

export function keyOf(kind: Kind, row: Readonly<Record<string, Scalar>>): Key {
  return tables[kind].key.map((f) => row[f] ?? null)
}
