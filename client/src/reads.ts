import { asImError } from '@nexo-im/protocol'
import type { Call } from './call.ts'
import type { Rows } from './rows.ts'

export interface ReadsParts {
  readonly call: Call
  readonly rows: Rows
  /** Asks for the row of one conversation. */
  readonly learn: (conversationId: string) => Promise<void>
}

/** Own read positions: shown at once, told to the server now or on the next link. */
export class Reads {
  readonly #parts: ReadsParts
  readonly #untold = new Map<string, number>()

  constructor(parts: ReadsParts) {
    this.#parts = parts
  }

  /** Rejects only when the server refuses for good. */
  async mark(id: string, seq: number): Promise<void> {
    const { rows } = this.#parts
    const row = rows.get(id)
    if (row ? seq <= row.readSeq && !row.markedUnread : seq <= 0) return
    rows.read(id, seq)
    this.#untold.set(id, seq)
    await this.#tell(id, seq)
  }

  online(): void {
    for (const [id, seq] of this.#untold) this.#tell(id, seq).catch(() => undefined)
  }

  async #tell(id: string, seq: number): Promise<void> {
    const { call, rows, learn } = this.#parts
    try {
      await call('conversation.mark_read', { conversation_id: id, read_seq: seq })
    } catch (thrown) {
      if (asImError(thrown).row.retry) return
      this.#forget(id, seq)
      throw thrown
    }
    this.#forget(id, seq)
    if (rows.doubtsMentions(id)) await learn(id)
  }

  #forget(id: string, seq: number): void {
    if (this.#untold.get(id) === seq) this.#untold.delete(id)
  }
}
