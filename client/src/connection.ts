import { closeCodes, ImError, type Link } from '@nexo-im/protocol'
import type { ConnectionState, ConnectionStatus } from './api.ts'
import { backoff } from './backoff.ts'
import type { Clock } from './clock.ts'
import type { LinkDoor, LinkTarget } from './links/link.ts'
import type { Network } from './network.ts'

/**
 * connect, disconnect: the owner wants so. opened, closed: the link says so. refused: the session is over.
 * due: the wait is over. up, down: the platform's network came or went.
 */
export type ConnectionEvent =
  | 'connect'
  | 'disconnect'
  | 'opened'
  | 'closed'
  | 'refused'
  | 'due'
  | 'up'
  | 'down'

/** Every move there is. A state that answers with itself ignores the event: late words of links long given up. */
export const moves: Readonly<Record<ConnectionState, Readonly<Record<ConnectionEvent, ConnectionState>>>> = {
  idle: {
    connect: 'connecting',
    disconnect: 'idle',
    opened: 'idle',
    closed: 'idle',
    refused: 'idle',
    due: 'idle',
    up: 'idle',
    down: 'idle',
  },
  connecting: {
    connect: 'connecting',
    disconnect: 'idle',
    opened: 'online',
    closed: 'waiting',
    refused: 'ended',
    due: 'connecting',
    up: 'connecting',
    down: 'offline',
  },
  online: {
    connect: 'online',
    disconnect: 'idle',
    opened: 'online',
    closed: 'waiting',
    refused: 'ended',
    due: 'online',
    up: 'online',
    down: 'offline',
  },
  waiting: {
    connect: 'connecting',
    disconnect: 'idle',
    opened: 'waiting',
    closed: 'waiting',
    refused: 'ended',
    due: 'connecting',
    up: 'connecting',
    down: 'offline',
  },
  offline: {
    connect: 'connecting',
    disconnect: 'idle',
    opened: 'offline',
    closed: 'offline',
    refused: 'ended',
    due: 'offline',
    up: 'connecting',
    down: 'offline',
  },
  ended: {
    connect: 'connecting',
    disconnect: 'idle',
    opened: 'ended',
    closed: 'ended',
    refused: 'ended',
    due: 'ended',
    up: 'ended',
    down: 'ended',
  },
}

/** What asking over HTTP tells about a handshake that failed without a reason. */
export type Verdict = { readonly dead: string } | 'alive' | 'unreachable'

export interface ConnectionParts {
  /** Tried in this order, the next one when a link cannot be opened though the server is there. */
  readonly doors: readonly LinkDoor[]
  readonly target: LinkTarget
  readonly network: Network
  readonly random: () => number
  /** Why did the handshake fail: a dead token, a blocked link, or no server? */
  readonly judge: () => Promise<Verdict>
  /** Called before `changed`. */
  readonly opened: (link: Link, door: LinkDoor) => void
  readonly frame: (frame: string | Uint8Array) => void
  /** The link that was open is gone; called after the state moved, before `changed`. */
  readonly died: (code: number) => void
  readonly changed: (status: ConnectionStatus) => void
}

/** ms until a link that does not open is given up; ms online after which an attempt counts as a success. */
const handshakeLimit = 10_000
const steadyAfter = 10_000

interface Attempt {
  link?: Link
  open: boolean
}

interface Detail {
  readonly code?: number
  readonly reason?: string
}

/** Keeps one link alive: the table above, and what entering a state sets in motion. */
export class Connection {
  readonly #parts: ConnectionParts
  readonly #clock: Clock
  readonly #unwatch: () => void
  #status: ConnectionStatus = { state: 'idle', attempt: 0 }
  #failures = 0
  #onlineSince = 0
  #attempt: Attempt | undefined
  #disarm: (() => void) | undefined
  #waiting: PromiseWithResolvers<void> | undefined

  constructor(parts: ConnectionParts) {
    this.#parts = parts
    this.#clock = parts.target.clock
    this.#unwatch = parts.network.watch((online) => this.#step(online ? 'up' : 'down'))
  }

  get status(): ConnectionStatus {
    return this.#status
  }

