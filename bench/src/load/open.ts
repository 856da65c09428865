import { performance } from 'node:perf_hooks'
import type { Link } from '../wire/link.ts'
import type { SendRing } from '../wire/send-ring.ts'
import type { Driver } from './closed.ts'
import { type Pacer, startPacer } from './pacer.ts'
import type { Tally } from './tally.ts'

const finestMs = 0.25

/** Slots of an open-loop link; more messages in flight than this are sent as copies. */
export const openSlots = 4

/** Message i is due at start + i / rate and is sent by client i mod clients, whatever the server does. */
export function openDriver(
  links: readonly Link[],
  rings: readonly SendRing[],
  tally: Tally,
  rate: number,
): Driver {
  const gap = 1000 / rate
  let origin = Number.POSITIVE_INFINITY
  let sent = 0
  let pacer: Pacer | undefined
  const tick = (): void => {
    const now = performance.now()
    for (let due = origin + sent * gap; due <= now; due = origin + sent * gap) {
      const at = sent++ % links.length
      write(links[at] as Link, rings[at] as SendRing, tally, due)
    }
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
    readEnd: () => undefined,
  }
}

function write(link: Link, ring: SendRing, tally: Tally, due: number): void {
  const now = performance.now()
  const n = tally.ledger.add(link.index, due, now)
  if (tally.isMeasured(due)) tally.lag.record((now - due) * 1000)
  if (link.outstanding < ring.slots) ring.send(link.socket, 1, () => n)
  else ring.sendCopy(link.socket, n)
  link.outstanding += 1
}
