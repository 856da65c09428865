import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { Histogram, type Latency } from '../histogram.ts'
import { inParallel } from '../parallel.ts'
import { readProcesses } from '../process-stats.ts'
import type { Random } from '../random.ts'
import { answerReader } from '../wire/answer-reader.ts'
import { digitsOf } from '../wire/digits.ts'
import { Link, type LinkAddress, readBuffer } from '../wire/link.ts'
import { sendTemplate, type Target } from '../wire/send-template.ts'
import { type Record, StormSession } from './storm-session.ts'

export interface StormPlan {
  readonly sessions: readonly { readonly address: LinkAddress; readonly conversations: readonly string[] }[]
  /** The writer is in each, and stays connected. */
  readonly conversations: readonly { readonly id: string; readonly target: Target }[]
  readonly writer: LinkAddress
  /** Messages a second, in one conversation after the other. */
  readonly rate: number
  readonly text: string
  readonly serverPids: readonly number[]
  readonly random: Random
  /** Who is not back by then is not waited for. */
  readonly patienceMs: number
  /** Time that messages are written before the cut, and again after all are back. */
  readonly leadMs: number
  say(progress: string): void
}

export interface StormResult {
  /** From the cut to the moment at which a session lacked nothing. */
  readonly inSync: Latency
  /** From an open connection to that. */
  readonly syncing: Latency
  /** Sessions that never came back. */
  readonly away: number
  readonly attempts: number
  /** Why some of them failed, and how many. */
  readonly failures: Readonly<{ [why: string]: number }>
  readonly sent: number
  readonly acked: number
  /** Messages that a session lacked in the end, over all sessions. */
  readonly missing: number
  readonly wrong: number
  /** The first few, in words. */
  readonly examples: readonly string[]
  readonly serverCpuUs: number | undefined
  /** CPU of this process from the cut to the last in sync: it shares the machine. */
  readonly generatorCpuUs: number
  readonly rssBytes: number | undefined
}

const openedAtOnce = 64
const examplesKept = 5
const firstWaitMs = 500
const longestWaitMs = 30_000
const drainMs = 1500

/** Cuts all sessions at once while messages go on being written, and waits until all are back and lack nothing. */
export async function storm(plan: StormPlan): Promise<StormResult> {
  const { say } = plan
  const book = bookOf()
  const shared = readBuffer()
  const sessions = plan.sessions.map(({ conversations }) => new StormSession(conversations, book.record))
  const links: Link[] = []
  const failures: { [why: string]: number } = {}
  let attempts = 0
  const connect = async (i: number): Promise<Link> => {
    const session = sessions[i] as StormSession
    const link = await new Link(
      i,
      { ...(plan.sessions[i] as StormPlan['sessions'][number]).address, subprotocol: 'nexo.v1' },
      shared,
      {
        frame: (_, bytes, start, end) => session.take(bytes, start, end),
        readEnd: () => undefined,
        lost: (_, reason) => book.record.wrong(`session ${i} was lost: ${reason}`),
      },
    ).opened()
    links[i] = link
    return link
  }
  const all = sessions.map((_, i) => i)
  await inParallel(all, openedAtOnce, async (i) => (sessions[i] as StormSession).sync(await connect(i)))
  const writer = await startWriter(plan, book, shared)
  await sleep(plan.leadMs)
  say(`cutting ${sessions.length} sessions`)
  const before = readProcesses(plan.serverPids)
  const own = process.cpuUsage()
  for (const link of links) link.close()
  const cutAt = performance.now()
  const inSync = new Histogram()
  const syncing = new Histogram()
  const back = async (i: number): Promise<void> => {
    for (let attempt = 1; performance.now() < cutAt + plan.patienceMs; attempt++) {
      await sleep(plan.random() * Math.min(longestWaitMs, firstWaitMs * 2 ** (attempt - 1)))
      attempts += 1
      const link = await connect(i).catch((error: Error) => {
        const why = error.message.slice(0, 160)
        failures[why] = (failures[why] ?? 0) + 1
        return undefined
      })
      if (link === undefined) continue
      const opened = performance.now()
      const at = await (sessions[i] as StormSession).sync(link)
      inSync.record((at - cutAt) * 1000)
      syncing.record((at - opened) * 1000)
      return
    }
  }
  await patiently(Promise.all(all.map(back)), plan.patienceMs)
  const after = readProcesses(plan.serverPids)
  const { user, system } = process.cpuUsage(own)
  // What is written once all are back must come to them as pushes again.
  await sleep(plan.leadMs)
  await writer.stop()
  await sleep(drainMs)
  for (const link of links) link.close()
  return {
    inSync: inSync.latency(),
    syncing: syncing.latency(),
    away: sessions.length - inSync.count,
    attempts,
    failures,
    sent: writer.sent(),
    acked: book.acked(),
    missing: plan.sessions.reduce(
      (sum, { conversations }, i) => sum + book.lacking(sessions[i] as StormSession, conversations),
      0,
    ),
    ...book.findings(),
    serverCpuUs: before && after ? after.cpuUs - before.cpuUs : undefined,
    generatorCpuUs: user + system,
    rssBytes: after?.rssBytes,
  }
}

