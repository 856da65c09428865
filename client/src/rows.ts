import {
  type Conversation,
  type EventData,
  mentionAll,
  parseConversationId,
  peerOf,
  sessionType,
} from '@nexo-im/protocol'
import type { ChatMessage, ConversationView } from './api.ts'
import { chatMessage, hiddenForm } from './chat-message.ts'

/** What is known of one conversation, without what only screens need. */
export type Row = Omit<ConversationView, 'title' | 'avatar' | 'typing'>

/** The conversation list as data: what the server listed, moved on by what has happened since. */
export class Rows {
  readonly #rows = new Map<string, Row>()
  readonly #me: string
  /** Seqs of live messages that mention the own user, per conversation: a list may not count them yet. */
  readonly #mentioned = new Map<string, number[]>()
  /** Drafts written here that the server has not confirmed. */
  readonly #drafts = new Map<string, string>()

  constructor(me: string) {
    this.#me = me
  }

  get(id: string): Row | undefined {
    return this.#rows.get(id)
  }

  all(): Iterable<Row> {
    return this.#rows.values()
  }

  /** Forgets conversations that a complete list does not name. */
  retain(ids: ReadonlySet<string>): void {
    for (const id of this.#rows.keys()) if (!ids.has(id)) this.#rows.delete(id)
  }

  /** The server's word. Pushes and own marks may have overtaken it, so seqs only rise; all else is as it says. */
  put(listed: Conversation): void {
    const id = listed.conversation_id
    const old = this.#rows.get(id)
    const maxSeq = Math.max(old?.maxSeq ?? 0, listed.max_seq)
    const readSeq = Math.max(old?.readSeq ?? 0, listed.read_seq)
    const seen = Math.max(readSeq, (listed.min_seq ?? 1) - 1)
    const overtaken = maxSeq > listed.max_seq
    const last = lastOf(old?.lastMessage, listed)
    const peerReadSeq = higher(old?.peerReadSeq, listed.peer_read_seq)
    const peerDeliveredSeq = higher(old?.peerDeliveredSeq, listed.peer_delivered_seq)
    this.#rows.set(id, {
      id,
      type: listed.conversation_type === sessionType.group ? 'group' : 'single',
      peerId: listed.peer_user_id,
      groupId: listed.group_id,
      unread: Math.max(0, Math.min(listed.unread_count + maxSeq - listed.max_seq, maxSeq - seen)),
      maxSeq,
      readSeq,
      pinned: listed.is_pinned,
      receiveOption: listed.recv_msg_opt,
      updatedAt: overtaken ? Math.max(old?.updatedAt ?? 0, listed.updated_at) : listed.updated_at,
      draft: this.#drafts.get(id) ?? listed.draft ?? '',
      markedUnread: listed.is_marked_unread ?? false,
      hidden: listed.is_hidden === true && !overtaken,
      ...this.#mentions(listed, readSeq),
      ...(last && { lastMessage: last }),
      ...(listed.expire_after !== undefined && { expireAfter: listed.expire_after }),
      ...(peerReadSeq !== undefined && { peerReadSeq }),
      ...(peerDeliveredSeq !== undefined && { peerDeliveredSeq }),
      ...(listed.min_seq !== undefined && { minSeq: listed.min_seq }),
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
      const moved: Row = { ...row, maxSeq: message.seq, lastMessage, updatedAt, hidden: false }
      // Sending reads: the sender's position moves to the new seq (nexo-wire section 8).
      if (message.senderId === this.#me) this.#rows.set(row.id, withRead(moved, message.seq))
      else this.#rows.set(row.id, this.#unread(moved, message))
    }
    return known === undefined
  }

  #unread(row: Row, message: ChatMessage): Row {
    const next = { ...row, unread: row.unread + 1 }
    if (!message.mentions?.some((id) => id === this.#me || id === mentionAll)) return next
    this.#mentioned.set(row.id, [...(this.#mentioned.get(row.id) ?? []), message.seq])
    return { ...next, mentions: row.mentions + 1, mentionSeq: row.mentionSeq ?? message.seq }
  }

  /** A later state of a message: counts are derived and stay, only what is shown of it changes. */
  amend(message: ChatMessage): void {
    const row = this.#rows.get(message.conversationId)
    if (row?.lastMessage?.seq !== message.seq) return
    this.#rows.set(row.id, { ...row, lastMessage: row.lastMessage.hidden ? hiddenForm(message) : message })
  }

  hide(id: string, seqs: readonly number[]): void {
    const row = this.#rows.get(id)
    if (row?.lastMessage && seqs.includes(row.lastMessage.seq))
      this.#rows.set(id, { ...row, lastMessage: hiddenForm(row.lastMessage) })
  }

  /** The own read position moved, here or on another device. */
  read(id: string, seq: number): void {
    const row = this.#rows.get(id)
    if (row === undefined) return
    const marked = row.markedUnread ? { ...row, markedUnread: false } : row
    this.#rows.set(id, seq <= row.readSeq ? marked : withRead(marked, Math.min(seq, row.maxSeq)))
  }

  /** Whether it is unknown how many unread mentions are left: some, but not all, were read. */
  doubtsMentions(id: string): boolean {
    const row = this.#rows.get(id)
    return row?.mentionSeq !== undefined && row.mentionSeq <= row.readSeq
  }

  /** The other side of a single chat read or received. */
  receipt({ conversation_id: id, user_id, read_seq, delivered_seq }: EventData<'receipt'>): void {
    const row = this.#rows.get(id)
    if (row?.type !== 'single' || row.peerId !== user_id) return
    const peerReadSeq = higher(row.peerReadSeq, read_seq)
    const peerDeliveredSeq = higher(row.peerDeliveredSeq, delivered_seq)
    this.#rows.set(id, {
      ...row,
      ...(peerReadSeq !== undefined && { peerReadSeq }),
      ...(peerDeliveredSeq !== undefined && { peerDeliveredSeq }),
    })
  }

