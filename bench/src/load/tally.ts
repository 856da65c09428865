import { performance } from 'node:perf_hooks'
import { Histogram } from '../histogram.ts'
import type { AnswerSink } from '../wire/answer-reader.ts'
import type { Link } from '../wire/link.ts'
import { Ledger } from './ledger.ts'
import type { LoadResult } from './plan.ts'

/** How a scenario reacts to what the tally saw. */
export interface Reactions {
  acked(link: Link, n: number, now: number): void
  /** A push that this link had not seen before. */
  pushed(link: Link, n: number, now: number): void
}

const complaintsKept = 5

/** Counts and judges everything that comes back; latencies only of messages that belong to the window. */
export class Tally implements AnswerSink<Link> {
  readonly ledger: Ledger = new Ledger()
  readonly ack: Histogram = new Histogram()
  readonly delivery: Histogram = new Histogram()
  readonly service: Histogram = new Histogram()
  readonly lastMember: Histogram = new Histogram()
  readonly lag: Histogram = new Histogram()
  reactions: Reactions = { acked: () => undefined, pushed: () => undefined }
  acks = 0
  pushes = 0
  refusals = 0
  #lost = 0
  #broken = 0
  #duplicates = 0
  #outOfOrder = 0
  #resyncs = 0
  #leftOut = 0
  readonly #complaints: string[] = []
  /** Whether pushes carry seqs that can be judged; the ceilings' do not. */
  readonly #ordered: boolean
  #from = 0
  #to = 0
  #now = 0

  constructor(ordered: boolean) {
    this.#ordered = ordered
  }

  /** Messages intended in [from, to) are measured. */
  measure(from: number, to: number): void {
    this.#from = from
    this.#to = to
  }

  isMeasured(intended: number): boolean {
    return intended >= this.#from && intended < this.#to
  }

  /** One clock reading serves all frames of a read. */
  tick(): void {
    this.#now = performance.now()
  }

  acked(link: Link, n: number, seq: number, serverId: number): void {
    if (n < 0 || n >= this.ledger.size || this.ledger.isAcked(n))
      return this.broken(link, `ack for message ${n}`)
    this.acks += 1
    link.outstanding -= 1
    this.ledger.setAck(n, seq === 0 ? 1 : seq, serverId)
    const intended = this.ledger.intendedAt(n)
    if (this.isMeasured(intended)) this.ack.record((this.#now - intended) * 1000)
    this.reactions.acked(link, n, this.#now)
  }

  pushed(link: Link, n: number, seq: number): void {
    if (n < 0 || n >= this.ledger.size) return this.broken(link, `push of message ${n}`)
    this.pushes += 1
    if (this.#ordered && !this.#follows(link, seq)) return
    if (this.ledger.clientOf(n) !== link.index) {
      const intended = this.ledger.intendedAt(n)
      if (this.isMeasured(intended)) {
        this.delivery.record((this.#now - intended) * 1000)
        this.service.record((this.#now - this.ledger.writtenAt(n)) * 1000)
      }
    }
    this.reactions.pushed(link, n, this.#now)
  }

  /** Whether this seq is new on the link; holes and steps back are counted. */
  #follows(link: Link, seq: number): boolean {
    const expected = link.lastSeq + 1
    if (seq === expected) {
      link.lastSeq = seq
      return true
    }
    if (seq < expected) {
      if (seq === link.lastSeq) this.#duplicates += 1
      else this.#outOfOrder += 1
      return false
    }
    this.#outOfOrder += seq - expected
    link.lastSeq = seq
    return true
  }

  resync(link: Link, seq: number): void {
    this.#resyncs += 1
    if (seq > link.lastSeq) {
      this.#leftOut += seq - link.lastSeq
      link.lastSeq = seq
    }
  }

  refused(link: Link, _n: number, frame: string): void {
    this.refusals += 1
    link.outstanding -= 1
    this.#complain(`refused: ${frame}`)
  }

  broken(_link: Link, frame: string): void {
    this.#broken += 1
    this.#complain(`not expected: ${frame}`)
  }

  lost(link: Link, reason: string): void {
    this.#lost += 1
    this.#complain(`connection ${link.index} lost: ${reason}`)
  }

  #complain(text: string): void {
    if (this.#complaints.length < complaintsKept) this.#complaints.push(text.slice(0, 500))
  }

  result(window: LoadResult['window']): LoadResult {
    return {
      window,
      sent: this.ledger.columns(),
      acked: this.acks,
      refused: this.refusals,
      unanswered: this.ledger.size - this.acks - this.refusals,
      lost: this.#lost,
      broken: this.#broken,
      complaints: this.#complaints,
      pushes: this.pushes,
      duplicatePushes: this.#duplicates,
      outOfOrder: this.#outOfOrder,
      resyncs: this.#resyncs,
      leftOut: this.#leftOut,
      ack: this.ack.latency(),
      delivery: this.delivery.latency(),
      service: this.service.latency(),
      lastMember: this.lastMember.latency(),
      lag: this.lag.latency(),
    }
  }
}
