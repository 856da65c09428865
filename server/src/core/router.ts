import { type EventData, type EventName, parseConversationId, receiveOption } from '@nexo-im/protocol'
import type { Clock, Entry, Store } from './ports.ts'
import type { Presence } from './presence.ts'
import { eventPush, messagePush, type Push, type Session } from './session.ts'

/** Who hears a conversation: its users, each with the receive option. */
interface Audience {
  readonly users: Map<string, number>
  /** The users' sessions, good for one epoch of presence. */
  sessions: readonly Session[]
  epoch: number
}

export interface RouterParts {
  readonly store: Store
  readonly presence: Presence
  readonly clock: Clock
  /** Sockets written to in one turn, before others get theirs (`websocket.push_worker_num` × 200). */
  readonly slice: number
  /** Messages that may wait to be written on this node (`websocket.push_channel_size`). */
  readonly waitingPushes: number
}

export interface Router {
  /** Loads the audiences of these conversations; the writer calls it before it commits. */
  prepare(conversations: readonly string[]): Promise<void>
  /** A message was stored: tell its audience, in commit order. */
  publish(entry: Entry): void
  /** Somebody's window opened or closed, or the receive option changed. */
  setMember(conversation: string, userId: string, option: number): void
  dropMember(conversation: string, userId: string): void
  tellUsers<N extends EventName>(
    userIds: Iterable<string>,
    name: N,
    data: EventData<N>,
    except?: Session,
  ): void
  tellSessions<N extends EventName>(sessions: Iterable<Session>, name: N, data: EventData<N>): void
  /** Tells everyone in a conversation whose audience is loaded. */
  tellConversation<N extends EventName>(conversation: string, name: N, data: EventData<N>): Promise<void>
  /** Queues a session for the write at the end of this turn. */
  dirty(session: Session): void
}

/** Users kept in cached audiences; past it all are forgotten, which costs one read each. */
const audienceLimit = 500_000

export function createRouter(parts: RouterParts): Router {
  const { presence, store, clock } = parts
  const audiences = new Map<string, Audience>()
  // Changes that commit while an audience is being read would be lost under what was read: they follow it.
  const loading = new Map<string, { done: Promise<void>; changes: (() => void)[] }>()
  let cachedUsers = 0
  let queue: Session[] = []
  let scheduled = false
  let waiting = 0

  async function load(conversation: string): Promise<void> {
    const users = new Map<string, number>()
    const ref = parseConversationId(conversation)
    if (ref?.type === 'single') for (const user of ref.users) users.set(user, receiveOption.normal)
    for (const view of await store.list('view', 'by_conversation', [conversation])) {
      if (view.max_seq === null) users.set(view.user_id, view.recv_msg_opt)
    }
    cachedUsers += users.size
    audiences.set(conversation, { users, sessions: [], epoch: -1 })
  }

  async function prepare(conversations: readonly string[]): Promise<void> {
    if (cachedUsers > audienceLimit) {
      audiences.clear()
      cachedUsers = 0
    }
    const missing = [...new Set(conversations)].filter((c) => !audiences.has(c))
    if (missing.length > 0) await Promise.all(missing.map(loadOnce))
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

  function listeners(audience: Audience): readonly Session[] {
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

  function dirty(session: Session): void {
    queue.push(session)
    if (scheduled) return
    scheduled = true
    clock.afterTurn(flush)
  }

  function flush(): void {
    const now = queue.length <= parts.slice ? queue : queue.slice(0, parts.slice)
    queue = now === queue ? [] : queue.slice(parts.slice)
    scheduled = queue.length > 0
    if (!scheduled) waiting = 0
    for (const session of now) session.flush()
    // The rest after the sockets had their turn, so that acks are not stuck behind a very large group.
    if (scheduled) clock.soon(flush)
  }

  function deliver(push: Push, sessions: Iterable<Session>): void {
    for (const session of sessions) session.push(push)
  }

  return {
    prepare,
    publish: (entry) => {
      const audience = audiences.get(entry.conversation_id)
      if (!audience) return
      const push = messagePush(entry)
      waiting += 1
      const full = waiting > parts.waitingPushes
      for (const session of listeners(audience)) {
        const muted = audience.users.get(session.userId) === receiveOption.none
        if (muted && session.userId !== entry.sender_id) continue
        if (full) session.leftOut(entry.conversation_id, entry.seq)
        else session.push(push)
      }
    },
    setMember,
    dropMember,
    tellUsers: (userIds, name, data, except) => {
      const push = eventPush(name, data)
      for (const user of userIds)
        deliver(
          push,
          presence.of(user).filter((s) => s !== except),
        )
    },
    tellSessions: (sessions, name, data) => deliver(eventPush(name, data), sessions),
    tellConversation: async (conversation, name, data) => {
      await prepare([conversation])
      const audience = audiences.get(conversation)
      if (audience) deliver(eventPush(name, data), listeners(audience))
    },
    dirty,
  }
}
