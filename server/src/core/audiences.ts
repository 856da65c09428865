import { parseConversationId, receiveOption } from '@nexo-im/protocol'
import type { Store } from './ports.ts'
import type { Presence } from './presence.ts'
import type { Session } from './session.ts'

/** Who hears a conversation: its users, each with the receive option. */
export interface Audience {
  readonly users: Map<string, number>
  /** The users' sessions, good for one epoch of presence. */
  sessions: readonly Session[]
  epoch: number
}

/** The audiences of conversations that are spoken in, kept in memory. */
export interface Audiences {
  /** Loads what is not known yet; `get` finds it afterwards. */
  prepare(conversations: readonly string[]): Promise<void>
  get(conversation: string): Audience | undefined
  /** Somebody's window opened, or the receive option changed. */
  setMember(conversation: string, userId: string, option: number): void
  dropMember(conversation: string, userId: string): void
}

/** Users kept in cached audiences; past it all are forgotten, which costs one read each. */
const audienceLimit = 500_000

export function createAudiences(store: Store): Audiences {
  const audiences = new Map<string, Audience>()
  // Changes that commit while an audience is being read would be lost under what was read: they follow it.
  const loading = new Map<string, { done: Promise<void>; changes: (() => void)[] }>()
  let cachedUsers = 0

  async function load(conversation: string): Promise<void> {
    const users = await usersOf(store, conversation)
    cachedUsers += users.size
    audiences.set(conversation, { users, sessions: [], epoch: -1 })
  }

  function loadOnce(conversation: string): Promise<void> {
    const running = loading.get(conversation)
    if (running) return running.done
    const changes: (() => void)[] = []
    const done = load(conversation).finally(() => {
      loading.delete(conversation)
      for (const change of changes) change()
    })
    loading.set(conversation, { done, changes })
    return done
  }

  function setMember(conversation: string, userId: string, option: number): void {
    loading.get(conversation)?.changes.push(() => setMember(conversation, userId, option))
    const audience = audiences.get(conversation)
    if (!audience) return
    if (!audience.users.has(userId)) cachedUsers += 1
    audience.users.set(userId, option)
    audience.epoch = -1
  }

  function dropMember(conversation: string, userId: string): void {
    loading.get(conversation)?.changes.push(() => dropMember(conversation, userId))
    const audience = audiences.get(conversation)
    if (!audience?.users.delete(userId)) return
    cachedUsers -= 1
    audience.epoch = -1
  }

  return {
    prepare: async (conversations) => {
      if (cachedUsers > audienceLimit) {
        audiences.clear()
        cachedUsers = 0
      }
      const missing = [...new Set(conversations)].filter((c) => !audiences.has(c))
      if (missing.length > 0) await Promise.all(missing.map(loadOnce))
    },
    get: (conversation) => audiences.get(conversation),
    setMember,
    dropMember,
  }
}

/** Everybody whose window is open; a single chat is open to its two ids even before it has windows. */
async function usersOf(store: Store, conversation: string): Promise<Map<string, number>> {
  const users = new Map<string, number>()
  const ref = parseConversationId(conversation)
  if (ref?.type === 'single') for (const user of ref.users) users.set(user, receiveOption.normal)
  for (const view of await store.list('view', 'by_conversation', [conversation])) {
    if (view.max_seq === null) users.set(view.user_id, view.recv_msg_opt)
  }
  return users
}

/** The sessions that hear an audience now. */
export function listeners(audience: Audience, presence: Presence): readonly Session[] {
  if (audience.epoch === presence.epoch) return audience.sessions
  const found: Session[] = []
  // Walk the shorter side: a huge group with few people online must not cost its size per message.
  if (audience.users.size <= presence.size) {
    for (const user of audience.users.keys()) found.push(...presence.of(user))
  } else {
    for (const session of presence.all()) if (audience.users.has(session.userId)) found.push(session)
  }
  audience.sessions = found
  audience.epoch = presence.epoch
  return found
}
