import { asImError, ImError, type Message, type SendAck } from '@nexo-im/protocol'
import type { ChatMessage, Outgoing } from './api.ts'
import { backoff } from './backoff.ts'
import { newClientMsgId } from './client-msg-id.ts'
import type { Clock } from './clock.ts'
import { isDeadToken } from './dead-token.ts'
import type { OutboxEntry, OutboxStore } from './store/outbox-store.ts'

export interface OutboxParts {
  readonly me: string
  readonly store: OutboxStore
  readonly clock: Clock
  readonly random: () => number
  readonly online: () => boolean
  readonly send: (entry: OutboxEntry) => Promise<SendAck>
  /** Whether this one takes another way than the pipelined ones, and so must travel alone to keep the order. */
  readonly solo: (entry: OutboxEntry) => boolean
  readonly changed: (conversationId: string) => void
  /** The server stored it; called when the entry has left. */
  readonly acked: (message: ChatMessage) => void
}

export type Destination = Pick<OutboxEntry, 'conversationId' | 'recvId' | 'groupId'>

interface Pending {
  entry: OutboxEntry
  view: ChatMessage
  /** Whether the store has it; nothing is sent before. */
  stored: boolean
  flying: boolean
  readonly acked: PromiseWithResolvers<ChatMessage>
}

/** The outgoing messages of one conversation, in the order of sending. */
interface Lane {
  readonly pending: Pending[]
  flying: number
  /** Whether what is flying must fly alone. */
  alone: boolean
  failures: number
  /** Set during the pause after a refusal that may pass; takes the pause back. */
  unpause?: () => void
}

/** Messages of one conversation under way at once: enough to hide the round trip, few enough to refuse cheaply. */
const pipelined = 16

/**
 * Messages the server has not acknowledged. Law: an id is stored before its first sending and kept until an answer,
 * so any doubt is settled by sending it again (nexo-wire section 9); one conversation's messages leave in order.
 */
export class Outbox {
  readonly #parts: OutboxParts
  readonly #lanes = new Map<string, Lane>()
  readonly #byId = new Map<string, Pending>()
  readonly #idle = new Set<() => void>()
  #loaded = false
  #closed = false
  #lastOrder = 0

  constructor(parts: OutboxParts) {
    this.#parts = parts
  }

