import { performance } from 'node:perf_hooks'
import { type Pacer, startPacer } from '../../load/pacer.ts'
import type { SendRing } from '../../wire/send-ring.ts'
import type { Lane } from '../wire/lane.ts'
import type { PeerTally } from './tally.ts'

/** A running way of sending. */
export interface Driver {
  start(): void | Promise<void>
  /** No message is begun after this. */
  stop(): void | Promise<void>
}

/** A lane and its ready frames. */
export interface Sender {
  readonly lane: Lane
  readonly ring: SendRing
}

/** Writes as many messages as the lane has credit for; returns the number of the first. */
function spend({ lane, ring }: Sender, tally: PeerTally): number {
  const first = tally.ledger.size
  const now = performance.now()
  const count = lane.credit
  lane.credit = 0
  ring.send(lane.socket, count, () => tally.sent(lane, now, now))
  return first
}

/** Each lane keeps as many messages on the way as its ring has slots; a confirmation lets the next one go. */
export function closedDriver(senders: readonly Sender[], tally: PeerTally): Driver {
  let running = false
  const go = (lane: Lane): void => {
    if (running && lane.credit > 0) spend(senders[lane.index] as Sender, tally)
  }
  tally.reactions = {
    acked: (lane) => {
      lane.credit += 1
    },
    pushed: () => undefined,
    readEnd: go,
  }
  return {
    start: () => {
      running = true
      for (const { lane, ring } of senders) {
        lane.credit = ring.slots
        go(lane)
      }
    },
    stop: () => {
      running = false
    },
  }
}

const finestMs = 0.25

/** Slots of an open-loop lane; more messages on the way than this are sent as copies. */
export const openSlots = 4

/** Message i is due at start + i / rate and is sent by client i mod clients, whatever the server does. */
export function openDriver(senders: readonly Sender[], tally: PeerTally, rate: number): Driver {
  const gap = 1000 / rate
  let origin = Number.POSITIVE_INFINITY
  let sent = 0
  let pacer: Pacer | undefined
  const write = ({ lane, ring }: Sender, due: number): void => {
    const now = performance.now()
    const isRoom = lane.outstanding < ring.slots
    const n = tally.sent(lane, due, now)
    if (tally.isMeasured(due)) tally.lag.record((now - due) * 1000)
    if (isRoom) ring.send(lane.socket, 1, () => n)
    else ring.sendCopy(lane.socket, n)
  }
  const tick = (): void => {
    const now = performance.now()
    for (let due = origin + sent * gap; due <= now; due = origin + sent * gap)
      write(senders[sent++ % senders.length] as Sender, due)
  }
  return {
    start: async () => {
      pacer = await startPacer(Math.max(finestMs, gap), tick)
      origin = performance.now()
    },
    stop: () => {
      origin = Number.POSITIVE_INFINITY
      return pacer?.stop()
    },
  }
}

/** The sender's messages leave the window when they were confirmed (where the peer does) and every lane has them. */
export function fanoutDriver(sender: Sender, lanes: number, tally: PeerTally, acksToo: boolean): Driver {
  const awaited = lanes + (acksToo ? 1 : 0)
  /** Confirmations and arrivals that are still to come, of each message on the way. */
  const open = new Map<number, number>()
  let running = false
  const go = (): void => {
    if (!running || sender.lane.credit === 0) return
    for (let n = spend(sender, tally); n < tally.ledger.size; n++) open.set(n, awaited)
  }
  const confirm = (_lane: Lane, n: number, now: number): void => {
    const left = (open.get(n) ?? 0) - 1
    if (left > 0) return void open.set(n, left)
    open.delete(n)
    sender.lane.credit += 1
    const intended = tally.ledger.intendedAt(n)
    if (tally.isMeasured(intended)) tally.lastMember.record((now - intended) * 1000)
  }
  tally.reactions = { acked: confirm, pushed: confirm, readEnd: go }
  return {
    start: () => {
      running = true
      sender.lane.credit = sender.ring.slots
      go()
    },
    stop: () => {
      running = false
    },
  }
}
