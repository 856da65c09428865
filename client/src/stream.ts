import { asImError, type Change, type Conversation, type FrameOutput } from '@nexo-im/protocol'
import { backoff } from './backoff.ts'
import type { Call } from './call.ts'
import type { Changes } from './changes.ts'
import type { Clock } from './clock.ts'
import type { Rows } from './rows.ts'
import type { Sync } from './sync.ts'

export interface StreamParts {
  readonly call: Call
  readonly clock: Clock
  readonly random: () => number
  readonly rows: Rows
  readonly sync: Sync
  readonly changes: Changes
  /** The list was loaded: what was loaded before it may be stale, and no change will say so. */
  readonly loaded: (listed: readonly Conversation[]) => void
}

/** Pushes after which the position is moved on, so that catching up later stays short. */
const tooMany = 500

/**
 * Keeps the account's state in step with the server: the whole list once, then every later change since a position.
 * The position moves with the answers of `sync.changes` only, never with pushes: those may overtake each other, so the
 * highest one does not say that all before it have arrived.
 */
export class Stream {
  readonly #parts: StreamParts
  #position: string | undefined
  #listed = false
  /** Counts the links; 0 while there is none. What was asked for on an older one is void. */
  #round = 0
  #links = 0
  #running = false
  #again = false
  #pushes = 0
  /** Changes pushed while the list is on its way: it may be older than they are. */
  #early: Change[] = []
  #disarm: (() => void) | undefined

  constructor(parts: StreamParts) {
    this.#parts = parts
  }

  /** A link is open: loads the list, or what changed while there was none. */
  online(): void {
    this.#round = ++this.#links
    this.#running = false
    this.#early = []
    this.#parts.sync.hold()
    void this.#run(this.#round, 1)
  }

  offline(): void {
    this.#round = 0
    this.#disarm?.()
    this.#parts.sync.offline()
  }

  /** Changes that were pushed. */
  pushed(changes: readonly Change[]): void {
    if (this.#round > 0 && !this.#listed) this.#early.push(...changes)
    this.#parts.changes.apply(changes)
    this.counted(changes.length)
  }

  /** Messages that were pushed. */
  counted(pushes: number): void {
    this.#pushes += pushes
    if (this.#pushes >= tooMany) this.pull()
  }

  /** Asks for what changed: pushes may have been left out, or the change was made from here. False without a position. */
  pull(): boolean {
    if (this.#position === undefined) return false
    if (this.#running) this.#again = true
    else if (this.#round > 0) void this.#run(this.#round, 1)
    return true
  }

  async #run(round: number, attempt: number): Promise<void> {
    this.#running = true
    this.#again = false
    this.#pushes = 0
    try {
      if (this.#listed && this.#position !== undefined) await this.#catchUp(round, this.#position)
      else await this.#load(round)
    } catch (thrown) {
      if (round !== this.#round) return
      if (this.#listed && asImError(thrown).kind === 'invalid_parameter') return this.#startOver(round)
      this.#disarm = this.#parts.clock.after(backoff(attempt, this.#parts.random), () => {
        void this.#run(round, attempt + 1)
      })
      return
    }
    if (round !== this.#round) return
    this.#running = false
    if (this.#again) this.pull()
  }

  #startOver(round: number): void {
    this.#listed = false
    this.#position = undefined
    this.#early = []
    this.#parts.changes.forget()
    this.#parts.sync.hold()
    void this.#run(round, 1)
  }

  async #catchUp(round: number, from: string): Promise<void> {
    let position = from
    for (let more = true; more; ) {
      const page: FrameOutput<'sync.changes'> = await this.#parts.call('sync.changes', { position })
      if (round !== this.#round) return
      this.#parts.changes.apply(page.changes)
      position = page.position
      this.#position = position
      more = page.has_more
    }
    this.#parts.sync.release()
  }

  async #load(round: number): Promise<void> {
    const { call, rows, sync, changes } = this.#parts
    // Requests of one link take effect in order: the position is from before the list.
    const [{ position }, listed] = await Promise.all([
      call('sync.changes', {}),
      call('conversation.all', { with_last_message: true }),
    ])
    const heads = new Map(listed.map((c) => [c.conversation_id, c.max_seq]))
    // Conversations without a message are opened, but not listed.
    const unlisted = sync.openedWithout(heads)
    if (unlisted.length > 0) {
      const { seqs } = await call('message.newest_seqs', { conversation_ids: unlisted.slice(0, 1000) })
      for (const [id, seq] of Object.entries(seqs)) heads.set(id, seq)
    }
    if (round !== this.#round) return
    rows.retain(new Set(heads.keys()))
    for (const row of listed) rows.put(row)
    this.#position = position
    this.#listed = true
    sync.settle(heads)
    changes.apply(this.#early.splice(0))
    this.#parts.loaded(listed)
  }
}