  /** Takes up what an earlier run left; call once. */
  async load(): Promise<void> {
    const kept = await this.#parts.store.load().catch(() => [])
    if (this.#closed) return
    const older = kept.filter((entry) => !this.#byId.has(entry.clientMsgId))
    const fresh = [...this.#byId.values()]
    for (const entry of older) this.#add(entry, true)
    // What was written while loading belongs behind what was there before.
    for (const pending of fresh) {
      const lane = this.#lane(pending.entry.conversationId)
      lane.pending.splice(lane.pending.indexOf(pending), 1)
      lane.pending.push(pending)
    }
    this.#lastOrder = Math.max(this.#lastOrder, ...kept.map((entry) => entry.order))
    this.#loaded = true
    for (const id of this.#lanes.keys()) this.#parts.changed(id)
    this.online()
  }

  /** Puts a message into the store, then on its way. */
  add(to: Destination, message: Outgoing): { clientMsgId: string; acked: Promise<ChatMessage> } {
    const createdAt = this.#parts.clock.now()
    this.#lastOrder = Math.max(this.#lastOrder + 1, createdAt)
    const pending = this.#add({
      ...to,
      clientMsgId: newClientMsgId(),
      type: message.type,
      // The caller's object may change later; what is kept, sent and resent must not.
      content: structuredClone(message.content),
      ...(message.mentions?.length ? { mentions: [...message.mentions] } : {}),
      createdAt,
      order: this.#lastOrder,
      status: 'sending',
    })
    void this.#keep(pending)
    this.#parts.changed(to.conversationId)
    return { clientMsgId: pending.entry.clientMsgId, acked: pending.acked.promise }
  }

  retry(clientMsgId: string): void {
    const pending = this.#byId.get(clientMsgId)
    if (pending?.entry.status !== 'failed') return
    const { error: _, ...entry } = pending.entry
    this.#set(pending, { ...entry, status: 'sending' })
    void this.#keep(pending)
  }

  discard(clientMsgId: string): void {
    const pending = this.#byId.get(clientMsgId)
    if (pending?.entry.status === 'failed') this.#leave(pending)
  }

  /** A stored own message; true when it was still on its way from here, which thereby ends. */
  confirm(stored: Message, view: ChatMessage): boolean {
    const pending = this.#byId.get(stored.client_msg_id)
    if (pending === undefined) return false
    this.#leave(pending)
    pending.acked.resolve(view)
    return true
  }

  /** What is under way or failed, as a screen shows it. */
  views(conversationId: string): readonly ChatMessage[] {
    return (this.#lanes.get(conversationId)?.pending ?? []).map((p) => p.view)
  }

  /** Conversations with anything in the outbox. */
  conversations(): string[] {
    return [...this.#lanes].filter(([, lane]) => lane.pending.length > 0).map(([id]) => id)
  }

  get size(): number {
    return this.#byId.size
  }

  /** A link is open: sends whatever waits. */
  online(): void {
    for (const lane of this.#lanes.values()) {
      // The pause was for the server's sake on the old link.
      lane.unpause?.()
      delete lane.unpause
      this.#pump(lane)
    }
  }

  /** Resolves when nothing is left to be sent, or after `timeoutMs`; failed ones are not waited for. */
  drained(timeoutMs: number): Promise<void> {
    if (!this.#busy()) return Promise.resolve()
    return new Promise((resolve) => {
      const done = (): void => {
        this.#idle.delete(done)
        disarm()
        resolve()
      }
      const disarm = this.#parts.clock.after(timeoutMs, done)
      this.#idle.add(done)
    })
  }

  close(): void {
    this.#closed = true
    for (const lane of this.#lanes.values()) lane.unpause?.()
    for (const done of [...this.#idle]) done()
    for (const pending of this.#byId.values()) {
      pending.acked.reject(
        new ImError('connection_closed', { detail: 'the session was closed; it stays in the outbox' }),
      )
    }
    this.#parts.store.close()
  }

  #add(entry: OutboxEntry, stored = false): Pending {
    const acked = Promise.withResolvers<ChatMessage>()
    // Nobody need wait for it: the model shows the outcome too.
    acked.promise.catch(() => undefined)
    const pending: Pending = { entry, view: viewOf(entry, this.#parts.me), stored, flying: false, acked }
    this.#byId.set(entry.clientMsgId, pending)
    this.#lane(entry.conversationId).pending.push(pending)
    return pending
  }

  #lane(conversationId: string): Lane {
    const lane = this.#lanes.get(conversationId) ?? { pending: [], flying: 0, alone: false, failures: 0 }
    this.#lanes.set(conversationId, lane)
    return lane
  }

  async #keep(pending: Pending): Promise<void> {
    // A medium that refuses (full, private window) costs durability, not the message.
    await this.#parts.store.put(pending.entry).catch(() => undefined)
    pending.stored = true
    this.#pump(this.#lane(pending.entry.conversationId))
  }

  #pump(lane: Lane): void {
    if (!this.#loaded || this.#closed || lane.unpause !== undefined || !this.#parts.online()) return
    // After a refusal one at a time: the next one must not overtake the refused one.
    const window = lane.failures > 0 ? 1 : pipelined
    for (const pending of lane.pending) {
      if (pending.flying || pending.entry.status === 'failed') continue
      if (!pending.stored || lane.alone || lane.flying >= window) return
      const solo = this.#parts.solo(pending.entry)
      if (solo && lane.flying > 0) return
      lane.alone = solo
      void this.#send(lane, pending)
    }
  }

  async #send(lane: Lane, pending: Pending): Promise<void> {
    pending.flying = true
    lane.flying += 1
    try {
      const ack = await this.#parts.send(pending.entry)
      lane.failures = 0
      if (this.#byId.get(pending.entry.clientMsgId) !== pending) return
      const message: ChatMessage = { ...pending.view, seq: ack.seq, sentAt: ack.send_at, status: 'sent' }
      this.#leave(pending)
      pending.acked.resolve(message)
      this.#parts.acked(message)
    } catch (thrown) {
      this.#refused(lane, pending, asImError(thrown))
    } finally {
      pending.flying = false
      lane.flying -= 1
      lane.alone = false
      this.#pump(lane)
    }
  }

  #refused(lane: Lane, pending: Pending, error: ImError): void {
    if (this.#closed || this.#byId.get(pending.entry.clientMsgId) !== pending) return
    // A session that ended refuses the caller, not the message: the next session of this user sends it.
    if (error.row.retry || isDeadToken(error)) {
      // Without a link there is nothing to wait for but the link.
      if (lane.unpause !== undefined || !this.#parts.online()) return
      lane.failures += 1
      const wait = (error.retryAfter ?? 1) * 1000 + backoff(lane.failures, this.#parts.random)
      const disarm = this.#parts.clock.after(wait, () => {
        delete lane.unpause
        this.#pump(lane)
      })
      lane.unpause = disarm
      return
    }
    this.#set(pending, { ...pending.entry, status: 'failed', error: error.kind })
    void this.#parts.store.put(pending.entry).catch(() => undefined)
    pending.acked.reject(error)
    this.#quiet()
  }

  #set(pending: Pending, entry: OutboxEntry): void {
    pending.entry = entry
    pending.view = viewOf(entry, this.#parts.me)
    this.#parts.changed(entry.conversationId)
  }

  #leave(pending: Pending): void {
    const { clientMsgId, conversationId } = pending.entry
    this.#byId.delete(clientMsgId)
    const lane = this.#lane(conversationId)
    const at = lane.pending.indexOf(pending)
    if (at >= 0) lane.pending.splice(at, 1)
    void this.#parts.store.remove(clientMsgId).catch(() => undefined)
    this.#parts.changed(conversationId)
    this.#quiet()
  }

  #quiet(): void {
    if (this.#busy()) return
    for (const done of [...this.#idle]) done()
  }

  #busy(): boolean {
    for (const { entry } of this.#byId.values()) if (entry.status === 'sending') return true
    return false
  }
}

function viewOf(entry: OutboxEntry, me: string): ChatMessage {
  return {
    clientMsgId: entry.clientMsgId,
    conversationId: entry.conversationId,
    seq: 0,
    senderId: me,
    type: entry.type,
    content: entry.content,
    sentAt: entry.createdAt,
    status: entry.status,
    ...(entry.mentions ? { mentions: entry.mentions } : {}),
    ...(entry.error ? { error: new ImError(entry.error) } : {}),
  }
}
