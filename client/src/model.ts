import {
  compareIds,
  type Group,
  type Member,
  type Notice,
  type Online,
  type Privacy,
  type Relation,
  type User,
} from '@nexo-im/protocol'
import type { ChatMessage, ConversationView, FriendRequests, MessagesView } from './api.ts'
import type { Contacts } from './contacts.ts'
import type { Directory } from './directory.ts'
import { isEqual } from './equality.ts'
import type { Extras } from './extras.ts'
import type { Outbox } from './outbox.ts'
import { emptyRow, type Row, type Rows } from './rows.ts'
import type { Sync } from './sync.ts'
import type { Typing } from './typing.ts'
import type { Watch } from './watch.ts'

export interface ViewsParts {
  readonly me: string
  readonly rows: Rows
  readonly sync: Sync
  readonly outbox: Outbox
  readonly directory: Directory
  readonly watch: Watch
  readonly extras: Extras
  readonly contacts: Contacts
  readonly typing: Typing
}

export const noMessages: MessagesView = { messages: [], notices: [], hasOlder: false, loading: false }
export const noConversations: readonly ConversationView[] = []

/** Turns what is known into what screens show, and hands out the same object as long as nothing in it changed. */
export class Views {
  readonly #parts: ViewsParts
  #version = 0
  #listVersion = -1
  #list: readonly ConversationView[] = noConversations
  readonly #byId = new Map<string, ConversationView>()
  readonly #stamps = new Map<string, number>()
  readonly #messages = new Map<string, { stamp: number; view: MessagesView }>()
  /** What was last made of a message of the timeline. */
  readonly #dressed = new WeakMap<ChatMessage, ChatMessage>()

  constructor(parts: ViewsParts) {
    this.#parts = parts
  }

  /** Something changed, in one conversation or anywhere. */
  touch(conversationId?: string): void {
    this.#version += 1
    if (conversationId !== undefined) {
      this.#stamps.set(conversationId, (this.#stamps.get(conversationId) ?? 0) + 1)
    }
  }

  conversations(): readonly ConversationView[] {
    if (this.#listVersion === this.#version) return this.#list
    this.#listVersion = this.#version
    const rows = new Map<string, Row>()
    for (const row of this.#parts.rows.all()) rows.set(row.id, row)
    for (const id of this.#parts.outbox.conversations()) {
      const row = rows.get(id) ?? emptyRow(id, this.#parts.me)
      if (row) rows.set(id, row)
    }
    const all = [...rows.values()].map((row) => this.#view(row))
    this.#byId.clear()
    for (const view of all) this.#byId.set(view.id, view)
    const list = all.filter((view) => !view.hidden).sort(later)
    if (!sameItems(list, this.#list)) this.#list = list
    return this.#list
  }

  conversation(id: string): ConversationView | undefined {
    this.conversations()
    return this.#byId.get(id)
  }

  messages(id: string): MessagesView {
    const stamp = this.#stamps.get(id) ?? 0
    const cached = this.#messages.get(id)
    if (cached?.stamp === stamp) return cached.view
    const { sync, rows, outbox } = this.#parts
    const timeline = sync.timeline(id)
    const row = rows.get(id)
    const hasOlder = timeline?.hasOlder ?? false
    const view: MessagesView = {
      messages: [
        ...(timeline?.shown ?? []).map((message) => this.#dress(message, row)),
        ...(timeline?.mineWaiting ?? []),
        ...outbox.views(id),
      ],
      notices: this.#notices(id, hasOlder ? (timeline?.floor ?? 0) : 0),
      hasOlder,
      loading: timeline?.opened === true && !timeline.loaded,
    }
    const same = cached && sameMessages(cached.view, view) ? cached.view : view
    this.#messages.set(id, { stamp, view: same })
    return same
  }

  totalUnread(): number {
    return this.conversations().reduce((sum, view) => sum + view.unread, 0)
  }

  user(id: string): User | undefined {
    return this.#parts.directory.user(id)
  }

  group(id: string): Group | undefined {
    return this.#parts.directory.group(id)
  }

  presence(id: string): Online | undefined {
    return this.#parts.watch.of(id)
  }

  relations(): ReadonlyMap<string, Relation> | undefined {
    return this.#parts.contacts.relations()
  }

  friendRequests(): FriendRequests | undefined {
    return this.#parts.contacts.requests()
  }

  privacy(): Privacy | undefined {
    return this.#parts.contacts.privacy()
  }

  membership(groupId: string): Member | undefined {
    return this.#parts.contacts.member(groupId)
  }

  /** Those of the loaded stretch: what stands in front of its first message belongs to the page above. */
  #notices(id: string, floor: number): readonly Notice[] {
    const all = this.#parts.extras.notices(id)
    const first = all[0]
    return first === undefined || first.at_seq >= floor ? all : all.filter((n) => n.at_seq >= floor)
  }

  /** Adds what is not the message's own: how far the other side is, and the own reactions. */
  #dress(message: ChatMessage, row: Row | undefined): ChatMessage {
    const { extras, me } = this.#parts
    const status = row && message.senderId === me ? progress(message, row) : message.status
    const mine = extras.mine(message.conversationId, message.seq)
    const myReactions = message.reactions && mine?.filter((emoji) => message.reactions?.[emoji])
    if (status === message.status && !myReactions?.length) return message
    const old = this.#dressed.get(message)
    if (old?.status === status && isEqual(old.myReactions ?? [], myReactions ?? [])) return old
    const next = { ...message, status, ...(myReactions?.length && { myReactions }) }
    this.#dressed.set(message, next)
    return next
  }

  #view(row: Row): ConversationView {
    const { directory, outbox, typing } = this.#parts
    const user = row.type === 'single' ? directory.user(row.peerId) : undefined
    const group = row.type === 'group' ? directory.group(row.groupId) : undefined
    const last: ChatMessage | undefined =
      outbox.views(row.id).at(-1) ?? (row.lastMessage && this.#dress(row.lastMessage, row))
    const view: ConversationView = {
      ...row,
      title: row.type === 'single' ? user?.nickname || row.peerId : group?.name || row.groupId,
      avatar: user?.avatar ?? group?.avatar ?? '',
      updatedAt: Math.max(row.updatedAt, last?.sentAt ?? 0),
      hidden: row.hidden && outbox.views(row.id).length === 0,
      typing: typing.of(row.id),
      ...(last ? { lastMessage: last } : {}),
    }
    const old = this.#byId.get(row.id)
    return old && isEqual(old, view) ? old : view
  }
}

/** Pinned first, then latest first; ties as the server breaks them (nexo-wire section 15). */
function later(a: ConversationView, b: ConversationView): number {
  return Number(b.pinned) - Number(a.pinned) || b.updatedAt - a.updatedAt || compareIds(b.id, a.id)
}

function sameItems<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i])
}

/** How far an own message of a single chat has come. */
function progress(message: ChatMessage, row: Row): ChatMessage['status'] {
  if (row.type !== 'single' || message.status !== 'sent') return message.status
  const { peerReadSeq = 0, peerDeliveredSeq = 0 } = row
  if (message.seq <= peerReadSeq) return 'read'
  return message.seq <= peerDeliveredSeq ? 'delivered' : 'sent'
}

function sameMessages(a: MessagesView, b: MessagesView): boolean {
  return (
    a.hasOlder === b.hasOlder &&
    a.loading === b.loading &&
    sameItems(a.messages, b.messages) &&
    sameItems(a.notices, b.notices)
  )
}
