import { closeCodes, type EventName, type KickReason } from '@nexo-im/protocol'
import type { Clock, Entry } from './ports.ts'
import type { Tally } from './tally.ts'

export type Bytes = string | Uint8Array

/** What carries a session: whole frames, written together. */
export interface SessionLink {
  /** Hands frames over in one write. */
  write(frames: readonly Bytes[]): void
  close(code: number, reason: string): void
  ping(): void
  /** Bytes written but not yet taken by the network. */
  readonly buffered: number
}

/** How a door shows what the server says; one object per codec, shared by all its sessions. */
export interface Encoder {
  readonly name: string
  message(entry: Entry): Bytes
  /** Undefined when this door does not know the event. */
  event(name: EventName, data: unknown): Bytes | undefined
}

/** One thing to tell many sessions: encoded at most once per codec, framed once, shared by all recipients. */
export interface Push {
  readonly entry?: Entry
  readonly event?: { readonly name: EventName; readonly data: unknown }
  readonly forms: Map<Encoder, Bytes | undefined>
}

export function messagePush(entry: Entry): Push {
  return { entry, forms: new Map() }
}

export function eventPush(name: EventName, data: unknown): Push {
  return { event: { name, data }, forms: new Map() }
}

function form(push: Push, encoder: Encoder): Bytes | undefined {
  if (push.forms.has(encoder)) return push.forms.get(encoder)
  const bytes = push.entry
    ? encoder.message(push.entry)
    : push.event && encoder.event(push.event.name, push.event.data)
  push.forms.set(encoder, bytes)
  return bytes
}

export interface SessionLimits {
  /** Frames that may wait while the socket does not take any (`websocket.write_channel_size`). */
  readonly waitingFrames: number
  /** Bytes that may wait at all. */
  readonly waitingBytes: number
  /** Silence after which a socket counts as dead, ms (`websocket.pong_wait`). */
  readonly pongWait: number
  readonly pingPeriod: number
  /** Time without progress after which a slow socket is closed with 1013, ms. */
  readonly stallLimit: number
}

export interface SessionParts {
  readonly connId: string
  readonly userId: string
  readonly platformId: number
  /** The sign-in behind this socket (`jti`). */
  readonly sessionId: string
  /** Unix ms. */
  readonly expiresAt: number
  readonly encoder: Encoder
  readonly link: SessionLink
  readonly limits: SessionLimits
  readonly clock: Clock
  readonly tally: Tally
  /** Puts the session on the list of those to flush at the end of this turn. */
  readonly dirty: (session: Session) => void
}

/** Pushes stop at `waitingBytes`; what is above them are answers, which somebody asked for. */
const unreadTimes = 4

/**
 * One connected device: what it is owed, in order. A socket too slow for its pushes is owed a resync frame
 * instead (nexo-wire 10.5); answers, kicks and resync frames are never left out.
 */
export class Session {
  readonly connId: string
  readonly userId: string
  readonly platformId: number
  readonly sessionId: string
  /** When the token behind this socket runs out, Unix ms; a refresh moves it on, the socket stays. */
  expiresAt: number
  /** Own messages whose answer has not left: their pushes wait behind it. */
  readonly unanswered = new Set<string>()
  closed = false
  /** The sign-in behind it ended: whatever it still asks is refused, also while its last answer is on the way. */
  isEnded = false
  isDirty = false
  readonly #parts: SessionParts
  #out: Bytes[] = []
  #held: { readonly push: Push; readonly isLeft: boolean }[] = []
  #behind: Map<string, number> | undefined
  #lastHeard: number
  #lastPing: number
  #stalledSince = 0
  #lastBuffered = 0

  constructor(parts: SessionParts) {
    this.#parts = parts
    this.connId = parts.connId
    this.userId = parts.userId
    this.platformId = parts.platformId
    this.sessionId = parts.sessionId
    this.expiresAt = parts.expiresAt
    this.#lastHeard = this.#lastPing = parts.clock.now()
  }

  /** An answer to a request of this very socket. */
  answer(bytes: Bytes): void {
    this.#queue(bytes)
  }

  /** The answer to an own send has left; pushes that waited for it may follow. */
  answered(clientMsgId: string): void {
    this.unanswered.delete(clientMsgId)
    // Not only when every answer has left: who always has a send on the way would never be told anything.
    const first = this.#held.findIndex(({ push }) => this.#waitsForAnswer(push))
    const free = this.#held.splice(0, first < 0 ? this.#held.length : first)
    for (const { push, isLeft } of free) this.#give(push, isLeft)
  }

