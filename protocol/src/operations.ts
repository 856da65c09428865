import Type from 'typebox'
import type { Content } from './content/index.ts'
import { Conversation, ReadState } from './conversation.ts'
import { PlatformId } from './device.ts'
import { Group, GroupName, Introduction, Member } from './group.ts'
import { ClientMsgId, ConversationId, GroupId, Int64, Millis, UserId } from './ids.ts'
import { Message, SendAck } from './message.ts'
import type { Operation } from './operation.ts'
import { Online } from './presence.ts'
import { Avatar, Extra, Nickname, User } from './user.ts'

const Nothing = Type.Null()
const None = Type.Object({})
const opt = Type.Optional
const UserIds = Type.Array(UserId, { minItems: 1, maxItems: 1000 })
const Password = Type.String({ minLength: 1, description: '8–256 bytes.' })
const ReadSeq = Type.Integer({ minimum: 0, maximum: 2 ** 63, format: 'int64' })
const Send = Type.Object({
  client_msg_id: ClientMsgId,
  recv_id: opt(UserId),
  group_id: opt(GroupId),
  session_type: opt(
    Type.Integer({ minimum: 0, maximum: 2, description: '1 single, 2 group; 0 = by target.' }),
  ),
  msg_type: Type.Integer(),
  // Flat, typed or long keys: the door reads all three, so the schema only says that it is an object.
  content: Type.Unsafe<Content | Record<string, unknown>>(Type.Object({})),
})
const Messages = Type.Object({ messages: Type.Array(Message), max_seq: Int64 })
const Pull = Type.Object({
  conversation_id: ConversationId,
  begin_seq: opt(Int64),
  end_seq: opt(Int64),
  limit: opt(Int64),
})
const NextCursor = Type.Object({ updated_at: Millis, conversation_id: ConversationId })
const ConversationPage = Type.Object({
  list: Type.Array(Conversation),
  has_more: Type.Boolean(),
  next_cursor: opt(NextCursor),
})
const MemberPage = Type.Object({
  list: Type.Array(Member),
  has_more: Type.Boolean(),
  next_cursor: opt(Type.Object({ user_id: UserId })),
})
const sendErrors = [
  'user_not_found',
  'forbidden',
  'not_member',
  'member_inactive',
  'group_dismissed',
  'message_not_found',
  'duplicate_message',
  'seq_failed',
  'send_failed',
  'too_many_requests',
] as const

