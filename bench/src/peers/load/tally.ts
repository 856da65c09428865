import { performance } from 'node:perf_hooks'
import { Histogram } from '../../histogram.ts'
import { Ledger } from '../../load/ledger.ts'
import type { Window } from '../../load/plan.ts'
import type { Sink } from '../dialects/dialect.ts'
import type { Lane } from '../wire/lane.ts'
import type { PeerResult } from './plan.ts'

/** How a way of sending reacts to what the tally saw. */
export interface Reactions {
  acked(lane: Lane, n: number, now: number): void
  /** A message that this lane had not seen before. */
  pushed(lane: Lane, n: number, now: number): void
  readEnd(lane: Lane): void
}

const complaintsKept = 5

/** Counts and judges all that comes back; latencies only of messages that belong to the window. */
export class PeerTally implements Sink {
  readonly ledger: Ledger = new Ledger()
  readonly lastMember: Histogram = new Histogram()
  readonly lag: Histogram = new Histogram()
  reactions: Reactions = { acked: () => undefined, pushed: () => undefined, readEnd: () => undefined }
  acks = 0
  pushes = 0
  readonly #ack = new Histogram()
  readonly #delivery = new Histogram()
  readonly #complaints: string[] = []
  #lost = 0
  #broken = 0
  #duplicates = 0
  #outOfOrder = 0
  #from = 0
  #to = 0
  #now = 0

  /** Messages intended in [from, to) are measured. */
  measure(from: number, to: number): void {
    this.#from = from
    this.#to = to
  }

  isMeasured(intended: number): boolean {
    return intended >= this.#from && intended < this.#to
  }

  /** A message that is written now; returns its number. */
  sent(lane: Lane, intended: number, written: number): number {
    const n = this.ledger.add(lane.index, intended, written)
    lane.sent.push(n)
    lane.outstanding += 1
    return n
  }

  /** One clock reading serves all units of a read. */
  readBegin(): void {
    this.#now = performance.now()
  }

  readEnd(lane: Lane): void {
    this.reactions.readEnd(lane)
  }

  acked(lane: Lane, n: number): void {
    if (n < 0 || n >= this.ledger.size || this.ledger.clientOf(n) !== lane.index || this.ledger.isAcked(n))
      return this.broken(lane, `a confirmation of message ${n}`)
    this.acks += 1
    lane.outstanding -= 1
    this.ledger.setAck(n, 1, 0)
    const intended = this.ledger.intendedAt(n)
    if (this.isMeasured(intended)) this.#ack.record((this.#now - intended) * 1000)
    this.reactions.acked(lane, n, this.#now)
  }

  /** On a lane everything comes from one sender, so numbers only rise. */
  pushed(lane: Lane, n: number): void {
    if (n < 0 || n >= this.ledger.size) return this.broken(lane, `a push of message ${n}`)
    if (n <= lane.lastPushed) {
      if (n === lane.lastPushed) this.#duplicates += 1
      else this.#outOfOrder += 1
      return
    }
    lane.lastPushed = n
    this.pushes += 1
    const intended = this.ledger.intendedAt(n)
    if (this.ledger.clientOf(n) !== lane.index && this.isMeasured(intended))
      this.#delivery.record((this.#now - intended) * 1000)
    this.reactions.pushed(lane, n, this.#now)
  }

  broken(_lane: Lane, text: string): void {
    this.#broken += 1
    this.#complain(`not expected: ${text}`)
  }

  lost(lane: Lane, reason: string): void {
    this.#lost += 1
    this.#complain(`connection ${lane.index} lost: ${reason}`)
  }

  #complain(text: string): void {
    if (this.#complaints.length < complaintsKept) this.#complaints.push(text.slice(0, 500))
  }

  /** @param receivers how many clients get each message @param isAcked whether the peer confirms at all */
  result(window: Window, receivers: number, isAcked: boolean): PeerResult {
    return {
      window,
      sent: this.ledger.columns(),
      acked: this.acks,
      unanswered: isAcked ? this.ledger.size - this.acks : 0,
      lost: this.#lost,
      broken: this.#broken,
      complaints: this.#complaints,
      pushes: this.pushes,
      undelivered: this.ledger.size * receivers - this.pushes,
      duplicatePushes: this.#duplicates,
      outOfOrder: this.#outOfOrder,
      ack: this.#ack.latency(),
      delivery: this.#delivery.latency(),
      lastMember: this.lastMember.latency(),
      lag: this.lag.latency(),
    }
  }
}