/** Waits for `work`, at most this long. */
async function patiently(work: Promise<unknown>, ms: number): Promise<void> {
  const late = new AbortController()
  await Promise.race([work, sleep(ms, undefined, { signal: late.signal }).catch(() => undefined)])
  late.abort()
}

/** What was acked, and what was shown under which seq: the same for all. */
interface Book {
  readonly record: Record
  acked(): number
  /** `n` was acked with this seq. */
  ack(conversation: string, n: number, seq: number): void
  lacking(session: StormSession, conversations: readonly string[]): number
  findings(): Pick<StormResult, 'wrong' | 'examples'>
}

function bookOf(): Book {
  const shown = new Map<string, string[]>()
  const acks: { readonly id: string; readonly n: number; readonly seq: number }[] = []
  const tops = new Map<string, number>()
  const examples: string[] = []
  let wrong = 0
  const record: Record = {
    wrong: (what) => {
      wrong += 1
      if (examples.length < examplesKept) examples.push(what)
    },
    saw: (id, seq, clientId) => {
      const ids = shown.get(id) ?? []
      shown.set(id, ids)
      ids[seq] ??= clientId
      return ids[seq] === clientId
    },
  }
  return {
    record,
    acked: () => acks.length,
    ack: (id, n, seq) => {
      acks.push({ id, n, seq })
      tops.set(id, Math.max(tops.get(id) ?? 0, seq))
    },
    lacking: (session, conversations) =>
      conversations.reduce((sum, id) => sum + Math.max(0, (tops.get(id) ?? 0) - session.upTo(id)), 0),
    findings: () => {
      for (const { id, n, seq } of acks) {
        const found = shown.get(id)?.[seq]
        if (found !== digitsOf(n))
          record.wrong(`${id}: seq ${seq} was acked to ${digitsOf(n)} and shown as ${found}`)
      }
      return { wrong, examples }
    },
  }
}

interface Writer {
  sent(): number
  /** Nothing is written afterwards; resolves when all is answered, or will not be. */
  stop(): Promise<void>
}

const answersMs = 5000

async function startWriter(plan: StormPlan, book: Book, shared: Uint8Array): Promise<Writer> {
  const reader = answerReader<Link>('nexo.v1')
  const idOf = (n: number): string => (plan.conversations[n % plan.conversations.length] as { id: string }).id
  const sink = {
    acked: (_: Link, n: number, seq: number) => book.ack(idOf(n), n, seq),
    refused: (_: Link, n: number, frame: string) => book.record.wrong(`message ${n} was refused: ${frame}`),
    pushed: () => undefined,
    resync: () => undefined,
    broken: (_: Link, frame: string) => book.record.wrong(`the writer did not expect ${frame}`),
  }
  const link = await new Link(0, { ...plan.writer, subprotocol: 'nexo.v1' }, shared, {
    frame: (from, bytes, start, end) => reader(sink, from, bytes, start, end),
    readEnd: () => undefined,
    lost: (_, reason) => book.record.wrong(`the writer was lost: ${reason}`),
  }).opened()
  const templates = plan.conversations.map(({ target }) => sendTemplate('nexo.v1', target, plan.text))
  let sent = 0
  const began = performance.now()
  const timer = setInterval(() => {
    for (; began + (sent * 1000) / plan.rate <= performance.now(); sent++) {
      const template = templates[sent % templates.length] as (typeof templates)[number]
      const frame = Buffer.from(template.frame)
      template.stamp(frame, 0, sent)
      link.socket.write(frame)
    }
  }, 5)
  return {
    sent: () => sent,
    stop: async () => {
      clearInterval(timer)
      const until = performance.now() + answersMs
      while (book.acked() < sent && performance.now() < until) await sleep(50)
      if (book.acked() < sent) book.record.wrong(`${sent - book.acked()} messages were never acked`)
      link.close()
    },
  }
}
