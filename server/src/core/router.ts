import type { EventData, EventName } from '@nexo-im/protocol'
import { type Audiences, createAudiences, refresh } from './audiences.ts'
import type { Presence } from './people/presence.ts'
import type { Clock, Entry, Store, WithEntries } from './ports.ts'
import { eventPush, messagePush, type Push, type Session } from './session.ts'

/** What an event carries inside: its messages as stored. */
export type Told<N extends EventName> = WithEntries<EventData<N>>

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
  /** Who hears what, kept up to date by whoever changes a view. */
  readonly audiences: Audiences
  tellUsers<N extends EventName>(userIds: Iterable<string>, name: N, data: Told<N>, except?: Session): void
  tellSessions<N extends EventName>(sessions: Iterable<Session>, name: N, data: Told<N>): void
  /**
   * Tells everyone in a conversation, where the offer that is being kept named it, so that its audience is loaded.
   * @param about the message it is about: whoever may not see that is not told
   */
  tellAudience<N extends EventName>(
    conversation: string,
    name: N,
    data: Told<N>,
    options?: { readonly about?: number; readonly except?: string },
  ): void
  /** Queues a session for the write at the end of this turn. */
  dirty(session: Session): void
}

export function createRouter(parts: RouterParts): Router {
  const { presence, store, clock } = parts
  const audiences = createAudiences(store, clock)
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
      refresh(audience, presence)
      const own = audience.quiet.filter((session) => session.userId === entry.sender_id)
      for (const sessions of [audience.loud, own]) {
        if (!full) deliver(push, sessions)
        else for (const session of sessions) session.leftOut(entry.conversation_id, entry.seq)
      }
    },
    audiences,
    tellUsers: (userIds, name, data, except) => {
      const push = eventPush(name, data)
      for (const user of userIds)
        deliver(
          push,
          presence.of(user).filter((s) => s !== except),
        )
    },
    tellSessions: (sessions, name, data) => deliver(eventPush(name, data), sessions),
    tellAudience: (conversation, name, data, { about, except } = {}) => {
      const audience = audiences.get(conversation)
      if (!audience) return
      const push = eventPush(name, data)
      refresh(audience, presence)
      for (const session of audience.sessions) {
        if (session.userId === except) continue
        if (about !== undefined && (audience.users.get(session.userId)?.minSeq ?? 0) > about) continue
        session.push(push)
      }
    },
    dirty,
  }
}
