import { performance } from 'node:perf_hooks'
import type { Link } from '../wire/link.ts'
import { maskedFrame, opcodes } from '../wire/masked-frame.ts'

/** What every session of a storm holds against what the server shows it. */
export interface Record {
  /** Something that must not be, in words. */
  wrong(what: string): void
  /** The message with this seq was shown; returns false when another one was shown there before. */
  saw(conversation: string, seq: number, clientId: string): boolean
}

interface Held {
  /** All messages up to here are there. */
  upTo: number
  /** Those that came early. */
  readonly ahead: Set<number>
  /** Highest that was pushed over the present connection. */
  pushed: number
}

interface Message {
  readonly seq: number
  readonly conversation_id: string
  readonly client_msg_id: string
}

interface Frame {
  readonly req_identifier: number
  readonly code: number
  readonly data: unknown
}

interface Changes {
  readonly position: string
  readonly has_more: boolean
  readonly changes: readonly {
    readonly conversation?: { readonly conversation_id: string; readonly max_seq: number }
  }[]
}

const frames = { pull: 1005, changes: 1160, push: 2001, resync: 3001 } as const
const pageSize = 100

/**
 * One signed-in device: it holds messages, and after every connection it asks what changed since the position it knows and
 * fetches what it lacks from its own seq on, as the SDK does.
 */
export class StormSession {
  readonly #record: Record
  readonly #held = new Map<string, Held>()
  #position: string | undefined
  /** Pages that were asked for, in order. */
  #asked: string[] = []
  #link: Link | undefined
  #inSync: ((at: number) => void) | undefined

  /** @param from seq up to which it has everything in each of them */
  constructor(conversations: readonly string[], record: Record, from = 0) {
    this.#record = record
    for (const id of conversations) this.#held.set(id, { upTo: from, ahead: new Set(), pushed: 0 })
  }

  /** Resolves with `performance.now()` when nothing is lacking of what the server told of. */
  sync(link: Link): Promise<number> {
    this.#link = link
    this.#asked = []
    for (const held of this.#held.values()) held.pushed = 0
    return new Promise((resolve) => {
      this.#inSync = resolve
      this.#ask(frames.changes, this.#position === undefined ? {} : { position: this.#position })
    })
  }

  /** How far it has everything; 0 = it is not in there. */
  upTo(conversation: string): number {
    return this.#held.get(conversation)?.upTo ?? 0
  }

  take(bytes: Uint8Array, start: number, end: number): void {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString()
    const frame = JSON.parse(text) as Frame
    if (frame.req_identifier === frames.push) return this.#pushed(frame.data)
    if (frame.req_identifier === frames.resync) return this.#leftOut(frame.data)
    if (frame.code !== 0) return this.#record.wrong(`refused: ${text.slice(0, 300)}`)
    if (frame.req_identifier === frames.changes) return this.#changed(frame.data as Changes)
    if (frame.req_identifier === frames.pull) return this.#pulled(frame.data)
    if (frame.req_identifier < 2003 || frame.req_identifier > 2999)
      this.#record.wrong(`not expected: ${text.slice(0, 300)}`)
  }

  #ask(frame: number, data: object): void {
    const body = { req_identifier: frame, msg_incr: '1', operation_id: '', send_id: '', data }
    this.#link?.socket.write(maskedFrame(Buffer.from(JSON.stringify(body)), opcodes.text))
  }

  #pull(id: string, held: Held): void {
    this.#asked.push(id)
    this.#ask(frames.pull, { conversation_id: id, begin_seq: held.upTo + 1, limit: pageSize })
  }

  #changed({ position, has_more, changes }: Changes): void {
    this.#position = position
    for (const { conversation } of changes) {
      const held = conversation && this.#held.get(conversation.conversation_id)
      if (held && conversation.max_seq > held.upTo) this.#pull(conversation.conversation_id, held)
    }
    if (has_more) return this.#ask(frames.changes, { position })
    this.#settle()
  }

  #pulled(data: unknown): void {
    const { messages, max_seq: top } = data as { messages: readonly Message[]; max_seq: number }
    const id = this.#asked.shift() ?? ''
    const held = this.#held.get(id)
    if (held === undefined) return this.#record.wrong('a page nobody asked for')
    const before = held.upTo
    for (const message of messages) this.#hold(message, held)
    if (held.upTo < top) {
      if (held.upTo === before) return this.#record.wrong(`${id}: nothing behind seq ${before} of ${top}`)
      this.#pull(id, held)
    }
    this.#settle()
  }

  #pushed(data: unknown): void {
    const { msgs } = data as { msgs: { readonly [id: string]: readonly Message[] } }
    for (const message of Object.values(msgs).flat()) {
      const held = this.#held.get(message.conversation_id)
      if (held === undefined) {
        this.#record.wrong(`a push of ${message.conversation_id}`)
        continue
      }
      if (message.seq <= held.pushed)
        this.#record.wrong(
          `seq ${message.seq} pushed behind seq ${held.pushed} of ${message.conversation_id}`,
        )
      held.pushed = message.seq
      this.#hold(message, held)
    }
  }

  #leftOut(data: unknown): void {
    const { conversations } = data as { conversations: { readonly [id: string]: number } }
    for (const id of Object.keys(conversations)) {
      const held = this.#held.get(id)
      if (held !== undefined) this.#pull(id, held)
    }
  }

  #hold({ conversation_id: id, seq, client_msg_id: clientId }: Message, held: Held): void {
    if (!this.#record.saw(id, seq, clientId)) this.#record.wrong(`${id}: two messages with seq ${seq}`)
    if (seq > held.upTo) held.ahead.add(seq)
    while (held.ahead.delete(held.upTo + 1)) held.upTo += 1
  }

  #settle(): void {
    if (this.#asked.length > 0) return
    this.#inSync?.(performance.now())
    this.#inSync = undefined
  }
}