/** What anybody may ask of the system: the source of REST, frames, OpenAPI and the client's types. */
export const operations = {
  'auth.register': {
    summary: 'Create an account',
    access: 'public',
    routes: [{ method: 'POST', path: '/auth/register' }],
    input: Type.Object({
      user_id: opt(UserId),
      nickname: opt(Nickname),
      password: Password,
      avatar: opt(Avatar),
    }),
    output: User,
    errors: ['forbidden', 'user_exists', 'too_many_requests'],
  },
  'auth.login': {
    summary: 'Open a session on a platform; ends the user’s other session there',
    access: 'public',
    routes: [{ method: 'POST', path: '/auth/login' }],
    input: Type.Object({ user_id: UserId, password: Password, platform_id: opt(PlatformId) }),
    output: Type.Object({ token: Type.String(), user_info: User }),
    errors: ['login_failed', 'user_not_found', 'password_wrong', 'too_many_requests'],
  },
  'auth.logout': {
    summary: 'End this session and close its sockets',
    access: 'user',
    routes: [{ method: 'POST', path: '/auth/logout' }],
    frame: 1010,
    input: None,
    output: Nothing,
    errors: [],
  },
  'user.info': {
    summary: 'The own account',
    access: 'user',
    routes: [{ method: 'GET', path: '/user/info' }],
    frame: 1020,
    input: None,
    output: User,
    errors: [],
  },
  'user.profile': {
    summary: 'The public part of another account',
    access: 'user',
    routes: [{ method: 'GET', path: '/user/profile/:user_id' }],
    frame: 1021,
    input: Type.Object({ user_id: UserId }),
    output: User,
    errors: ['user_not_found'],
  },
  'user.update': {
    summary: 'Change the own profile; an empty field stays as it is',
    access: 'user',
    routes: [{ method: 'PUT', path: '/user/update' }],
    frame: 1022,
    input: Type.Object({ nickname: opt(Nickname), avatar: opt(Avatar), extra: opt(Extra) }),
    output: User,
    errors: [],
  },
  'user.batch_info': {
    summary: 'Several accounts in the order asked; unknown ones are left out',
    access: 'user',
    routes: [{ method: 'POST', path: '/user/batch_info' }],
    frame: 1023,
    input: Type.Object({ user_ids: Type.Array(UserId, { minItems: 1, maxItems: 100 }) }),
    output: Type.Array(User),
    errors: [],
  },
  'presence.get': {
    summary: 'Who is online, on which platforms',
    access: 'user',
    routes: [{ method: 'POST', path: '/user/get_users_online_status' }],
    frame: 1024,
    input: Type.Object({ user_ids: UserIds }),
    output: Type.Array(Online),
    errors: [],
  },
  'presence.subscribe': {
    summary: 'Be told on this socket when these users come and go; replaces the earlier list',
    access: 'user',
    routes: [],
    frame: 1025,
    input: Type.Object({ user_ids: Type.Array(UserId, { maxItems: 1000 }) }),
    output: Type.Array(Online),
    errors: [],
  },
  'group.create': {
    summary: 'Found a group; the caller is its owner',
    access: 'user',
    routes: [{ method: 'POST', path: '/group/create' }],
    frame: 1030,
    input: Type.Object({
      name: GroupName,
      introduction: opt(Introduction),
      avatar: opt(Avatar),
      member_ids: opt(Type.Array(UserId, { maxItems: 10_000 })),
    }),
    output: Group,
    errors: ['forbidden', 'user_not_found'],
  },
  'group.join': {
    summary: 'Join an open group',
    access: 'user',
    routes: [{ method: 'POST', path: '/group/join' }],
    frame: 1031,
    input: Type.Object({ group_id: GroupId, inviter_id: opt(UserId) }),
    output: Nothing,
    errors: ['forbidden', 'group_not_found', 'group_dismissed', 'already_member'],
  },
  'group.quit': {
    summary: 'Leave a group; what was visible until now stays readable',
    access: 'user',
    routes: [{ method: 'POST', path: '/group/quit' }],
    frame: 1032,
    input: Type.Object({ group_id: GroupId }),
    output: Nothing,
    errors: ['not_member', 'owner_stays'],
  },
  'group.info': {
    summary: 'A group’s public record',
    access: 'user',
    routes: [{ method: 'GET', path: '/group/info' }],
    frame: 1033,
    input: Type.Object({ group_id: GroupId }),
    output: Group,
    errors: ['no_permission', 'group_not_found'],
  },
  'group.members': {
    summary: 'Active members: owner, admins, then by time of joining; paged when a limit or cursor is given',
    access: 'user',
    routes: [{ method: 'GET', path: '/group/members' }],
    frame: 1034,
    input: Type.Object({
      group_id: GroupId,
      limit: opt(Type.Integer({ minimum: 1, maximum: 1000 })),
      cursor_user_id: opt(UserId),
    }),
    output: Type.Union([Type.Array(Member), MemberPage]),
    errors: ['no_permission', 'group_not_found'],
  },
  'message.send': {
    summary: 'Send a message; answered with its seq after the durable commit',
    access: 'user',
    routes: [{ method: 'POST', path: '/msg/send' }],
    frame: 1003,
    input: Send,
    output: Message,
    frameOutput: SendAck,
    messages: 'self',
    errors: sendErrors,
  },
  'message.send_without_mark_read': {
    summary: 'Send; unread for the sender too',
    access: 'user',
    routes: [{ method: 'POST', path: '/msg/send_without_mark_read' }],
    frame: 1050,
    input: Send,
    output: Message,
    frameOutput: SendAck,
    messages: 'self',
    errors: sendErrors,
  },
  'message.pull': {
    summary: 'Messages by seq, both ends inclusive, ascending, cut to what the caller may see',
    access: 'user',
    routes: [{ method: 'GET', path: '/msg/pull' }],
    frame: 1005,
    input: Pull,
    output: Messages,
    messages: 'messages',
    errors: ['no_permission', 'pull_failed'],
  },
  'message.pull_list': {
    summary: 'Messages by a list of seqs; without a list like message.pull',
    access: 'user',
    routes: [],
    frame: 1002,
    input: Type.Object({ ...Pull.properties, seq_list: opt(Type.Array(Int64, { maxItems: 100 })) }),
    output: Messages,
    messages: 'messages',
    errors: ['no_permission', 'pull_failed'],
  },
  'message.max_seq': {
    summary: 'The newest seq the caller may see; 0 when nothing was sent',
    access: 'user',
    routes: [{ method: 'GET', path: '/msg/max_seq' }],
    frame: 1051,
    input: Type.Object({ conversation_id: ConversationId }),
    output: Type.Object({ max_seq: Int64 }),
    errors: ['no_permission'],
  },
  'message.newest_seqs': {
    summary: 'The newest seqs of several conversations; 0 without access',
    access: 'user',
    routes: [],
    frame: 1001,
    input: Type.Object({ conversation_ids: Type.Array(Type.String({ maxLength: 256 }), { maxItems: 1000 }) }),
    output: Type.Object({ seqs: Type.Record(Type.String(), Int64) }),
    errors: [],
  },
  'conversation.list': {
    summary: 'Own conversations, latest first; a page when limit or cursor are given',
    access: 'user',
    routes: [
      { method: 'GET', path: '/conversation/list' },
      { method: 'POST', path: '/conversation/list' },
    ],
    frame: 1040,
    input: Type.Object({
      with_last_message: opt(Type.Boolean()),
      limit: opt(Type.Integer({ minimum: 0, maximum: 100 })),
      cursor_updated_at: opt(Int64),
      cursor_conversation_id: opt(ConversationId),
      pinned_first: opt(Type.Boolean()),
      paged: opt(Type.Boolean({ description: 'Answer a page even without limit and cursor.' })),
    }),
    output: Type.Union([Type.Array(Conversation), ConversationPage]),
    messages: 'last_message',
    errors: [],
  },
  'conversation.all': {
    summary: 'Own conversations, complete, latest first',
    access: 'user',
    routes: [
      { method: 'GET', path: '/conversation/all' },
      { method: 'POST', path: '/conversation/all' },
    ],
    frame: 1041,
    input: Type.Object({ with_last_message: opt(Type.Boolean()) }),
    output: Type.Array(Conversation),
    messages: 'last_message',
    errors: [],
  },
  'conversation.info': {
    summary: 'One own conversation',
    access: 'user',
    routes: [{ method: 'GET', path: '/conversation/info' }],
    frame: 1042,
    input: Type.Object({ conversation_id: ConversationId }),
    output: Conversation,
    errors: ['conversation_not_found'],
  },
  'conversation.update': {
    summary: 'Own settings of a conversation',
    access: 'user',
    routes: [{ method: 'PUT', path: '/conversation/update', query: ['conversation_id'] }],
    frame: 1043,
    input: Type.Object({
      conversation_id: ConversationId,
      recv_msg_opt: opt(Type.Integer({ minimum: 0, maximum: 2 })),
      is_pinned: opt(Type.Boolean()),
    }),
    output: Nothing,
    errors: ['conversation_not_found'],
  },
  'conversation.mark_read': {
    summary: 'Raise the own read position; never lowers it, clamps to what is visible',
    access: 'user',
    routes: [{ method: 'POST', path: '/conversation/mark_read' }],
    frame: 1044,
    input: Type.Object({ conversation_id: ConversationId, read_seq: ReadSeq }),
    output: Nothing,
    errors: ['no_permission'],
  },
  'conversation.read_state': {
    summary: 'Newest seq, read position and unread count',
    access: 'user',
    routes: [{ method: 'GET', path: '/conversation/max_read_seq' }],
    frame: 1006,
    input: Type.Object({ conversation_id: ConversationId }),
    output: ReadState,
    errors: ['no_permission'],
  },
  'conversation.unread_count': {
    summary: 'Unread of one conversation, or of all listed ones together',
    access: 'user',
    routes: [{ method: 'GET', path: '/conversation/unread_count' }],
    frame: 1045,
    input: Type.Object({ conversation_id: opt(ConversationId), read_seq: opt(ReadSeq) }),
    output: Type.Object({ unread_count: Int64 }),
    errors: ['no_permission'],
  },
} as const satisfies Record<string, Operation>

export type Operations = typeof operations
export type OperationName = keyof Operations
/** What a caller passes; what an answer holds over HTTP; what it holds over a socket. */
export type Input<N extends OperationName> = Type.Static<Operations[N]['input']>
export type Output<N extends OperationName> = Type.Static<Operations[N]['output']>
export type FrameOutput<N extends OperationName> = Operations[N] extends {
  frameOutput: infer S extends Type.TSchema
}
  ? Type.Static<S>
  : Output<N>

export const operationNames = Object.keys(operations) as OperationName[]

const byFrame = new Map<number, OperationName>()
for (const name of operationNames) {
  const { frame } = operations[name] as Operation
  if (frame !== undefined) byFrame.set(frame, name)
}

export function operationOfFrame(frame: number): OperationName | undefined {
  return byFrame.get(frame)
}
