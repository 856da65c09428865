import { type Online, onlineStatus, platformName } from '@nexo-im/protocol'
import type { Clock } from '../ports.ts'
import type { Session } from '../session.ts'

/** A device connected to some node. */
export interface Device {
  readonly userId: string
  readonly connId: string
  readonly platformId: number
  readonly sessionId: string
}

export interface PresenceEvents {
  /**
   * The first device of a user connected, or the last one went.
   * @param seenBy whoever watches the user here and may
   * @param isTold by this node to whoever is told once: embedded handlers, the record of when somebody was last seen
   */
  changed(user: Online, seenBy: readonly Session[], isTold: boolean): void
  connected(device: Device): void
  disconnected(device: Device): void
}

/** Who is connected, here and to other nodes, and who wants to know. */
export interface Presence {
  add(session: Session): void
  remove(session: Session): void
  /** Sessions of this node. */
  of(userId: string): readonly Session[]
  all(): Iterable<Session>
  readonly size: number
  /** With devices on other nodes. */
  devices(userId: string): readonly Device[]
  isOnline(userId: string): boolean
  /** What other nodes say of their devices. */
  readonly elsewhere: Elsewhere
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
  /** Everybody that somebody here wants to know of. */
  users(): readonly string[]
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

/** Devices of other nodes. */
export interface Elsewhere {
  connected(node: string, device: Device): void
  disconnected(node: string, userId: string, connId: string): void
  /** Everybody a node has now. */
  replace(node: string, devices: readonly Device[]): void
  /** A node is gone. @param isTold see `PresenceEvents` */
  lose(node: string, isTold: boolean): void
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
  const remote = new Map<string, Map<string, RemoteDevice>>()
  const isOnline = (userId: string): boolean => byUser.has(userId) || remote.has(userId)
  const { watching, seenBy, drop } = createWatching(isOnline)
  let epoch = 0

  function online(userId: string): Online {
    const all = devices(userId)
    const newest = all.at(-1)
    if (newest === undefined) return { user_id: userId, status: onlineStatus.offline }
    return {
      user_id: userId,
      status: onlineStatus.online,
      detail_platform_status: all.map((s) => ({
        platform_id: s.platformId,
        platform_name: platformName(s.platformId),
        conn_id: s.connId,
      })),
      platform: platformName(newest.platformId),
    }
  }

  function devices(userId: string): readonly Device[] {
    const own = (byUser.get(userId) ?? nobody).map(deviceOf)
    const others = remote.get(userId)
    return others ? [...others.values(), ...own] : own
  }

  function tell(userId: string, isTold: boolean): void {
    events.changed(online(userId), seenBy(userId), isTold)
  }

  return {
    add: (session) => {
      const { userId } = session
      const wasOnline = isOnline(userId)
      const own = byUser.get(userId)
      if (own) own.push(session)
      else byUser.set(userId, [session])
      sessions.add(session)
      epoch += 1
      events.connected(deviceOf(session))
      if (!wasOnline) tell(userId, true)
    },
    remove: (session) => {
      if (!sessions.delete(session)) return
      epoch += 1
      drop(session)
      events.disconnected(deviceOf(session))
      const rest = (byUser.get(session.userId) ?? nobody).filter((s) => s !== session)
      if (rest.length > 0) {
        byUser.set(session.userId, rest)
        return
      }
      byUser.delete(session.userId)
      if (!isOnline(session.userId)) tell(session.userId, true)
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
    devices,
    isOnline,
    elsewhere: createElsewhere(remote, isOnline, tell),
    watching,
  }
}

type RemoteDevice = Device & { readonly node: string }

const deviceOf = ({ userId, connId, platformId, sessionId }: Session): Device => ({
  userId,
  connId,
  platformId,
  sessionId,
})

/** @param tell a user came or went altogether */
function createElsewhere(
  remote: Map<string, Map<string, RemoteDevice>>,
  isOnline: (userId: string) => boolean,
  tell: (userId: string, isTold: boolean) => void,
): Elsewhere {
  function add(node: string, device: Device): void {
    const { userId, connId } = device
    const wasOnline = isOnline(userId)
    const of = remote.get(userId) ?? new Map<string, RemoteDevice>()
    remote.set(userId, of)
    of.set(connId, { ...device, node })
    if (!wasOnline) tell(userId, false)
  }

  function drop(userId: string, isGone: (device: RemoteDevice) => boolean, isTold: boolean): void {
    const of = remote.get(userId)
    if (!of) return
    const before = of.size
    for (const device of of.values()) if (isGone(device)) of.delete(device.connId)
    if (of.size === before || of.size > 0) return
    remote.delete(userId)
    if (!isOnline(userId)) tell(userId, isTold)
  }

  return {
    connected: add,
    disconnected: (node, userId, connId) =>
      drop(userId, (d) => d.node === node && d.connId === connId, false),
    replace: (node, devices) => {
      const there = new Set(devices.map((d) => d.connId))
      for (const device of devices) add(node, device)
      for (const userId of [...remote.keys()])
        drop(userId, (d) => d.node === node && !there.has(d.connId), false)
    },
    lose: (node, isTold) => {
      for (const userId of [...remote.keys()]) drop(userId, (d) => d.node === node, isTold)
    },
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
    users: () => [...watches.keys()],
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
