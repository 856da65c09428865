import type { Group, Online, User } from '@nexo-im/protocol'
import { compareIds } from '@nexo-im/protocol'
import type { ChatMessage, ConversationView, MessagesView } from './api.ts'
import type { Directory } from './directory.ts'
import type { Outbox } from './outbox.ts'
import { emptyRow, type Row, type Rows } from './rows.ts'
import type { Sync } from './sync.ts'
import type { Watch } from './watch.ts'

export interface ViewsParts {
  readonly me: string
  readonly rows: Rows
  readonly sync: Sync
  readonly outbox: Outbox
  readonly directory: Directory
  readonly watch: Watch
}

export const noMessages: MessagesView = { messages: [], hasOlder: false, loading: false }
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
    const list = [...rows.values()].map((row) => this.#view(row)).sort(later)
    this.#byId.clear()
    for (const view of list) this.#byId.set(view.id, view)
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
    const timeline = this.#parts.sync.timeline(id)
    const view: MessagesView = {
      messages: [
        ...(timeline?.shown ?? []),
        ...(timeline?.mineWaiting ?? []),
        ...this.#parts.outbox.views(id),
      ],
      hasOlder: timeline?.hasOlder ?? false,
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

  #view(row: Row): ConversationView {
    const { directory, outbox } = this.#parts
    const user = row.type === 'single' ? directory.user(row.peerId) : undefined
    const group = row.type === 'group' ? directory.group(row.groupId) : undefined
    const last: ChatMessage | undefined = outbox.views(row.id).at(-1) ?? row.lastMessage
    const view: ConversationView = {
      ...row,
      title: row.type === 'single' ? user?.nickname || row.peerId : group?.name || row.groupId,
      avatar: user?.avatar ?? group?.avatar ?? '',
      updatedAt: Math.max(row.updatedAt, last?.sentAt ?? 0),
      ...(last ? { lastMessage: last } : {}),
    }
    const old = this.#byId.get(row.id)
    return old && sameFields(old, view) ? old : view
  }
}

/** Pinned first, then latest first; ties as the server breaks them (nexo-wire section 15). */
function later(a: ConversationView, b: ConversationView): number {
  return Number(b.pinned) - Number(a.pinned) || b.updatedAt - a.updatedAt || compareIds(b.id, a.id)
}

function sameItems<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i])
}

function sameMessages(a: MessagesView, b: MessagesView): boolean {
  return a.hasOlder === b.hasOlder && a.loading === b.loading && sameItems(a.messages, b.messages)
}

function sameFields(a: ConversationView, b: ConversationView): boolean {
  const keys = Object.keys(b) as (keyof ConversationView)[]
  return keys.length === Object.keys(a).length && keys.every((key) => sameField(a[key], b[key]))
}

/** The list brings a new object for the same last message. */
function sameField(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  const [x, y] = [a as ChatMessage, b as ChatMessage]
  return (
    x.clientMsgId === y.clientMsgId && x.seq === y.seq && x.status === y.status && x.senderId === y.senderId
  )
}