  /** @param isLeft too much is on its way to everybody: it is told of by a resync instead, in its place among the others */
  push(push: Push, isLeft = false): void {
    if (this.closed) return
    if (this.#held.length > 0 || this.#waitsForAnswer(push)) this.#held.push({ push, isLeft })
    else this.#give(push, isLeft)
  }

  #waitsForAnswer({ entry }: Push): boolean {
    return entry !== undefined && entry.sender_id === this.userId && this.unanswered.has(entry.client_msg_id)
  }

  #give(push: Push, isLeft = false): void {
    const { entry } = push
    if (entry !== undefined) {
      if (isLeft) return this.#leaveOut(entry)
      // Nothing later may pass a hole that was not told of.
      this.drained()
      if (this.#behind !== undefined || this.#isFull()) return this.#leaveOut(entry)
    }
    const bytes = form(push, this.#parts.encoder)
    if (bytes === undefined) return
    const { pushes } = this.#parts.tally
    if (entry === undefined) pushes.events += 1
    else pushes.messages += 1
    this.#queue(bytes)
  }

  /** Which form of frames it speaks. */
  get codec(): string {
    return this.#parts.encoder.name
  }

  /** Everything queued in this turn leaves in one write. */
  flush(): void {
    this.isDirty = false
    if (this.#out.length === 0 || this.closed) return
    const out = this.#out
    this.#out = []
    this.#parts.link.write(out)
  }

  /** Any sign of life: a frame, a ping, a pong. */
  heard(): void {
    this.#lastHeard = this.#parts.clock.now()
  }

  /** Called about once a second: heartbeat, expiry, and the way back for a slow socket. */
  tick(now: number): void {
    if (this.closed) return
    if (now >= this.expiresAt) return this.kick('expired')
    const { limits, link } = this.#parts
    // Closed as dead without a handshake: nobody is there to answer one.
    if (now - this.#lastHeard >= limits.pongWait) return this.close(closeCodes.restart, 'no sign of life')
    if (now - this.#lastHeard >= limits.pingPeriod && now - this.#lastPing >= limits.pingPeriod) {
      this.#lastPing = now
      link.ping()
    }
    this.#watchStall(now)
    this.drained()
  }

  /** The network took what was waiting: tell what was left out meanwhile. */
  drained(): void {
    if (this.#behind === undefined || this.#isFull()) return
    const conversations = Object.fromEntries(this.#behind)
    this.#behind = undefined
    this.#parts.tally.pushes.resyncs += 1
    // Not behind what is held: that comes after everything that was left out.
    this.#give(eventPush('resync', { conversations }))
  }

  /** Notes a push that the socket is not given: a resync tells of it, once there is room. */
  #leaveOut({ conversation_id: conversation, seq }: Entry): void {
    this.#parts.tally.pushes.leftOut += 1
    this.#behind ??= new Map()
    this.#behind.set(conversation, seq)
  }

  /** The sign-in behind this socket ended: say why, then close with 4401. */
  kick(reason: KickReason): void {
    this.isEnded = true
    if (this.closed) return
    this.#held = []
    this.push(eventPush('kicked', { reason, platform_id: this.platformId }))
    this.close(closeCodes.session_ended, reason)
  }

  close(code: number, reason: string): void {
    if (this.closed) return
    this.flush()
    this.closed = true
    this.#parts.link.close(code, reason)
  }

  #queue(bytes: Bytes): void {
    if (this.closed) return
    this.#out.push(bytes)
    if (this.isDirty) return
    this.isDirty = true
    this.#parts.dirty(this)
  }

  /** More waits for the network than any reader leaves lying: more answers would only fill our memory. */
  get isUnread(): boolean {
    return this.#parts.link.buffered > unreadTimes * this.#parts.limits.waitingBytes
  }

  /** Full only while the network is not taking what it already has: a burst within one turn is no slowness. */
  #isFull(): boolean {
    const { link, limits } = this.#parts
    const waiting = link.buffered
    if (waiting === 0) return false
    return waiting > limits.waitingBytes || this.#out.length >= limits.waitingFrames
  }

  #watchStall(now: number): void {
    const buffered = this.#parts.link.buffered
    if (buffered === 0 || buffered < this.#lastBuffered) this.#stalledSince = 0
    else if (this.#stalledSince === 0) this.#stalledSince = now
    this.#lastBuffered = buffered
    if (this.#stalledSince !== 0 && now - this.#stalledSince >= this.#parts.limits.stallLimit) {
      this.#parts.tally.sockets.stalled += 1
      this.close(closeCodes.overload, 'too slow')
    }
  }
}
