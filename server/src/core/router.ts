import { type EventData, type EventName, parseConversationId } from '@nexo-im/protocol'
import { type Audiences, createAudiences, type Listener, refresh } from './audiences.ts'
import type { Relay } from './cluster/relay.ts'
import type { Word } from './cluster/words.ts'
import type { Presence } from './people/presence.ts'
import type { Clock, Entry, Store, WithEntries } from './ports.ts'
import { eventPush, messagePush, type Push, type Session } from './session.ts'

/** What an event carries inside: its messages as stored. */
export type Told<N extends EventName> = WithEntries<EventData<N>>

export interface RouterParts {
  readonly store: Store
  readonly presence: Presence
  readonly clock: Clock
  /** Lets other nodes tell their sessions too. */
  readonly relay: Pick<Relay, 'tell'>
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
  /** Who hears what on this node. */
  readonly audiences: Pick<Audiences, 'get' | 'usersOf'>
  /** Somebody's window opened, or its settings changed; call these in `kept`. */
  setMember(conversation: string, userId: string, listener: Listener): void
  /** Somebody read or received up to here. */
  raise(conversation: string, userId: string, to: { readSeq?: number; deliveredSeq?: number }): void
  dropMember(conversation: string, userId: string): void
  /** Does here what another node did, or this one in its turn. */
  play(word: Word): void
  /** Loads what these words need here; undefined when it is there, or nobody is connected who would hear them. */
  prepareFor(words: readonly Word[]): Promise<void> | undefined
  /** Pushes went missing: forgets who hears what, and tells every session to look for itself. */
  lost(): void
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
  const { presence, store, clock, relay } = parts
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

  function publish(entry: Entry): void {
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
  }

  function tellAudience(conversation: string, push: Push, about: number | undefined, except?: string): void {
    const audience = audiences.get(conversation)
    if (!audience) return
    refresh(audience, presence)
    for (const session of audience.sessions) {
      if (session.userId === except) continue
      if (about !== undefined && (audience.users.get(session.userId)?.minSeq ?? 0) > about) continue
      session.push(push)
    }
  }

  function tellUsers(userIds: readonly string[], push: Push, exceptConn: string | undefined): void {
    for (const user of userIds) {
      const own = presence.of(user)
      deliver(push, exceptConn === undefined ? own : own.filter((s) => s.connId !== exceptConn))
    }
  }

  function play(word: Word): void {
    if (word.is === 'message') publish(word.entry)
    else if (word.is === 'audience')
      tellAudience(word.conversation, eventPush(word.name, word.data), word.about, word.except)
    else if (word.is === 'users') tellUsers(word.ids, eventPush(word.name, word.data), word.exceptConn)
    else if (word.is === 'raise') audiences.raise(word.conversation, word.userId, word.to)
    else if (word.is === 'listener') {
      if (word.listener) audiences.setMember(word.conversation, word.userId, word.listener)
      else audiences.dropMember(word.conversation, word.userId)
    }
  }

  function act(word: Word): void {
    if (!relay.tell(word)) play(word)
  }

  /** Whether anybody here might hear this conversation: of most that other nodes write in nobody does. */
  function mayConcern(conversation: string): boolean {
    if (presence.size === 0) return false
    const ref = parseConversationId(conversation)
    return ref?.type !== 'single' || ref.users.some((user) => presence.of(user).length > 0)
  }

  return {
    prepare: audiences.prepare,
    publish: (entry) => act({ is: 'message', entry }),
    audiences,
    setMember: (conversation, userId, listener) => act({ is: 'listener', conversation, userId, listener }),
    dropMember: (conversation, userId) => act({ is: 'listener', conversation, userId }),
    raise: (conversation, userId, to) => {
      // At once, so that whoever asks right after it knows; once more in its turn does no harm.
      audiences.raise(conversation, userId, to)
      relay.tell({ is: 'raise', conversation, userId, to })
    },
    play,
    prepareFor: (words) => {
      const missing = words.flatMap((word) => {
        const conversation =
          word.is === 'message'
            ? word.entry.conversation_id
            : word.is === 'audience'
              ? word.conversation
              : undefined
        return conversation !== undefined && !audiences.get(conversation) && mayConcern(conversation)
          ? [conversation]
          : []
      })
      return missing.length === 0 ? undefined : audiences.prepare(missing)
    },
    lost: () => {
      audiences.clear()
      deliver(eventPush('resync', { conversations: {} }), presence.all())
    },
    tellUsers: (userIds, name, data, except) => {
      act({ is: 'users', ids: [...userIds], name, data, ...(except && { exceptConn: except.connId }) })
    },
    tellSessions: (sessions, name, data) => deliver(eventPush(name, data), sessions),
    tellAudience: (conversation, name, data, { about, except } = {}) => {
      act({
        is: 'audience',
        conversation,
        name,
        data,
        ...(about !== undefined && { about }),
        ...(except !== undefined && { except }),
      })
    },
    dirty,
  }
}
