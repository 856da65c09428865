import type { Dispatch } from '../core/dispatch.ts'
import type { SessionLimits } from '../core/session.ts'
import type { World } from '../core/world.ts'

/**
 * `leaving`: not ready any more, so that nobody is sent here, but everything is served still; `draining`: new work is
 * refused, running work is answered.
 */
export type Phase = 'open' | 'leaving' | 'draining'

/** What every way into the system gets from the composition root. */
export interface Door {
  readonly world: World
  readonly dispatch: Dispatch
  readonly options: DoorOptions
  readonly phase: () => Phase
}

export interface DoorOptions {
  readonly debug: boolean
  /** `*`, or origins in lower case; our own origin is always allowed. */
  readonly allowedOrigins: readonly string[]
  readonly maxConnections: number
  /** Sockets of one address and of one user on this node. */
  readonly maxPerAddress: number
  readonly maxPerUser: number
  /** Bytes of an inbound frame (`websocket.max_message_size`). */
  readonly maxFrame: number
  readonly writeChannelSize: number
  /** Bytes that may wait for one socket before pushes are left out. */
  readonly waitingBytes: number
  /** Milliseconds. */
  readonly pongWait: number
  readonly pingPeriod: number
  readonly writeWait: number
  /** Folder of the built web app; absent when it is not served. */
  readonly webRoot?: string
  readonly trustedAddresses: readonly string[]
}

export function sessionLimits(options: DoorOptions): SessionLimits {
  return {
    waitingFrames: options.writeChannelSize,
    waitingBytes: options.waitingBytes,
    pongWait: options.pongWait,
    pingPeriod: options.pingPeriod,
    stallLimit: 30_000,
  }
}

/** Whether a page of this origin may talk to us: our own host and port, or one listed (nexo-wire 10.2). */
export function originAllowed(
  origin: string | undefined,
  host: string | undefined,
  options: DoorOptions,
): boolean {
  if (origin === undefined) return true
  const asked = origin.toLowerCase()
  if (options.allowedOrigins.some((allowed) => allowed === '*' || allowed.toLowerCase() === asked))
    return true
  const own = /^https?:\/\/(.+)$/.exec(asked)?.[1]
  return own !== undefined && host !== undefined && own === host.toLowerCase()
}

/** The address that caps count by; undefined for loopback and listed ones, which are exempt. */
export function cappedAddress(address: string | undefined, options: DoorOptions): string | undefined {
  if (address === undefined) return undefined
  const plain = address.replace(/^::ffff:/, '')
  if (plain === '::1' || plain.startsWith('127.') || options.trustedAddresses.includes(plain))
    return undefined
  return plain.includes(':') ? neighbourhood(plain) : plain
}

/** Who has one IPv6 address has the 2^64 beside it, so all of them count as one. */
function neighbourhood(address: string): string {
  const [front = '', back] = address.replace(/%.*$/s, '').split('::')
  const groups = front === '' ? [] : front.split(':')
  const left = back === undefined ? 0 : 8 - groups.length - (back === '' ? 0 : back.split(':').length)
  const all = [...groups, ...Array<string>(Math.max(0, left)).fill('0'), ...(back ?? '').split(':')]
  return `${all.slice(0, 4).join(':')}::/64`
}

/** `Bearer <token>` in any letter case: undefined without a header, empty without a token (nexo-wire section 1). */
export function bearer(header: string | undefined): { token: string } | 'missing' | 'malformed' {
  if (header === undefined || header.trim() === '') return 'missing'
  const match = /^bearer +(\S+)$/i.exec(header.trim())
  return match?.[1] === undefined ? 'malformed' : { token: match[1] }
}