  /** Resolves at the next `online`; rejects when the session ends or the owner disconnects. */
  connect(): Promise<void> {
    if (this.#status.state === 'online') return Promise.resolve()
    this.#waiting ??= Promise.withResolvers<void>()
    const { promise } = this.#waiting
    // Whoever does not wait for it hears of the end by the status.
    promise.catch(() => undefined)
    this.#step('connect')
    return promise
  }

  disconnect(): void {
    this.#step('disconnect')
  }

  /** The server said that this session is over. */
  end(reason: string): void {
    this.#step('refused', { code: closeCodes.session_ended, reason })
  }

  /** The link is open, but nobody answers on it. */
  stalled(): void {
    this.#step('closed', { code: closeCodes.restart })
  }

  /** Disconnects and forgets the network for good. */
  close(): void {
    this.#unwatch()
    this.disconnect()
  }

  #step(event: ConnectionEvent, detail: Detail = {}): void {
    const to = moves[this.#status.state][event]
    if (to === this.#status.state) return
    this.#disarm?.()
    this.#disarm = undefined
    const left = to === 'online' ? undefined : this.#attempt
    if (left) this.#attempt = undefined
    if (left?.open && this.#clock.now() - this.#onlineSince >= steadyAfter) this.#failures = 0
    this.#enter(to, detail.reason ?? '')
    left?.link?.close(closeCodes.normal)
    if (left?.open) this.#parts.died(detail.code ?? closeCodes.normal)
    this.#parts.changed(this.#status)
    this.#settle(to, detail.reason ?? '')
  }

  #enter(state: ConnectionState, reason: string): void {
    if (state === 'idle') this.#failures = 0
    if (state === 'connecting') this.#failures += 1
    const attempt = state === 'online' ? 0 : this.#failures
    this.#status = state === 'ended' ? { state, attempt, reason } : { state, attempt }
    if (state === 'online') this.#onlineSince = this.#clock.now()
    if (state === 'connecting') this.#try(0)
    if (state === 'waiting') {
      const wait = backoff(this.#failures, this.#parts.random)
      this.#status = { state, attempt, retryAt: this.#clock.now() + wait }
      this.#disarm = this.#clock.after(wait, () => this.#step('due'))
    }
  }

  #settle(state: ConnectionState, reason: string): void {
    if (state !== 'online' && state !== 'ended' && state !== 'idle') return
    const waiting = this.#waiting
    this.#waiting = undefined
    if (state === 'online') waiting?.resolve()
    else if (state === 'ended') waiting?.reject(new ImError('unauthorized', { detail: reason }))
    else waiting?.reject(new ImError('connection_closed', { detail: 'disconnected' }))
  }

  #try(index: number): void {
    const door = this.#parts.doors[index]
    if (door === undefined) throw new Error('a client needs at least one link')
    const mine: Attempt = { open: false }
    this.#attempt = mine
    const current = (): boolean => this.#attempt === mine
    this.#disarm = this.#clock.after(handshakeLimit, () => {
      if (!current()) return
      mine.link?.close(closeCodes.normal)
      void this.#failed(index)
    })
    mine.link = door.open(this.#parts.target, {
      opened: () => {
        if (!current() || mine.link === undefined) return
        mine.open = true
        this.#parts.opened(mine.link, door)
        this.#step('opened')
      },
      frame: (frame) => {
        if (current()) this.#parts.frame(frame)
      },
      closed: (code, reason) => {
        if (!current()) return
        if (code === closeCodes.session_ended) this.#step('refused', { code, reason })
        else if (mine.open) this.#step('closed', { code, reason })
        else void this.#failed(index)
      },
    })
  }

  /** A browser does not say why a handshake failed, so HTTP is asked (nexo-wire 10.1). */
  async #failed(index: number): Promise<void> {
    this.#disarm?.()
    // Stands for the attempt while the question is out: whatever happens meanwhile replaces it.
    const mine: Attempt = { open: false }
    this.#attempt = mine
    const verdict = await this.#parts.judge()
    if (this.#attempt !== mine) return
    if (typeof verdict === 'object') this.#step('refused', { reason: verdict.dead })
    else if (verdict === 'alive' && index + 1 < this.#parts.doors.length) this.#try(index + 1)
    // The platform's word counts after a try only: a server on this very machine needs no network.
    else this.#step(this.#parts.network.online() ? 'closed' : 'down')
  }
}
