import Type from 'typebox'
import { Conversation } from './conversation.ts'
import { Group, Member } from './group.ts'
import { ConversationId, GroupId, Int64 } from './ids.ts'
import { Message } from './message.ts'
import { Notice } from './notice.ts'
import { Privacy } from './privacy.ts'
import { Application, FriendRequest, Relation } from './relation.ts'
import { User } from './user.ts'

/**
 * One later state of something in an account. A device that applies these in order of `position` holds what a full
 * reload would give it: live pushes (`changed`) and catching up (`sync.changes`) speak the same.
 */
export const Change = Type.Object({
  position: Int64,
  /** Exactly one of the following. */
  conversation: Type.Optional(Conversation),
  /** A message that was edited, recalled, erased, pinned or reacted to. */
  message: Type.Optional(Message),
  notice: Type.Optional(Notice),
  /** Messages of a conversation that went for this user alone. */
  hidden: Type.Optional(Type.Object({ conversation_id: ConversationId, seqs: Type.Array(Int64) })),
  group: Type.Optional(Group),
  /** The own membership: role, mute, nickname. */
  member: Type.Optional(Member),
  profile: Type.Optional(User),
  privacy: Type.Optional(Privacy),
  relation: Type.Optional(Relation),
  friend_request: Type.Optional(FriendRequest),
  application: Type.Optional(Application),
})
export type Change = Type.Static<typeof Change>

export const Changes = Type.Object({
  /** Where to go on; opaque. */
  position: Type.String({ maxLength: 256 }),
  /** More changes wait behind this position. */
  has_more: Type.Boolean(),
  changes: Type.Array(Change),
})

/** Read positions of others, as far as they let the receiver see them. */
export const Receipt = Type.Object({
  conversation_id: ConversationId,
  user_id: Type.String(),
  read_seq: Type.Optional(Int64),
  delivered_seq: Type.Optional(Int64),
})

export const Typing = Type.Object({
  conversation_id: ConversationId,
  user_id: Type.String(),
  typing: Type.Boolean(),
  group_id: Type.Optional(GroupId),
})
