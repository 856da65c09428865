import { type EventData, type EventName, parseConversationId } from '@nexo-im/protocol'
import { type Audiences, createAudiences, type Listener } from './audiences.ts'
import type { Relay } from './cluster/relay.ts'
import type { Word } from './cluster/words.ts'
import type { Entry, Store, WithEntries } from './ports.ts'
import { createPushes, type PushesParts } from './pushes.ts'
import { eventPush, type Session } from './session.ts'

/** What an event carries inside: its messages as stored. */
export type Told<N extends EventName> = WithEntries<EventData<N>>

export interface RouterParts extends Omit<PushesParts, 'audiences'> {
  readonly store: Store
  /** Lets other nodes tell their sessions too. */
  readonly relay: Pick<Relay, 'tell'>
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
  /** What is remembered of who hears what may be wrong. */
  forget(): void
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
  /** Sessions that wait to be written to. */
  waiting(): number
}

export function createRouter(parts: RouterParts): Router {
  const { presence, store, clock, relay } = parts
  const audiences = createAudiences(store, clock)
  const pushes = createPushes({ ...parts, audiences })

  function play(word: Word): void {
    if (word.is === 'message') pushes.publish(word.entry)
    else if (word.is === 'audience')
      pushes.tellAudience(word.conversation, eventPush(word.name, word.data), word.about, word.except)
    else if (word.is === 'users') pushes.tellUsers(word.ids, eventPush(word.name, word.data), word.exceptConn)
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
      const missing = words.flatMap(conversationOf).filter((c) => !audiences.get(c) && mayConcern(c))
      return missing.length === 0 ? undefined : audiences.prepare(missing)
    },
    forget: audiences.clear,
    tellUsers: (userIds, name, data, except) => {
      act({ is: 'users', ids: [...userIds], name, data, ...(except && { exceptConn: except.connId }) })
    },
    tellSessions: pushes.tellSessions,
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
    dirty: pushes.dirty,
    waiting: pushes.waiting,
  }
}

/** The conversation whose audience a word is for. */
function conversationOf(word: Word): string[] {
  if (word.is === 'message') return [word.entry.conversation_id]
  return word.is === 'audience' ? [word.conversation] : []
}
