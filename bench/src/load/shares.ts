import { Histogram } from '../histogram.ts'
import { turnOf } from './groups.ts'
import { messagesOf } from './open.ts'
import type { GroupsPlan, LoadResult, SentColumns, ShareFigures, StalledClient } from './plan.ts'

/** What somebody's latency counts as who never got the message: it must not flatter the slowest. */
const neverUs = 3_000_000

/**
 * The clients dealt to processes: those who send apart from those who only listen, because a process that reads
 * thousands of sockets is late with what it should write.
 */
export function sharesOf({ clients, conversations }: GroupsPlan, listeners: number): number[][] {
  const senders = new Set(conversations.flatMap((group) => group.senders))
  const rest = clients.map((_, i) => i).filter((i) => !senders.has(i))
  const size = Math.ceil(rest.length / listeners)
  const chunks = Array.from({ length: listeners }, (_, k) => rest.slice(k * size, (k + 1) * size))
  return [[...senders], ...chunks].filter((share) => share.length > 0)
}

/** Puts together what the processes of one load saw; the first one's figures of the server stand for all. */
export function together(plan: GroupsPlan, results: readonly LoadResult[]): LoadResult {
  const [first] = results as readonly [LoadResult]
  const shares = results.flatMap(({ share }) => (share === undefined ? [] : [share]))
  const sum = (of: (result: LoadResult) => number): number => results.reduce((total, r) => total + of(r), 0)
  const merged = (of: (share: ShareFigures) => Parameters<Histogram['add']>[0]): Histogram => {
    const histogram = new Histogram()
    for (const share of shares) histogram.add(of(share))
    return histogram
  }
  const sent = sentBy(results)
  const busiest = Math.max(...results.map(({ window }) => window.generatorCpu))
  const { share: _, ...rest } = first
  return {
    ...rest,
    window: {
      ...first.window,
      acks: sum(({ window }) => window.acks),
      pushes: sum(({ window }) => window.pushes),
      generatorCpu: busiest,
    },
    sent,
    written: sum((r) => r.written),
    acked: sum((r) => r.acked),
    refused: sum((r) => r.refused),
    unanswered: sum((r) => r.unanswered),
    lost: sum((r) => r.lost),
    broken: sum((r) => r.broken),
    complaints: results.flatMap((r) => r.complaints),
    pushes: sum((r) => r.pushes),
    duplicatePushes: sum((r) => r.duplicatePushes),
    outOfOrder: sum((r) => r.outOfOrder),
    resyncs: sum((r) => r.resyncs),
    leftOut: sum((r) => r.leftOut),
    unpushed: lackingOf(plan, sent, shares),
    ack: merged((share) => share.ack).latency(),
    delivery: merged((share) => share.delivery).latency(),
    service: merged((share) => share.service).latency(),
    lastMember: lastMembers(plan, sent, shares).latency(),
    ...stalledOf(results),
  }
}

function stalledOf(results: readonly LoadResult[]): { readonly stalled?: readonly StalledClient[] } {
  const stalled = new Map<number, StalledClient>()
  // Every process knows of all that stall; the one that plays a client has seen the most of it.
  for (const one of results.flatMap((result) => result.stalled ?? [])) {
    const known = stalled.get(one.client)
    if (known === undefined || one.lastSeq > known.lastSeq) stalled.set(one.client, one)
  }
  return stalled.size === 0 ? {} : { stalled: [...stalled.values()] }
}

/** An ack is known to the process that sent the message. */
function sentBy(results: readonly LoadResult[]): SentColumns {
  const [first] = results as readonly [LoadResult]
  const seq = first.sent.seq.slice()
  const serverId = first.sent.serverId.slice()
  for (const { sent } of results) {
    for (let n = 0; n < seq.length; n++) {
      if (sent.seq[n] === 0) continue
      seq[n] = sent.seq[n] as number
      serverId[n] = sent.serverId[n] as number
    }
  }
  return { client: first.sent.client, seq, serverId }
}

/** Acked messages behind the last one that a member has. */
function lackingOf(plan: GroupsPlan, sent: SentColumns, shares: readonly ShareFigures[]): number {
  const tops = new Uint32Array(plan.conversations.length)
  for (let n = 0; n < sent.seq.length; n++) {
    const { group } = turnOf(plan.conversations, n)
    tops[group] = Math.max(tops[group] as number, sent.seq[n] as number)
  }
  let lacking = 0
  for (const { lastSeqs } of shares)
    for (const [group, seqs] of lastSeqs.entries())
      for (const seq of seqs) lacking += Math.max(0, (tops[group] as number) - seq)
  return lacking
}

function lastMembers(plan: GroupsPlan, sent: SentColumns, shares: readonly ShareFigures[]): Histogram {
  const histogram = new Histogram()
  const stalled = new Set(plan.stall?.clients)
  const awaited = plan.conversations.map(({ members }) => members.filter((m) => !stalled.has(m)).length)
  const total = messagesOf(plan)
  for (let n = Math.ceil(total * plan.warmUp); n < total; n++) {
    if (sent.seq[n] === 0) continue
    let arrivals = 0
    let last = 0
    for (const share of shares) {
      arrivals += share.arrivals[n] as number
      last = Math.max(last, share.lastUs[n] as number)
    }
    const { group } = turnOf(plan.conversations, n)
    histogram.record(arrivals < (awaited[group] as number) ? Math.max(last, neverUs) : last)
  }
  return histogram
}
