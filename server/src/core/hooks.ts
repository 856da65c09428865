import type { EventData, EventName } from '@nexo-im/protocol'
import { contentType } from '@nexo-im/protocol'
import type { Entry, Log } from './ports.ts'

/** The message as the embedding program sees it: the eight fields of the seed's struct (M-21), and the ids. */
export interface HandlerMessage {
  readonly type: string
  /** The text of a text message, else the typed body as JSON. */
  readonly content: string
  readonly sender: string
  readonly receiver: string
  readonly group_id: string
  readonly sequence: number
  readonly timestamp: number
  readonly status: 'sent'
  readonly id: number
  readonly conversation_id: string
  readonly client_msg_id: string
}

export type MessageHandler = (message: HandlerMessage) => void | Promise<void>
export type EventHandler<N extends EventName> = (event: HookData<N>) => void | Promise<void>

/** What an embedded handler gets: the message itself for `message_received`, else the wire's data. */
export type HookData<N extends EventName> = N extends 'message_received' ? HandlerMessage : EventData<N>

export interface Hooks {
  /** Told of every stored message of this type, in order; returns the way out. */
  onMessage(type: string, handler: MessageHandler): () => void
  onEvent<N extends EventName>(name: N, handler: EventHandler<N>): () => void
  stored(entry: Entry, message: (entry: Entry) => HandlerMessage): void
  emit<N extends EventName>(name: N, data: HookData<N>): void
}

type Handler = (data: unknown) => void | Promise<void>

/** Handlers run one after the other and after the commit; one that throws is logged and harms nobody. */
export function createHooks(log: Log): Hooks {
  const handlers = new Map<string, Handler[]>()
  const tails = new Map<string, Promise<void>>()

  function add(key: string, handler: Handler): () => void {
    handlers.set(key, [...(handlers.get(key) ?? []), handler])
    return () => {
      const at = handlers.get(key)?.indexOf(handler) ?? -1
      if (at >= 0) handlers.set(key, handlers.get(key)?.toSpliced(at, 1) ?? [])
    }
  }

  async function run(key: string, data: unknown): Promise<void> {
    for (const handler of handlers.get(key) ?? []) {
      try {
        await handler(data)
      } catch (error) {
        log.error({ err: error, handler: key }, 'a handler failed')
      }
    }
  }

  function tell(key: string, data: unknown): void {
    if (!handlers.get(key)?.length) return
    const tail = (tails.get(key) ?? Promise.resolve()).then(() => run(key, data))
    tails.set(key, tail)
    void tail.then(() => {
      if (tails.get(key) === tail) tails.delete(key)
    })
  }

  return {
    onMessage: (type, handler) => add(`message:${type}`, handler as Handler),
    onEvent: (name, handler) => add(`event:${name}`, handler as Handler),
    stored: (entry, message) => {
      const type = `message:${contentType(entry.msg_type)?.name ?? 'custom'}`
      if (!handlers.get(type)?.length && !handlers.get('event:message_received')?.length) return
      const shown = message(entry)
      tell(type, shown)
      tell('event:message_received', shown)
    },
    emit: (name, data) => tell(`event:${name}`, data),
  }
}
