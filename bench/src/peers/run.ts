import type { Durability } from '../engines/engine.ts'
import type { Latency } from '../histogram.ts'
import type { LoadPlan, LoadResult, Window } from '../load/plan.ts'
import { rounded, type Verdict, verdictOf } from '../report.ts'
import type { ReadBack } from '../scenarios/read-back.ts'
import type { PeerResult } from './load/plan.ts'

/** What one side did in one round. `null` = does not apply; never a zero in its place. */
export interface Run {
  /** Name and version. */
  readonly who: string
  readonly durability: Durability
  /** What the letter rests on, and what differs from how it is shipped. */
  readonly setting: string
  readonly verdict: Verdict
  /** Why it failed or is void. */
  readonly reasons: readonly string[]
  /** In the window, a second. */
  readonly acksPerSecond: number | null
  readonly deliveriesPerSecond: number | null
  readonly rowsPerSecond: number | null
  readonly ackP50Ms: number | null
  readonly ackP99Ms: number | null
  readonly deliveryP50Ms: number | null
  readonly deliveryP99Ms: number | null
  readonly lastMemberP50Ms: number | null
  readonly lastMemberP99Ms: number | null
  readonly sent: number | null
  readonly acked: number | null
  /** Acked messages that the archive gave back, right and once; null for what keeps no archive. */
  readonly readBack: number | null
  readonly missing: number | null
  readonly duplicates: number | null
  readonly outOfOrder: number | null
  /** Of its own process, per ack or delivery. */
  readonly serverCpuUsPerUnit: number | null
  readonly storeCpuUsPerUnit: number | null
  readonly rssBytes: number | null
  readonly generatorCpu: number | null
  readonly generatorLagP99Ms: number | null
}

/** Who ran, as the peer says itself. */
export type Identity = Pick<Run, 'who' | 'durability' | 'setting'>

/** A run in which nothing applies yet. */
export function blankRun(identity: Identity): Run {
  return {
    ...identity,
    verdict: 'PASS',
    reasons: [],
    acksPerSecond: null,
    deliveriesPerSecond: null,
    rowsPerSecond: null,
    ackP50Ms: null,
    ackP99Ms: null,
    deliveryP50Ms: null,
    deliveryP99Ms: null,
    lastMemberP50Ms: null,
    lastMemberP99Ms: null,
    sent: null,
    acked: null,
    readBack: null,
    missing: null,
    duplicates: null,
    outOfOrder: null,
    serverCpuUsPerUnit: null,
    storeCpuUsPerUnit: null,
    rssBytes: null,
    generatorCpu: null,
    generatorLagP99Ms: null,
  }
}

/** What both generators tell. */
interface Played {
  readonly window: Window
  readonly ack: Latency
  readonly delivery: Latency
  readonly lastMember: Latency
  readonly lag: Latency
}

type Measured = Pick<
  Run,
  | 'acksPerSecond'
  | 'deliveriesPerSecond'
  | 'ackP50Ms'
  | 'ackP99Ms'
  | 'deliveryP50Ms'
  | 'deliveryP99Ms'
  | 'lastMemberP50Ms'
  | 'lastMemberP99Ms'
  | 'serverCpuUsPerUnit'
  | 'storeCpuUsPerUnit'
  | 'rssBytes'
  | 'generatorCpu'
  | 'generatorLagP99Ms'
>

/** The columns that both sides fill alike. */
export function measured(
  { window, ack, delivery, lastMember, lag }: Played,
  kind: LoadPlan['kind'],
): Measured {
  const units = kind === 'fanout' ? window.pushes : window.acks
  const per = (cpuUs: number | undefined): number | null =>
    cpuUs === undefined ? null : rounded(cpuUs / units, 2)
  const of = (latency: Latency, at: 'p50Ms' | 'p99Ms'): number | null =>
    latency.count === 0 ? null : latency[at]
  return {
    acksPerSecond: ack.count === 0 ? null : rounded(window.acks / window.seconds),
    // Between pairs it says no more than the acks, and some servers push to the sender as well.
    deliveriesPerSecond: kind === 'fanout' ? rounded(window.pushes / window.seconds) : null,
    ackP50Ms: of(ack, 'p50Ms'),
    ackP99Ms: of(ack, 'p99Ms'),
    deliveryP50Ms: of(delivery, 'p50Ms'),
    deliveryP99Ms: of(delivery, 'p99Ms'),
    lastMemberP50Ms: of(lastMember, 'p50Ms'),
    lastMemberP99Ms: of(lastMember, 'p99Ms'),
    serverCpuUsPerUnit: per(window.serverCpuUs),
    storeCpuUsPerUnit: per(window.storeCpuUs),
    rssBytes: window.rssBytes ?? null,
    generatorCpu: rounded(window.generatorCpu, 3),
    generatorLagP99Ms: lag.p99Ms,
  }
}

const cpuLimit = 0.8
const lagLimitMs = 5

/** Why an open-loop run says nothing of its server: the generator itself was in the way. */
export function hindrances({ window, lag }: Pick<PeerResult, 'window' | 'lag'>): string[] {
  const found: string[] = []
  if (window.generatorCpu > cpuLimit)
    found.push(`the generator used ${Math.round(window.generatorCpu * 100)} % of a core (limit 80 %)`)
  if (lag.p99Ms > lagLimitMs) found.push(`the generator was ${lag.p99Ms} ms late at p99 (limit 5 ms)`)
  return found
}

/** Why a peer's run must not count as one. */
export function peerFaults(result: PeerResult, back: ReadBack | undefined): string[] {
  const counts: readonly (readonly [number, string])[] = [
    [back?.missing ?? 0, 'acked messages are missing from the archive'],
    [(back?.duplicates ?? 0) + result.duplicatePushes, 'messages were stored or pushed twice'],
    [(back?.outOfOrder ?? 0) + result.outOfOrder, 'messages out of order'],
    [back?.invented ?? 0, 'stored messages were never sent'],
    [result.unanswered, 'sends were never confirmed'],
    [result.undelivered, 'messages did not reach everybody'],
    [result.lost, 'connections were lost'],
    [result.broken, 'answers were not foreseen'],
  ]
  const found = counts.flatMap(([count, what]) => (count > 0 ? [`${count} ${what}`] : []))
  if (result.pushes === 0) found.push('nothing was delivered')
  return [...found, ...result.complaints]
}

/** The columns of correctness. */
export function checked(
  result: Pick<LoadResult, 'sent' | 'acked' | 'duplicatePushes' | 'outOfOrder'>,
  back: ReadBack | undefined,
  isAcked: boolean,
): Pick<Run, 'sent' | 'acked' | 'readBack' | 'missing' | 'duplicates' | 'outOfOrder'> {
  return {
    sent: result.sent.client.length,
    acked: isAcked ? result.acked : null,
    readBack: back === undefined ? null : result.acked - back.missing,
    missing: back?.missing ?? null,
    duplicates: (back?.duplicates ?? 0) + result.duplicatePushes,
    outOfOrder: (back?.outOfOrder ?? 0) + result.outOfOrder,
  }
}

/** Verdict and reasons; a closed loop has no schedule that a busy generator could miss. */
export function judged(
  failed: readonly string[],
  hindered: readonly string[],
): Pick<Run, 'verdict' | 'reasons'> {
  return { verdict: verdictOf(failed, hindered), reasons: [...failed, ...hindered] }
}
