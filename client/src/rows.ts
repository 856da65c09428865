import { type Conversation, parseConversationId, peerOf, sessionType } from '@nexo-im/protocol'
import type { ChatMessage, ConversationView } from './api.ts'
import { chatMessage } from './timeline.ts'

/** What is known of one conversation, without what only screens need. */
export type Row = Omit<ConversationView, 'title' | 'avatar'>

/** The conversation list as data: what the server listed, moved on by what has happened since. */
export class Rows {
  readonly #rows = new Map<string, Row>()
  readonly #me: string

  constructor(me: string) {
    this.#me = me
  }

  get(id: string): Row | undefined {
    return this.#rows.get(id)
  }

  all(): Iterable<Row> {
    return this.#rows.values()
  }

  /** The server's word; it may have been overtaken by pushes, so numbers only rise. */
  put(listed: Conversation): void {
    const old = this.#rows.get(listed.conversation_id)
    const maxSeq = Math.max(old?.maxSeq ?? 0, listed.max_seq)
    const readSeq = Math.max(old?.readSeq ?? 0, listed.read_seq)
    const last = newer(old?.lastMessage, listed.last_message && chatMessage(listed.last_message))
    this.#rows.set(listed.conversation_id, {
      id: listed.conversation_id,
      type: listed.conversation_type === sessionType.group ? 'group' : 'single',
      peerId: listed.peer_user_id,
      groupId: listed.group_id,
      unread: Math.max(0, Math.min(listed.unread_count + maxSeq - listed.max_seq, maxSeq - readSeq)),
      maxSeq,
      readSeq,
      pinned: listed.is_pinned,
      receiveOption: listed.recv_msg_opt,
      updatedAt: Math.max(old?.updatedAt ?? 0, listed.updated_at),
      ...(last ? { lastMessage: last } : {}),
    })
  }

  /** A message took its place. True when its conversation was not known before. */
  applied(message: ChatMessage): boolean {
    const known = this.#rows.get(message.conversationId)
    const row = known ?? emptyRow(message.conversationId, this.#me)
    if (row === undefined) return false
    const lastMessage = newer(row.lastMessage, message) ?? message
    const updatedAt = Math.max(row.updatedAt, message.sentAt)
    if (message.seq <= row.maxSeq) this.#rows.set(row.id, { ...row, lastMessage, updatedAt })
    else {
      // Sending reads: the sender's position moves to the new seq (nexo-wire section 8).
      const own = message.senderId === this.#me
      const readSeq = own ? message.seq : row.readSeq
      const unread = own ? 0 : row.unread + 1
      this.#rows.set(row.id, { ...row, maxSeq: message.seq, readSeq, unread, lastMessage, updatedAt })
    }
    return known === undefined
  }

  /** The own read position moved, here or on another device. */
  read(id: string, seq: number): void {
    const row = this.#rows.get(id)
    if (row === undefined || seq <= row.readSeq) return
    const readSeq = Math.min(seq, row.maxSeq)
    this.#rows.set(id, { ...row, readSeq, unread: Math.max(0, Math.min(row.unread, row.maxSeq - readSeq)) })
  }
}

function newer(a: ChatMessage | undefined, b: ChatMessage | undefined): ChatMessage | undefined {
  return a === undefined || (b !== undefined && b.seq >= a.seq) ? b : a
}

/** What a conversation's id alone tells; undefined for an id that is none. */
export function emptyRow(id: string, me: string): Row | undefined {
  const ref = parseConversationId(id)
  if (ref === undefined) return undefined
  return {
    id,
    type: ref.type,
    peerId: ref.type === 'single' ? peerOf(ref.users, me) : '',
    groupId: ref.type === 'group' ? ref.groupId : '',
    unread: 0,
    maxSeq: 0,
    readSeq: 0,
    pinned: false,
    receiveOption: 0,
    updatedAt: 0,
  }
}
