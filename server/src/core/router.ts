import { type EventData, type EventName, receiveOption } from '@nexo-im/protocol'
import { createAudiences, listeners } from './audiences.ts'
import type { Clock, Entry, Store } from './ports.ts'
import type { Presence } from './presence.ts'
import { eventPush, messagePush, type Push, type Session } from './session.ts'

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

export function createRouter(parts: RouterParts): Router {
  const { presence, store, clock } = parts
  const audiences = createAudiences(store)
  let queue: Session[] = []
  let scheduled = false
  let waiting = 0

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
    prepare: audiences.prepare,
    publish: (entry) => {
      const audience = audiences.get(entry.conversation_id)
      if (!audience) return
      const push = messagePush(entry)
      waiting += 1
      const full = waiting > parts.waitingPushes
      for (const session of listeners(audience, presence)) {
        const muted = audience.users.get(session.userId) === receiveOption.none
        if (muted && session.userId !== entry.sender_id) continue
        if (full) session.leftOut(entry.conversation_id, entry.seq)
        else session.push(push)
      }
    },
    setMember: audiences.setMember,
    dropMember: audiences.dropMember,
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
      await audiences.prepare([conversation])
      const audience = audiences.get(conversation)
      if (audience) deliver(eventPush(name, data), listeners(audience, presence))
    },
    dirty,
  }
}
