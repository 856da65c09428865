import type { ErrorName, Message } from '@nexo-im/protocol'

/** A message that the server has not acknowledged, as it is kept. */
export interface OutboxEntry {
  readonly clientMsgId: string
  readonly conversationId: string
  /** One of the two is `''`. */
  readonly recvId: string
  readonly groupId: string
  readonly type: number
  readonly content: Message['content']
  readonly mentions?: readonly string[]
  /** Unix ms, local clock. */
  readonly createdAt: number
  /** Place in the order of sending; rises, also over reloads. */
  readonly order: number
  readonly status: 'sending' | 'failed'
  readonly error?: ErrorName
}

/**
 * Where unsent messages survive a reload.
 * Law: a resolved `put` or `remove` is durable as far as the medium can be; calls take effect in the order made;
 * `load` answers by rising `order`.
 */
export interface OutboxStore {
  load(): Promise<OutboxEntry[]>
  /** Adds the entry, or replaces the one of the same `clientMsgId`. */
  put(entry: OutboxEntry): Promise<void>
  remove(clientMsgId: string): Promise<void>
  close(): void
}

/** One outbox per user and server; `key` names both. */
export type OpenOutbox = (key: string) => OutboxStore
