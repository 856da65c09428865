import { performance } from 'node:perf_hooks'
import type { Link } from '../wire/link.ts'
import type { SendRing } from '../wire/send-ring.ts'
import { type Driver, spend } from './closed.ts'
import type { Tally } from './tally.ts'

/** A message that some member has not got after this long is given up, so that a left-out push stalls nothing. */
const patienceMs = 3000

/** The first link sends; a message leaves the window when it was acked and every link has it. */
export function fanoutDriver(links: readonly Link[], ring: SendRing, tally: Tally, acksToo: boolean): Driver {
  const sender = links[0] as Link
  const awaited = links.length + (acksToo ? 1 : 0)
  /** Confirmations that are still to come, of each message in flight. */
  const open = new Map<number, number>()
  let running = true
  const confirm = (n: number, now: number): void => {
    const left = open.get(n)
    if (left === undefined) return
    if (left > 1) {
      open.set(n, left - 1)
      return
    }
    finish(n, now)
  }
  const finish = (n: number, now: number): void => {
    open.delete(n)
    sender.credit += 1
    const intended = tally.ledger.intendedAt(n)
    if (tally.isMeasured(intended)) tally.lastMember.record((now - intended) * 1000)
  }
  tally.reactions = { acked: (_, n, now) => confirm(n, now), pushed: (_, n, now) => confirm(n, now) }
  const readEnd = (): void => {
    if (!running || sender.credit === 0) return
    const first = tally.ledger.size
    spend(sender, ring, tally)
    for (let n = first; n < tally.ledger.size; n++) open.set(n, awaited)
  }
  const giveUp = (): void => {
    const now = performance.now()
    for (const n of open.keys()) {
      if (tally.ledger.intendedAt(n) > now - patienceMs || (acksToo && !tally.ledger.isAcked(n))) continue
      // Counted with the time waited so far: leaving it out would flatter the slowest member.
      finish(n, now)
    }
    readEnd()
  }
  let watch: NodeJS.Timeout | undefined
  return {
    start: () => {
      sender.credit = ring.slots
      readEnd()
      watch = setInterval(giveUp, 500)
    },
    stop: () => {
      running = false
      clearInterval(watch)
    },
    readEnd,
  }
}
