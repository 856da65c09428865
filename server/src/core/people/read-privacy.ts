import { type OperationName, openTo } from '@nexo-im/protocol'
import type { Relay } from '../cluster/relay.ts'
import type { Hooks } from '../hooks.ts'
import type { Clock, Store } from '../ports.ts'

/** What keeps others from seeing what somebody reads; `open` for almost everybody. */
interface Guard {
  /** One of `openTo`. */
  readonly seeRead: number
  readonly blocked: ReadonlySet<string>
}

/**
 * Who lets whom see what they read, kept in memory: asking who read a message in a group of a hundred thousand must not
 * ask the store a hundred thousand times (A39). Settings and blocks that change on this node count from the next question
 * on, those that change on another as soon as it tells.
 */
export interface ReadPrivacy {
  /** Loads what is not known yet of these users; `hides` knows them afterwards. */
  prepare(userIds: Iterable<string>): Promise<void>
  /** Whether the owner keeps it from the asker; `friends` are those who hold the asker as a friend. Unknown ones do. */
  hides(ownerId: string, askerId: string, friends: ReadonlySet<string>): boolean
  /** What is remembered of a user may be wrong; without this node's doing, that is: its own changes are seen to. */
  forget(userId: string): void
  clear(): void
  /** Whether it depends on friendship: only these need to be looked for among the asker's friends. */
  asksFriendship(ownerId: string): boolean
}

const open: Guard = { seeRead: openTo.everyone, blocked: new Set() }

/** Users remembered; past it all are forgotten and read again. */
const memoryLimit = 500_000
const pageSize = 1000

/** After these the caller's own settings are read again. */
const changers: readonly OperationName[] = ['privacy.update', 'block.add', 'block.remove', 'account.delete']

export function createReadPrivacy(
  store: Store,
  clock: Clock,
  hooks: Hooks,
  relay: Pick<Relay, 'tell'>,
): ReadPrivacy {
  const known = new Map<string, Guard>()
  // What changes while it is being read may have been read too early: it is not remembered.
  const readers = new Set<Set<string>>()

  function forget(userId: string): void {
    known.delete(userId)
    for (const changed of readers) changed.add(userId)
  }

  for (const name of changers) {
    hooks.onDone(name, (_, { userId }) => {
      forget(userId)
      relay.tell({ is: 'read privacy', userId })
    })
  }

  async function load(userIds: readonly string[]): Promise<void> {
    const changed = new Set<string>()
    readers.add(changed)
    try {
      const [settings, blocks] = await Promise.all([
        store.get(
          'privacy',
          userIds.map((id) => [id]),
        ),
        Promise.all(userIds.map((id) => store.list('relation', 'by_blocked', [id, true]))),
      ])
      for (const [i, userId] of userIds.entries()) {
        if (changed.has(userId)) continue
        const seeRead = settings[i]?.see_read ?? openTo.everyone
        const blocked = blocks[i] ?? []
        const isOpen = seeRead === openTo.everyone && blocked.length === 0
        known.set(userId, isOpen ? open : { seeRead, blocked: new Set(blocked.map((r) => r.other_id)) })
      }
    } finally {
      readers.delete(changed)
    }
  }

  return {
    prepare: async (userIds) => {
      if (known.size > memoryLimit) known.clear()
      for (;;) {
        const missing: string[] = []
        for (const id of userIds) if (!known.has(id)) missing.push(id)
        if (missing.length === 0) return
        // In pages: nobody else waits while the members of a huge group are read.
        for (let at = 0; at < missing.length; at += pageSize) {
          await load(missing.slice(at, at + pageSize))
          await new Promise<void>((resolve) => clock.soon(resolve))
        }
      }
    },
    hides: (ownerId, askerId, friends) => {
      const guard = known.get(ownerId)
      if (guard === open || ownerId === askerId) return false
      if (guard === undefined || guard.blocked.has(askerId) || guard.seeRead === openTo.nobody) return true
      return guard.seeRead === openTo.friends && !friends.has(ownerId)
    },
    forget,
    clear: () => {
      for (const userId of [...known.keys()]) forget(userId)
    },
    asksFriendship: (ownerId) => known.get(ownerId)?.seeRead === openTo.friends,
  }
}
