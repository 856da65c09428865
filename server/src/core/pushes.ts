import type { EventName } from '@nexo-im/protocol'
import { type Audience, type Audiences, refresh } from './audiences.ts'
import type { Presence } from './people/presence.ts'
import type { Clock, Entry } from './ports.ts'
import { eventPush, messagePush, type Push, type Session } from './session.ts'

export interface PushesParts {
  readonly presence: Presence
  readonly audiences: Audiences
  readonly clock: Clock
  /** Sockets written to in one turn, before others get theirs (`websocket.push_worker_num` × 200). */
  readonly slice: number
  /** Messages that may wait to be written on this node (`websocket.push_channel_size`). */
  readonly waitingPushes: number
}

/** Hands what is told to the sessions of this node: each thing encoded once, each socket written once a turn. */
export interface Pushes {
  publish(entry: Entry): void
  /** @param about the message it is about: whoever may not see that is not told */
  tellAudience(conversation: string, push: Push, about?: number, except?: string): void
  tellUsers(userIds: readonly string[], push: Push, exceptConn?: string): void
  tellSessions(sessions: Iterable<Session>, name: EventName, data: unknown): void
  /** Queues a session for the write at the end of this turn. */
  dirty(session: Session): void
  /** Sessions that wait to be written to. */
  waiting(): number
}

export function createPushes(parts: PushesParts): Pushes {
  const { presence, audiences, clock } = parts
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

  function deliver(push: Push, sessions: Iterable<Session>, isLeft = false): void {
    for (const session of sessions) session.push(push, isLeft)
  }

  function publish(entry: Entry): void {
    const audience = audiences.get(entry.conversation_id)
    if (!audience) return
    const push = messagePush(entry)
    waiting += 1
    const full = waiting > parts.waitingPushes
    refresh(audience, presence)
    const own = audience.quiet.filter((session) => session.userId === entry.sender_id)
    // Where others went missing before it, its turn may come after somebody came in who is not to see it.
    const isLate = entry.seq < audience.newestMin
    for (const heard of [audience.loud, own]) {
      const sessions = isLate ? heard.filter((one) => sees(audience, one, entry.seq)) : heard
      deliver(push, sessions, full)
    }
  }

  function tellAudience(conversation: string, push: Push, about?: number, except?: string): void {
    const audience = audiences.get(conversation)
    if (!audience) return
    refresh(audience, presence)
    for (const session of audience.sessions) {
      if (session.userId === except) continue
      if (about !== undefined && !sees(audience, session, about)) continue
      session.push(push)
    }
  }

  function tellUsers(userIds: readonly string[], push: Push, exceptConn?: string): void {
    for (const user of userIds) {
      const own = presence.of(user)
      deliver(push, exceptConn === undefined ? own : own.filter((s) => s.connId !== exceptConn))
    }
  }

  return {
    publish,
    tellAudience,
    tellUsers,
    tellSessions: (sessions, name, data) => deliver(eventPush(name, data), sessions),
    dirty,
    waiting: () => queue.length,
  }
}

function sees({ users }: Audience, { userId }: Session, seq: number): boolean {
  return (users.get(userId)?.minSeq ?? 0) <= seq
}
