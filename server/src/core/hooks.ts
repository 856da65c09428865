import {
  contentType,
  type EventData,
  type EventName,
  ImError,
  type Input,
  type OperationName,
} from '@nexo-im/protocol'
import type { Caller } from './caller.ts'
import type { Clock, Entry, Log } from './ports.ts'

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

/** Who asks, as far as a hook needs to know. */
export interface HookCaller {
  readonly userId: string
  readonly platformId: number
}

/**
 * Stands in the path of an operation, after policy and before anything is written: returns nothing to let it pass,
 * another input to change it – which is judged like any input –, or throws: an ImError as it is, anything else, or
 * silence beyond the time limit, as `refused_by_hook`.
 */
export type BeforeHook<N extends OperationName> = (
  input: Input<N>,
  caller: HookCaller,
) => Input<N> | undefined | Promise<Input<N> | undefined>

/** Told after an operation was written, in the order written. */
export type OnHook<N extends OperationName> = (input: Input<N>, caller: HookCaller) => void | Promise<void>

export interface Hooks {
  /** Told of every stored message of this type, in order; returns the way out. */
  onMessage(type: string, handler: MessageHandler): () => void
  onEvent<N extends EventName>(name: N, handler: EventHandler<N>): () => void
  onBefore<N extends OperationName>(name: N, hook: BeforeHook<N>): () => void
  onDone<N extends OperationName>(name: N, hook: OnHook<N>): () => void
  stored(entry: Entry, message: (entry: Entry) => HandlerMessage): void
  emit<N extends EventName>(name: N, data: HookData<N>): void
  hasBefore(name: OperationName): boolean
  before<N extends OperationName>(name: N, caller: Caller, input: Input<N>): Promise<Input<N>>
  done<N extends OperationName>(name: N, caller: Caller, input: Input<N>): void
}

type Handler = (data: unknown, caller?: HookCaller) => unknown

/** A handler that has not come back by then is left to itself: it must not hold up those behind it for ever. */
const timeLimit = 10_000

/** Handlers run one after the other and after the commit; one that throws or hangs is logged and harms nobody. */
export function createHooks(log: Log, clock: Clock): Hooks {
  const handlers = new Map<string, Handler[]>()
  const tails = new Map<string, Promise<void>>()

  function add(key: string, handler: Handler): () => void {
    handlers.set(key, [...(handlers.get(key) ?? []), handler])
    return () => {
      const at = handlers.get(key)?.indexOf(handler) ?? -1
      if (at >= 0) handlers.set(key, handlers.get(key)?.toSpliced(at, 1) ?? [])
    }
  }

  function limited(work: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const disarm = clock.after(timeLimit, () => reject(new Error(`no answer within ${timeLimit} ms`)))
      Promise.resolve(work).then(resolve, reject).finally(disarm)
    })
  }

  async function run(key: string, data: unknown, caller?: HookCaller): Promise<void> {
    for (const handler of handlers.get(key) ?? []) {
      try {
        await limited(handler(data, caller))
      } catch (error) {
        log.error({ err: error, handler: key }, 'a handler failed')
      }
    }
  }

  function tell(key: string, data: unknown, caller?: HookCaller): void {
    if (!handlers.get(key)?.length) return
    const tail = (tails.get(key) ?? Promise.resolve()).then(() => run(key, data, caller))
    tails.set(key, tail)
    void tail.then(() => {
      if (tails.get(key) === tail) tails.delete(key)
    })
  }

  async function before(key: string, caller: HookCaller, given: unknown): Promise<unknown> {
    let input = given
    for (const hook of handlers.get(key) ?? []) {
      try {
        input = (await limited(hook(input, caller))) ?? input
      } catch (cause) {
        if (cause instanceof ImError) throw cause
        log.error({ err: cause, handler: key }, 'a before-hook failed: refused')
        throw new ImError('refused_by_hook', { cause })
      }
    }
    return input
  }

  return {
    onMessage: (type, handler) => add(`message:${type}`, handler as Handler),
    onEvent: (name, handler) => add(`event:${name}`, handler as Handler),
    onBefore: (name, hook) => add(`before:${name}`, hook as Handler),
    onDone: (name, hook) => add(`done:${name}`, hook as Handler),
    stored: (entry, message) => {
      const type = `message:${contentType(entry.msg_type)?.name ?? 'custom'}`
      if (!handlers.get(type)?.length && !handlers.get('event:message_received')?.length) return
      const shown = message(entry)
      tell(type, shown)
      tell('event:message_received', shown)
    },
    emit: (name, data) => tell(`event:${name}`, data),
    hasBefore: (name) => (handlers.get(`before:${name}`)?.length ?? 0) > 0,
    before: (name, caller, input) => before(`before:${name}`, plain(caller), input) as Promise<typeof input>,
    done: (name, caller, input) => tell(`done:${name}`, input, plain(caller)),
  }
}

const plain = ({ userId, platformId }: Caller): HookCaller => ({ userId, platformId })
