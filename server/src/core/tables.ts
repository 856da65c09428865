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
    },
    indexes: {},
  },
  /** A sign-in of a user on a platform; the token's `jti` names it, the token itself is never kept. */
  session: {
    key: ['session_id'],
    fields: {
      session_id: 'text',
      user_id: 'text',
      platform_id: 'int',
      /** 1 normal, 2 kicked, 3 logged out; running out is told by `expires_at`. */
      state: 'int',
      created_at: 'int',
      expires_at: 'int',
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
    },
    indexes: { by_rank: ['group_id', 'status', 'rank', 'joined_at', 'member_id'] },
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
    },
    indexes: { by_conversation: ['conversation_id', 'user_id'], by_user: ['user_id', 'conversation_id'] },
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
