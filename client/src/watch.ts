import type { Online } from '@nexo-im/protocol'
import type { Call } from './call.ts'
import type { Clock } from './clock.ts'
import type { Rows } from './rows.ts'

export interface WatchParts {
  readonly call: Call
  readonly clock: Clock
  readonly rows: Rows
  readonly touched: () => void
}

/** `presence.subscribe` takes so many. */
const most = 1000
/** ms in which changes of the list are gathered; ms until a refused subscription is tried again. */
const gather = 50
const again = 5000

/** Who is online: the peers of listed single chats, and whoever else was asked for. */
export class Watch {
  readonly #parts: WatchParts
  readonly #online = new Map<string, Online>()
  #extra: readonly string[] = []
  #subscribed = ''
  #linked = false
  #disarm: (() => void) | undefined

  constructor(parts: WatchParts) {
    this.#parts = parts
  }

  of(userId: string): Online | undefined {
    return this.#online.get(userId)
  }

  put(online: Online): void {
    this.#online.set(online.user_id, online)
    this.#parts.touched()
  }

  /** Replaces the users watched beside the peers. */
  extra(userIds: readonly string[]): void {
    this.#extra = [...userIds]
    this.changed()
  }

  /** A subscription lives and dies with its link. */
  online(): void {
    this.#linked = true
    this.#subscribed = ''
    this.changed()
  }

  offline(): void {
    this.#linked = false
    this.#disarm?.()
    this.#disarm = undefined
  }

  /** The list of conversations may have changed. */
  changed(wait: number = gather): void {
    if (!this.#linked || this.#disarm !== undefined) return
    this.#disarm = this.#parts.clock.after(wait, () => {
      this.#disarm = undefined
      void this.#subscribe()
    })
  }

  async #subscribe(): Promise<void> {
    const wanted = this.#wanted()
    const key = JSON.stringify([...wanted].sort())
    if (key === this.#subscribed || (wanted.length === 0 && this.#subscribed === '')) return
    this.#subscribed = key
    try {
      for (const user of await this.#parts.call('presence.subscribe', { user_ids: wanted })) {
        this.#online.set(user.user_id, user)
      }
      this.#parts.touched()
    } catch {
      this.#subscribed = ''
      this.changed(again)
    }
  }

  #wanted(): string[] {
    const rows = [...this.#parts.rows.all()].filter((row) => row.peerId !== '')
    rows.sort((a, b) => b.updatedAt - a.updatedAt)
    return [...new Set([...this.#extra, ...rows.map((row) => row.peerId)])].slice(0, most)
  }
}
