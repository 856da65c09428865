import { performance } from 'node:perf_hooks'
import { Histogram } from '../histogram.ts'
import type { AnswerSink } from '../wire/answer-reader.ts'
import type { Link } from '../wire/link.ts'
import { Ledger } from './ledger.ts'
import { createPhases, type Phases } from './phases.ts'
import type {
  GroupsPlan,
  LoadPlan,
  LoadResult,
  OpenPlan,
  PlannedConversation,
  StalledClient,
} from './plan.ts'
import { Seats } from './seats.ts'

/** How a scenario reacts to what the tally saw. */
export interface Reactions {
  acked(link: Link, n: number, now: number): void
  /** A push that this link had not seen before. */
  pushed(link: Link, n: number, now: number): void
}

type TallyPlan = Pick<LoadPlan, 'clients' | 'conversations' | 'parts'> &
  Partial<Pick<GroupsPlan, 'stall'>> &
  Partial<Pick<OpenPlan, 'phases'>>

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
  written = 0
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
  readonly #seats: Seats
  /** Whether pushes carry seqs that can be judged; the ceilings' do not. */
  readonly #ordered: boolean
  readonly #stalled: Map<number, { resyncs: number; lost: string | undefined }>
  readonly #parts: readonly Histogram[]
  readonly #phases: Phases | undefined
  #from = 0
  #to = 0
  #now = 0

  constructor(plan: TallyPlan) {
    this.#seats = new Seats(plan.clients.length, plan.conversations)
    this.#ordered = plan.conversations.length > 0
    const stalled = plan.stall?.clients ?? []
    this.#stalled = new Map(stalled.map((client) => [client, { resyncs: 0, lost: undefined }]))
    this.#phases = plan.phases && createPhases(plan.phases)
    this.#parts = Array.from({ length: plan.parts ?? 0 }, () => new Histogram())
  }

  /** Messages intended in [from, to) are measured; phases begin at `origin`. */
  measure(from: number, to: number, origin: number = from): void {
    this.#from = from
    this.#to = to
    this.#phases?.begin(origin)
  }

  isMeasured(intended: number): boolean {
    return intended >= this.#from && intended < this.#to
  }

  isStalled(client: number): boolean {
    return this.#stalled.has(client)
  }

  /** A message of this client in `conversation`, by default its only one. */
  sent(
    client: number,
    intended: number,
    written: number,
    conversation: number = this.#seats.homeOf(client),
  ): number {
    this.written += 1
    this.#phases?.written(intended)
    return this.ledger.add(client, intended, written, conversation)
  }

  /** A message that somebody writes at its time, here or elsewhere. */
  planned(client: number, intended: number, conversation: number): number {
    return this.ledger.add(client, intended, Number.NaN, conversation)
  }

  wrote(n: number, at: number): void {
    this.written += 1
    this.ledger.setWritten(n, at)
  }

  /** Written, but neither acked nor refused. */
  get unanswered(): number {
    return this.written - this.acks - this.refusals
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
    if (this.#ordered) this.#seats.acked(this.ledger.conversationOf(n), seq)
    const intended = this.ledger.intendedAt(n)
    const us = (this.#now - intended) * 1000
    if (this.isMeasured(intended)) this.ack.record(us)
    this.#phases?.acked(intended, us)
    this.reactions.acked(link, n, this.#now)
  }

  pushed(link: Link, n: number, seq: number): void {
    if (n < 0 || n >= this.ledger.size) return this.broken(link, `push of message ${n}`)
    this.pushes += 1
    if (this.#ordered && !this.#follows(link, n, seq)) return
    if (this.ledger.clientOf(n) !== link.index && !this.isStalled(link.index)) this.#arrived(n)
    this.reactions.pushed(link, n, this.#now)
  }

  #arrived(n: number): void {
    const intended = this.ledger.intendedAt(n)
    const us = (this.#now - intended) * 1000
    this.#phases?.delivered(intended, us)
    if (!this.isMeasured(intended)) return
    this.delivery.record(us)
    const written = this.ledger.writtenAt(n)
    // Written by another process: when, is not known here.
    if (!Number.isNaN(written)) this.service.record((this.#now - written) * 1000)
    if (this.#parts.length === 0) return
    const part = Math.floor(((intended - this.#from) / (this.#to - this.#from)) * this.#parts.length)
    this.#parts[part]?.record(us)
  }

  /** Whether this seq is new on the link; holes and steps back are counted. */
  #follows(link: Link, n: number, seq: number): boolean {
    // From its first resync notice on a stalled client knows where it must fetch from.
    if ((this.#stalled.get(link.index)?.resyncs ?? 0) > 0) return false
    const step = this.#seats.pushed(link.index, this.ledger.conversationOf(n), seq)
    if (step === 'next') return true
    if (step === 'again') this.#duplicates += 1
    else if (step === 'back') this.#outOfOrder += 1
    else if (step === 'stranger') this.broken(link, `push of message ${n} to no member`)
    else this.#outOfOrder += step
    return typeof step === 'number'
  }

  resync(link: Link, conversations: Readonly<Record<string, number>>): void {
    this.#resyncs += 1
    const stalled = this.#stalled.get(link.index)
    if (stalled !== undefined) stalled.resyncs += 1
    for (const [id, seq] of Object.entries(conversations)) {
      const conversation = this.#seats.indexOf(id)
      if (conversation === undefined) this.broken(link, `a resync of ${id}`)
      // Who had not read goes back to where it was, and fetches from there.
      else if (stalled === undefined) this.#leftOut += this.#seats.told(link.index, conversation, seq)
    }
  }

  refused(link: Link, n: number, frame: string): void {
    if (n < 0 || n >= this.ledger.size) return this.broken(link, frame)
    this.refusals += 1
    link.outstanding -= 1
    if (this.#phases) this.#phases.refused(this.ledger.intendedAt(n), frame)
    else this.#complain(`refused: ${frame}`)
  }

  broken(_link: Link, frame: string): void {
    this.#broken += 1
    this.#complain(`not expected: ${frame}`)
  }

  lost(link: Link, reason: string): void {
    const stalled = this.#stalled.get(link.index)
    if (stalled !== undefined) {
      stalled.lost = reason
      return
    }
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
      written: this.written,
      unanswered: this.unanswered,
      lost: this.#lost,
      broken: this.#broken,
      complaints: this.#complaints,
      pushes: this.pushes,
      duplicatePushes: this.#duplicates,
      outOfOrder: this.#outOfOrder,
      resyncs: this.#resyncs,
      leftOut: this.#leftOut,
      unpushed: this.#seats.lacking(new Set(this.#stalled.keys())),
      ack: this.ack.latency(),
      delivery: this.delivery.latency(),
      service: this.service.latency(),
      lastMember: this.lastMember.latency(),
      lag: this.lag.latency(),
      ...(this.#phases && { phases: this.#phases.figures() }),
      ...(this.#parts.length > 0 && { parts: this.#parts.map((part) => part.latency()) }),
      ...(this.#stalled.size > 0 && { stalled: this.#stalledClients() }),
    }
  }

  /** Of each conversation, of those of its members that `isHere`. */
  lastSeqs(
    conversations: readonly PlannedConversation[],
    isHere: (client: number) => boolean,
  ): Uint32Array[] {
    return conversations.map(({ members }, c) =>
      Uint32Array.from(members.filter(isHere), (member) => this.#seats.lastOf(member, c)),
    )
  }

  #stalledClients(): StalledClient[] {
    return [...this.#stalled].map(([client, { resyncs, lost }]) => ({
      ...{ client, resyncs, lost },
      lastSeq: this.#seats.lastOf(client, this.#seats.homeOf(client)),
    }))
  }
}
