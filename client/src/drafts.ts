import type { Call } from './call.ts'
import type { Clock } from './clock.ts'
import { mayPass } from './passing.ts'
import type { Rows } from './rows.ts'

export interface DraftsParts {
  readonly call: Call
  readonly clock: Clock
  readonly rows: Rows
}

/** ms without a further key after which a draft leaves. */
const pause = 1000

/** Unsent words: shown at once, told to the own other devices when the writing pauses. */
export class Drafts {
  readonly #parts: DraftsParts
  readonly #untold = new Map<string, string>()
  readonly #timers = new Map<string, () => void>()

  constructor(parts: DraftsParts) {
    this.#parts = parts
  }

  set(id: string, text: string): void {
    const { rows, clock } = this.#parts
    if (!this.#untold.has(id) && (rows.get(id)?.draft ?? '') === text) return
    rows.draft(id, text)
    this.#untold.set(id, text)
    this.#timers.get(id)?.()
    this.#timers.set(
      id,
      clock.after(pause, () => void this.#tell(id)),
    )
  }

  /** Tells what has not been told yet. */
  async flush(): Promise<void> {
    await Promise.all([...this.#untold.keys()].map((id) => this.#tell(id)))
  }

  close(): void {
    for (const disarm of this.#timers.values()) disarm()
    this.#timers.clear()
  }

  async #tell(id: string): Promise<void> {
    this.#timers.get(id)?.()
    this.#timers.delete(id)
    const text = this.#untold.get(id)
    if (text === undefined) return
    try {
      await this.#parts.call('conversation.draft', { conversation_id: id, ...(text !== '' && { text }) })
    } catch (thrown) {
      // Kept for the next link, unless the server will never take it, as in a chat that does not exist yet.
      if (mayPass(thrown)) return
    }
    if (this.#untold.get(id) === text) this.#untold.delete(id)
    this.#parts.rows.draftTold(id, text)
  }
}
