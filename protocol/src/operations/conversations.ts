import Type from 'typebox'
import { Changes } from '../change.ts'
import { Conversation, ReadState } from '../conversation.ts'
import { ConversationId, Int64 } from '../ids.ts'
import { Emoji } from '../message.ts'
import { Notice } from '../notice.ts'
import type { Operation } from '../operation.ts'
import { ConversationPage, Nothing, OneConversation, opt, Pull, ReadSeq, Seconds } from './fields.ts'

/** Conversations as their owner sees them, and the account's change stream. */
export const conversationOperations = {
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
    writes: true,
    input: Type.Object({
      conversation_id: ConversationId,
      recv_msg_opt: opt(Type.Integer({ minimum: 0, maximum: 2 })),
      is_pinned: opt(Type.Boolean()),
      is_marked_unread: opt(Type.Boolean({ description: 'Shown as unread until it is opened or read.' })),
      is_hidden: opt(Type.Boolean({ description: 'Out of the list until the next message.' })),
    }),
    output: Nothing,
    errors: ['conversation_not_found'],
  },
  'conversation.mark_read': {
    summary: 'Raise the own read position; never lowers it, clamps to what is visible',
    access: 'user',
    routes: [{ method: 'POST', path: '/conversation/mark_read' }],
    frame: 1044,
    writes: true,
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
    output: Type.Object({
      unread_count: Int64,
      /** Without those whose receive option asks for silence (1, 2). */
      notify_count: opt(Int64),
    }),
    errors: ['no_permission'],
  },
  'conversation.draft': {
    summary: 'Keep a draft for the own devices; without text it goes',
    access: 'user',
    routes: [{ method: 'PUT', path: '/conversation/draft' }],
    frame: 1046,
    limit: 'ephemeral',
    writes: true,
    input: Type.Object({ conversation_id: ConversationId, text: opt(Type.String()) }),
    output: Nothing,
    errors: ['conversation_not_found', 'cap_reached'],
  },
  'conversation.clear': {
    summary: 'Delete the history for oneself and hide the conversation until the next message',
    access: 'user',
    routes: [{ method: 'POST', path: '/conversation/clear' }],
    frame: 1047,
    writes: true,
    input: OneConversation,
    output: Nothing,
    errors: ['conversation_not_found'],
  },
  'conversation.set_expiry': {
    summary: 'Messages sent from now on disappear after some seconds; 0 keeps them. Either side, or admins',
    access: 'user',
    routes: [{ method: 'PUT', path: '/conversation/set_expiry' }],
    frame: 1048,
    writes: true,
    input: Type.Object({ conversation_id: ConversationId, seconds: Seconds }),
    output: Nothing,
    errors: [
      'no_permission',
      'member_inactive',
      'not_admin',
      'group_dismissed',
      'blocked',
      'muted',
      'group_muted',
      'privacy',
    ],
  },
  'conversation.extras': {
    summary:
      'What belongs to a stretch of history beside its messages: notices, own reactions, own deletions',
    access: 'user',
    routes: [{ method: 'GET', path: '/conversation/extras' }],
    frame: 1049,
    input: Pull,
    output: Type.Object({
      notices: Type.Array(Notice),
      my_reactions: Type.Array(Type.Object({ seq: Int64, emoji: Emoji })),
      hidden_seqs: Type.Array(Int64),
    }),
    errors: ['no_permission'],
  },
  'sync.changes': {
    summary: 'Every later change of the account since a position, once; without a position the present one',
    access: 'user',
    routes: [{ method: 'GET', path: '/sync/changes' }],
    frame: 1160,
    input: Type.Object({
      position: opt(Type.String({ maxLength: 256 })),
      limit: opt(Type.Integer({ minimum: 1, maximum: 500 })),
    }),
    output: Changes,
    messages: 'changes',
    errors: [],
  },
} as const satisfies Record<string, Operation>
