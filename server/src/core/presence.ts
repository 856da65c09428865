import { type Online, onlineStatus, platformName } from '@nexo-im/protocol'
import type { Session } from './session.ts'

export interface PresenceEvents {
  /** The first device of a user connected, or the last one went. */
  changed(user: Online): void
}

/** Who is connected to this node, and who wants to know. */
export interface Presence {
  add(session: Session): void
  remove(session: Session): void
  of(userId: string): readonly Session[]
  all(): Iterable<Session>
  readonly size: number
  /** Rises with every coming and going, so that lists of sessions can be cached. */
  readonly epoch: number
  online(userId: string): Online
  /** Replaces what a session is told about. */
  subscribe(session: Session, userIds: readonly string[]): void
  watchers(userId: string): Iterable<Session>
}

const nobody: readonly Session[] = []

export function createPresence(events: PresenceEvents): Presence {
  const byUser = new Map<string, Session[]>()
  const sessions = new Set<Session>()
  const watchers = new Map<string, Set<Session>>()
  const watching = new Map<Session, readonly string[]>()
  let epoch = 0

  function online(userId: string): Online {
    const own = byUser.get(userId) ?? nobody
    const newest = own.at(-1)
    if (newest === undefined) return { user_id: userId, status: onlineStatus.offline }
    return {
      user_id: userId,
      status: onlineStatus.online,
      detail_platform_status: own.map((s) => ({
        platform_id: s.platformId,
        platform_name: platformName(s.platformId),
        conn_id: s.connId,
      })),
      platform: platformName(newest.platformId),
    }
  }

  function unsubscribe(session: Session): void {
    for (const userId of watching.get(session) ?? []) {
      const set = watchers.get(userId)
      set?.delete(session)
      if (set?.size === 0) watchers.delete(userId)
    }
    watching.delete(session)
  }

  return {
    add: (session) => {
      const own = byUser.get(session.userId)
      if (own) own.push(session)
      else byUser.set(session.userId, [session])
      sessions.add(session)
      epoch += 1
      if (!own) events.changed(online(session.userId))
    },
    remove: (session) => {
      if (!sessions.delete(session)) return
      epoch += 1
      unsubscribe(session)
      const rest = (byUser.get(session.userId) ?? nobody).filter((s) => s !== session)
      if (rest.length > 0) {
        byUser.set(session.userId, rest)
        return
      }
      byUser.delete(session.userId)
      events.changed(online(session.userId))
    },
    of: (userId) => byUser.get(userId) ?? nobody,
    all: () => sessions,
    get size() {
      return sessions.size
    },
    get epoch() {
      return epoch
    },
    online,
    subscribe: (session, userIds) => {
      unsubscribe(session)
      const unique = [...new Set(userIds)]
      watching.set(session, unique)
      for (const userId of unique) {
        const set = watchers.get(userId)
        if (set) set.add(session)
        else watchers.set(userId, new Set([session]))
      }
    },
    watchers: (userId) => watchers.get(userId) ?? nobody,
  }
}
