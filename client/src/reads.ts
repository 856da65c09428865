import { asImError } from '@nexo-im/protocol'
import type { Rows } from './rows.ts'
import type { Call } from './sync.ts'

/** Own read positions: shown at once, told to the server now or on the next link. */
export class Reads {
  readonly #call: Call
  readonly #rows: Rows
  readonly #untold = new Map<string, number>()

  constructor(call: Call, rows: Rows) {
    this.#call = call
    this.#rows = rows
  }

  /** Rejects only when the server refuses for good. */
  async mark(id: string, seq: number): Promise<void> {
    const row = this.#rows.get(id)
    if (seq <= 0 || (row && seq <= row.readSeq)) return
    this.#rows.read(id, seq)
    this.#untold.set(id, seq)
    await this.#tell(id, seq)
  }

  online(): void {
    for (const [id, seq] of this.#untold) this.#tell(id, seq).catch(() => undefined)
  }

  async #tell(id: string, seq: number): Promise<void> {
    try {
      await this.#call('conversation.mark_read', { conversation_id: id, read_seq: seq })
    } catch (thrown) {
      if (asImError(thrown).row.retry) return
      this.#forget(id, seq)
      throw thrown
    }
    this.#forget(id, seq)
  }

  #forget(id: string, seq: number): void {
    if (this.#untold.get(id) === seq) this.#untold.delete(id)
  }
}
