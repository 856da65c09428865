import type { EventData } from '@nexo-im/protocol'
import type { Call } from './call.ts'
import type { Clock } from './clock.ts'

export interface TypingParts {
  readonly call: Call
  readonly clock: Clock
  readonly online: () => boolean
  readonly touched: () => void
}

/** ms after which somebody who is not heard of any more does not write any more. */
const fades = 6000
/** ms between two words that the own user writes. */
const pause = 3000

const nobody: readonly string[] = []

/** Who writes at this moment, and telling that the own user does. Kept nowhere, and lost without harm. */
export class Typing {
  readonly #parts: TypingParts
  readonly #writers = new Map<string, Map<string, () => void>>()
  readonly #lists = new Map<string, readonly string[]>()
  readonly #told = new Map<string, { readonly on: boolean; readonly at: number }>()

  constructor(parts: TypingParts) {
    this.#parts = parts
  }

  /** The same list until somebody begins or ends. */
  of(id: string): readonly string[] {
    return this.#lists.get(id) ?? nobody
  }

  heard({ conversation_id: id, user_id: user, typing }: EventData<'typing'>): void {
    if (!typing) return this.ended(id, user)
    const writers = this.#writers.get(id) ?? new Map<string, () => void>()
    this.#writers.set(id, writers)
    writers.get(user)?.()
    writers.set(
      user,
      this.#parts.clock.after(fades, () => this.ended(id, user)),
    )
    this.#list(id, writers)
  }

  /** A message of theirs came, or they stopped. */
  ended(id: string, user: string): void {
    const writers = this.#writers.get(id)
    const disarm = writers?.get(user)
    if (writers === undefined || disarm === undefined) return
    disarm()
    writers.delete(user)
    this.#list(id, writers)
  }

  tell(id: string, on: boolean): void {
    const { call, clock, online } = this.#parts
    const last = this.#told.get(id)
    if (on ? last?.on && clock.now() - last.at < pause : !last?.on) return
    if (!online()) return
    this.#told.set(id, { on, at: clock.now() })
    // Refused or lost, nobody misses it.
    call('message.typing', { conversation_id: id, typing: on }).catch(() => undefined)
  }

  /** The own message says that its writing has ended. */
  sent(id: string): void {
    this.#told.delete(id)
  }

  /** Without a link nobody is heard to stop. */
  offline(): void {
    this.#told.clear()
    for (const [id, writers] of this.#writers) for (const user of [...writers.keys()]) this.ended(id, user)
  }

  #list(id: string, writers: ReadonlyMap<string, unknown>): void {
    const list = [...writers.keys()]
    if (list.join('\n') === this.of(id).join('\n')) return
    this.#lists.set(id, list)
    this.#parts.touched()
  }
}
