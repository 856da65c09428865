import { type Online, onlineStatus, platformName } from '@nexo-im/protocol'
import type { Clock } from '../ports.ts'
import type { Session } from '../session.ts'

export interface PresenceEvents {
  /**
   * The first device of a user connected, or the last one went.
   * @param seenBy whoever watches the user and may
   */
  changed(user: Online, seenBy: readonly Session[]): void
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
  readonly watching: Watching
}

/**
 * Who is told of whom. Wanting to know is one thing, being allowed another: what was asked for stays closed until
 * `open` names those who may, and `close` takes it back before anything else is told.
 */
export interface Watching {
  /** Replaces what a session wants to know; nothing of it is told yet. @returns a stamp for `settle` */
  subscribe(session: Session, userIds: readonly string[]): number
  /** What the answer to a subscription tells: those a session may see, unless that moved since the stamp. */
  settle(session: Session, stamp: number, allowed: ReadonlySet<string>): void
  /** Users with a session that wants to know of this one. */
  of(userId: string): readonly string[]
  /** Stops telling about a user, to these watchers or to all. @returns a stamp for `open` */
  close(userId: string, watcherIds?: readonly string[]): number
  /** Goes on telling those who may; names whoever must hear at once that they see more or less now. */
  open(userId: string, stamp: number, allowed: ReadonlySet<string>): Sight
}

export interface Sight {
  readonly appeared: readonly Session[]
  readonly vanished: readonly Session[]
}

interface Watch {
  isOpen: boolean
  /** Whether the session was last told that the user is online. */
  isShown: boolean
  /** When what it rests on was last put into question: a verdict on anything older is void. */
  stamp: number
}

const nobody: readonly Session[] = []

export function createPresence(events: PresenceEvents): Presence {
  const byUser = new Map<string, Session[]>()
  const sessions = new Set<Session>()
  const { watching, seenBy, drop } = createWatching((userId) => byUser.has(userId))
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

  return {
    add: (session) => {
      const own = byUser.get(session.userId)
      if (own) own.push(session)
      else byUser.set(session.userId, [session])
      sessions.add(session)
      epoch += 1
      if (!own) events.changed(online(session.userId), seenBy(session.userId))
    },
    remove: (session) => {
      if (!sessions.delete(session)) return
      epoch += 1
      drop(session)
      const rest = (byUser.get(session.userId) ?? nobody).filter((s) => s !== session)
      if (rest.length > 0) {
        byUser.set(session.userId, rest)
        return
      }
      byUser.delete(session.userId)
      events.changed(online(session.userId), seenBy(session.userId))
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
    watching,
  }
}

/** Heartbeats and expiry of everybody connected, about once a second. */
export function sweepSockets({ presence, clock }: { presence: Presence; clock: Clock }): void {
  for (const session of [...presence.all()]) {
    session.tick(clock.now())
    // Gone for everybody now, and not only when the socket of a dead peer has been let go.
    if (session.closed) presence.remove(session)
  }
}

interface WatchingParts {
  readonly watching: Watching
  /** Who is told now that a user came or went. */
  seenBy(userId: string): readonly Session[]
  drop(session: Session): void
}

function createWatching(isOnline: (userId: string) => boolean): WatchingParts {
  const watches = new Map<string, Map<Session, Watch>>()
  const wanted = new Map<Session, readonly string[]>()
  let stamps = 0

  function drop(session: Session): void {
    for (const userId of wanted.get(session) ?? []) {
      const of = watches.get(userId)
      of?.delete(session)
      if (of?.size === 0) watches.delete(userId)
    }
    wanted.delete(session)
  }

  const watching: Watching = {
    subscribe: (session, userIds) => {
      drop(session)
      stamps += 1
      wanted.set(session, userIds)
      for (const userId of userIds) {
        const of = watches.get(userId) ?? new Map<Session, Watch>()
        watches.set(userId, of)
        of.set(session, { isOpen: false, isShown: false, stamp: stamps })
      }
      return stamps
    },
    settle: (session, stamp, allowed) => {
      for (const userId of wanted.get(session) ?? []) {
        const watch = watches.get(userId)?.get(session)
        if (watch?.stamp !== stamp || !allowed.has(userId)) continue
        watch.isOpen = true
        watch.isShown = isOnline(userId)
      }
    },
    of: (userId) => [...new Set([...(watches.get(userId)?.keys() ?? [])].map((s) => s.userId))],
    close: (userId, watcherIds) => {
      stamps += 1
      for (const [session, watch] of watches.get(userId) ?? []) {
        if (watcherIds && !watcherIds.includes(session.userId)) continue
        watch.isOpen = false
        watch.stamp = stamps
      }
      return stamps
    },
    open: (userId, stamp, allowed) => {
      const appeared: Session[] = []
      const vanished: Session[] = []
      for (const [session, watch] of watches.get(userId) ?? []) {
        if (watch.stamp !== stamp) continue
        watch.isOpen = allowed.has(session.userId)
        const isSeen = watch.isOpen && isOnline(userId)
        if (isSeen !== watch.isShown) (isSeen ? appeared : vanished).push(session)
        watch.isShown = isSeen
      }
      return { appeared, vanished }
    },
  }

  return {
    watching,
    drop,
    seenBy: (userId) => {
      const told: Session[] = []
      for (const [session, watch] of watches.get(userId) ?? []) {
        if (!watch.isOpen) continue
        watch.isShown = isOnline(userId)
        told.push(session)
      }
      return told
    },
  }
}
