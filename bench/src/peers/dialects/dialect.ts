import type { SendTemplate } from '../../wire/send-template.ts'
import type { Lane } from '../wire/lane.ts'

/** What a peer's words mean to the generator. `n` is the message number that the sender stamped. */
export interface Sink {
  /** The server says that it has the message: at whatever durability the peer promises. */
  acked(lane: Lane, n: number): void
  pushed(lane: Lane, n: number): void
  /** Something that the peer's protocol does not foresee here. */
  broken(lane: Lane, text: string): void
  lost(lane: Lane, reason: string): void
  /** Before the units of a read, and after them. */
  readBegin(): void
  readEnd(lane: Lane): void
}

/** How one kind of server is spoken to. */
export interface Dialect {
  /** Connections that are opened at a time, once the first is through. */
  readonly openedAtOnce: number
  /** Whether a sender is told that its message arrived. */
  readonly acks: boolean
  /** A client that is signed in and ready to get messages. */
  open(index: number): Promise<Lane>
  /** Hands on what comes from now on. */
  serve(lane: Lane, sink: Sink): void
  /** What this client sends. */
  template(index: number): SendTemplate
}

/** Everything a dialect needs to know; `kind` chooses it. */
export type Speech = XmppSpeech | SocketIoSpeech | NatsSpeech

interface Load {
  readonly host: string
  readonly port: number
  readonly text: string
}

/** Clients 2i and 2i+1 write to each other. */
export interface XmppSpeech extends Load {
  readonly kind: 'xmpp'
  readonly domain: string
  readonly password: string
}

/** One room with everybody in it. */
export interface SocketIoSpeech extends Load {
  readonly kind: 'socketio'
}

export interface NatsSpeech extends Load {
  readonly kind: 'nats'
  readonly user: string
  readonly password: string
  /** Pairs by JetStream, which confirms; or a room of plain subscribers, which nobody confirms. */
  readonly to: 'pairs' | 'room'
}

export function partnerOf(index: number): number {
  return index ^ 1
}