  /** @param seconds 0: messages stay */
  expire(id: string, seconds: number): void {
    const row = this.#rows.get(id)
    if (row === undefined) return
    const { expireAfter: _, ...rest } = row
    this.#rows.set(id, seconds > 0 ? { ...rest, expireAfter: seconds } : rest)
  }

  /** Words written here; they count until the server has them. */
  draft(id: string, text: string): void {
    this.#drafts.set(id, text)
    const row = this.#rows.get(id)
    if (row) this.#rows.set(id, { ...row, draft: text })
  }

  /** The server was given these words. */
  drafted(id: string, text: string): void {
    const row = this.#rows.get(id)
    if (row && !this.#drafts.has(id)) this.#rows.set(id, { ...row, draft: text })
  }

  /** The server has these words, or will never take them. */
  draftTold(id: string, text: string): void {
    if (this.#drafts.get(id) === text) this.#drafts.delete(id)
  }

  #mentions(listed: Conversation, readSeq: number): Pick<Row, 'mentions' | 'mentionSeq'> {
    const id = listed.conversation_id
    const live = (this.#mentioned.get(id) ?? []).filter((seq) => seq > listed.max_seq && seq > readSeq)
    if (live.length > 0) this.#mentioned.set(id, live)
    else this.#mentioned.delete(id)
    const isRead = readSeq >= listed.max_seq
    const mentionSeq = (isRead ? undefined : listed.mention_seq) ?? live[0]
    return {
      mentions: (isRead ? 0 : (listed.mention_count ?? 0)) + live.length,
      ...(mentionSeq !== undefined && { mentionSeq }),
    }
  }
}

function withRead(row: Row, readSeq: number): Row {
  const unread = Math.max(0, Math.min(row.unread, row.maxSeq - readSeq))
  if (unread > 0) return { ...row, readSeq, unread }
  const { mentionSeq: _, ...rest } = row
  return { ...rest, readSeq, unread, mentions: 0 }
}

/** The newest of the two, if it can still be seen; of one message the server's word, but what was hidden stays so. */
function lastOf(old: ChatMessage | undefined, listed: Conversation): ChatMessage | undefined {
  const given = listed.last_message && chatMessage(listed.last_message)
  const last = newer(old, given)
  if (last === undefined || last.seq < (listed.min_seq ?? 1)) return undefined
  return last === given && old?.seq === last.seq && old.hidden ? hiddenForm(last) : last
}

function newer(a: ChatMessage | undefined, b: ChatMessage | undefined): ChatMessage | undefined {
  return a === undefined || (b !== undefined && b.seq >= a.seq) ? b : a
}

function higher(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : Math.max(a, b ?? 0)
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
    mentions: 0,
    draft: '',
    markedUnread: false,
    hidden: false,
  }
}
