import { performance } from 'node:perf_hooks'
import type { Link } from '../wire/link.ts'
import type { SendRing } from '../wire/send-ring.ts'
import type { ShareFigures } from './plan.ts'
import type { Tally } from './tally.ts'

/** A running way of sending. */
export interface Driver {
  /** What takes time and must be done before the beginning. */
  prepare?(): Promise<void>
  /** @param origin `performance.now()` of the beginning, by which all shares of a load go */
  start(origin: number): void
  /** No message is begun after this. */
  stop(): void | Promise<void>
  readEnd(link: Link): void
  /** What this process saw, where it plays a share. */
  share?(): ShareFigures
}

/** Writes as many frames as the link has credit for. */
export function spend(link: Link, ring: SendRing, tally: Tally): void {
  const now = performance.now()
  const count = link.credit
  link.credit = 0
  link.outstanding += count
  ring.send(link.socket, count, () => tally.sent(link.index, now, now))
}

/** Each link keeps as many messages in flight as its ring has slots; an answer lets the next one go. */
export function closedDriver(links: readonly Link[], rings: readonly SendRing[], tally: Tally): Driver {
  let running = true
  tally.reactions = {
    acked: (link) => {
      link.credit += 1
    },
    pushed: () => undefined,
  }
  const readEnd = (link: Link): void => {
    if (running && link.credit > 0) spend(link, rings[link.index] as SendRing, tally)
  }
  return {
    start: () => {
      for (const link of links) {
        link.credit = (rings[link.index] as SendRing).slots
        readEnd(link)
      }
    },
    stop: () => {
      running = false
    },
    readEnd,
  }
}
