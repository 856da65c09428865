import type { Group, User } from '@nexo-im/protocol'
import type { Call } from './call.ts'

/** `user.batch_info` takes so many at once. */
const batch = 100

/** Names and faces, asked for once and in batches when somebody looks at them. */
export class Directory {
  readonly #call: Call
  readonly #touched: () => void
  readonly #users = new Map<string, User>()
  readonly #groups = new Map<string, Group>()
  readonly #wanted = new Set<string>()
  /** Asked for already; unknown and unreachable ones are asked for again on the next link only. */
  readonly #asked = new Set<string>()
  /** Groups that are asked for, and whether they changed meanwhile. */
  readonly #refreshing = new Map<string, boolean>()
  #scheduled = false

  constructor(call: Call, touched: () => void) {
    this.#call = call
    this.#touched = touched
  }

  user(id: string): User | undefined {
    const known = this.#users.get(id)
    if (known === undefined && id !== '' && !this.#asked.has(`u ${id}`)) {
      this.#asked.add(`u ${id}`)
      this.#wanted.add(id)
      this.#schedule()
    }
    return known
  }

  group(id: string): Group | undefined {
    const known = this.#groups.get(id)
    if (known === undefined && id !== '' && !this.#asked.has(`g ${id}`)) {
      this.#asked.add(`g ${id}`)
      void this.refreshGroup(id)
    }
    return known
  }

  putUser(user: User): void {
    this.#users.set(user.user_id, user)
    this.#touched()
  }

  putUsers(users: readonly User[]): void {
    for (const user of users) this.#users.set(user.user_id, user)
    this.#touched()
  }

  putGroup(group: Group): void {
    // An answer that is on its way may be older.
    if (this.#refreshing.has(group.id)) this.#refreshing.set(group.id, true)
    this.#groups.set(group.id, group)
    this.#touched()
  }

  /** Asks again for a group that changed, if anybody ever looked at it. */
  async refreshGroup(id: string): Promise<void> {
    if (!this.#asked.has(`g ${id}`) && !this.#groups.has(id)) return
    // Several changes in a row need one answer, if it is asked for behind the last of them.
    if (this.#refreshing.has(id)) {
      this.#refreshing.set(id, true)
      return
    }
    this.#refreshing.set(id, false)
    await this.#askGroup(id)
    const again = this.#refreshing.get(id)
    this.#refreshing.delete(id)
    if (again) await this.refreshGroup(id)
  }

  /** What was looked up may be of another time: asks for the groups again. */
  reload(): void {
    for (const id of this.#groups.keys()) void this.refreshGroup(id)
  }

  async #askGroup(id: string): Promise<void> {
    try {
      this.#groups.set(id, await this.#call('group.info', { group_id: id }))
      this.#touched()
    } catch {
      // Not to be read by this user, or no connection: the id stands for it.
    }
  }

  /** A link is open: what could not be found may be found now. */
  online(): void {
    this.#asked.clear()
    this.#touched()
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    // A list that is drawn asks for its users one by one, all in one turn.
    queueMicrotask(() => {
      this.#scheduled = false
      const ids = [...this.#wanted]
      this.#wanted.clear()
      for (let from = 0; from < ids.length; from += batch) void this.#fetch(ids.slice(from, from + batch))
    })
  }

  async #fetch(ids: string[]): Promise<void> {
    try {
      this.putUsers(await this.#call('user.batch_info', { user_ids: ids }))
    } catch {
      // The ids stand for the names until the next link.
    }
  }
}
