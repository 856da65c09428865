import { parseConversationId, receiveOption } from '@nexo-im/protocol'
import type { Presence } from './people/presence.ts'
import type { Clock, Store } from './ports.ts'
import type { Session } from './session.ts'
import type { Row } from './tables.ts'

/** Somebody whose window is open, with what pushes and receipts need to know of it. */
export interface Listener {
  option: number
  /** Messages below it are not for this user, nor are their changes. */
  minSeq: number
  readSeq: number
  deliveredSeq: number
}

/** Who hears a conversation. */
export interface Audience {
  readonly users: Map<string, Listener>
  /** The highest `minSeq` any of them ever had: a message from there on is for all of them, and nobody is asked. */
  newestMin: number
  /** The users' sessions, good for one epoch of presence. */
  sessions: readonly Session[]
  /** Those of users who want no messages of others: apart, so that a push to the rest asks nobody. */
  quiet: readonly Session[]
  loud: readonly Session[]
  epoch: number
}

/** The audiences of conversations that are spoken in, kept in memory. */
export interface Audiences {
  /** Loads what is not known yet; `get` finds it afterwards. */
  prepare(conversations: readonly string[]): Promise<void>
  get(conversation: string): Audience | undefined
  /** Somebody's window opened, or its settings changed. */
  setMember(conversation: string, userId: string, listener: Listener): void
  /** Somebody read or received up to here. */
  raise(conversation: string, userId: string, to: { readSeq?: number; deliveredSeq?: number }): void
  dropMember(conversation: string, userId: string): void
  /** Forgets everything: it may be wrong. */
  clear(): void
  /** Those who listen, if they are loaded and at most `limit`; nobody otherwise. */
  usersOf(conversation: string, limit: number): readonly string[]
}

/** Users kept in cached audiences; past it all are forgotten, which costs one read each. */
const audienceLimit = 500_000
const pageSize = 2000

export function createAudiences(store: Store, clock: Clock): Audiences {
  const audiences = new Map<string, Audience>()
  // Changes that commit while an audience is being read would be lost under what was read: they follow it.
  const loading = new Map<string, { done: Promise<void>; changes: (() => void)[] }>()
  let cachedUsers = 0

  async function load(conversation: string): Promise<void> {
    const users = await usersOf(store, clock, conversation)
    cachedUsers += users.size
    let newestMin = 0
    for (const { minSeq } of users.values()) newestMin = Math.max(newestMin, minSeq)
    audiences.set(conversation, { users, newestMin, sessions: [], quiet: [], loud: [], epoch: -1 })
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

  function setMember(conversation: string, userId: string, listener: Listener): void {
    loading.get(conversation)?.changes.push(() => setMember(conversation, userId, listener))
    const audience = audiences.get(conversation)
    if (!audience) return
    if (!audience.users.has(userId)) cachedUsers += 1
    audience.users.set(userId, listener)
    audience.newestMin = Math.max(audience.newestMin, listener.minSeq)
    audience.epoch = -1
  }

  function raise(
    conversation: string,
    userId: string,
    to: { readSeq?: number; deliveredSeq?: number },
  ): void {
    loading.get(conversation)?.changes.push(() => raise(conversation, userId, to))
    const listener = audiences.get(conversation)?.users.get(userId)
    if (!listener) return
    listener.readSeq = Math.max(listener.readSeq, to.readSeq ?? 0)
    listener.deliveredSeq = Math.max(listener.deliveredSeq, to.deliveredSeq ?? 0)
  }

  function clear(): void {
    audiences.clear()
    cachedUsers = 0
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
      if (cachedUsers > audienceLimit) clear()
      const missing = [...new Set(conversations)].filter((c) => !audiences.has(c))
      if (missing.length > 0) await Promise.all(missing.map(loadOnce))
    },
    get: (conversation) => audiences.get(conversation),
    setMember,
    raise,
    dropMember,
    clear,
    usersOf: (conversation, limit) => {
      const users = audiences.get(conversation)?.users
      return users === undefined || users.size > limit ? [] : [...users.keys()]
    },
  }
}

export function listenerOf(view: Row<'view'>): Listener {
  return {
    option: view.recv_msg_opt,
    minSeq: view.min_seq,
    readSeq: view.read_seq,
    deliveredSeq: view.delivered_seq,
  }
}

/** Everybody whose window is open; a single chat is open to its two ids even before it has windows. */
async function usersOf(store: Store, clock: Clock, conversation: string): Promise<Map<string, Listener>> {
  const users = new Map<string, Listener>()
  const ref = parseConversationId(conversation)
  if (ref?.type === 'single') {
    for (const user of ref.users)
      users.set(user, { option: receiveOption.normal, minSeq: 1, readSeq: 0, deliveredSeq: 0 })
  }
  // In pages: one row of a group of a hundred thousand must not hold everything else up.
  let after: readonly [string] | undefined
  for (;;) {
    const page = { limit: pageSize, ...(after && { after }) }
    const views = await store.list('view', 'by_conversation', [conversation], page)
    for (const view of views) if (view.max_seq === null) users.set(view.user_id, listenerOf(view))
    const last = views.at(-1)
    if (views.length < pageSize || !last) return users
    after = [last.user_id]
    await new Promise<void>((resolve) => clock.soon(resolve))
  }
}

/** Brings an audience's sessions to the present epoch: who is connected, and who of them wants messages of others. */
export function refresh(audience: Audience, presence: Presence): void {
  if (audience.epoch === presence.epoch) return
  const found: Session[] = []
  // Walk the shorter side: a huge group with few people online must not cost its size per message.
  if (audience.users.size <= presence.size) {
    for (const user of audience.users.keys()) found.push(...presence.of(user))
  } else {
    for (const session of presence.all()) if (audience.users.has(session.userId)) found.push(session)
  }
  const isQuiet = (session: Session): boolean =>
    audience.users.get(session.userId)?.option === receiveOption.none
  audience.quiet = found.filter(isQuiet)
  audience.loud = audience.quiet.length === 0 ? found : found.filter((session) => !isQuiet(session))
  audience.sessions = found
  audience.epoch = presence.epoch
}
