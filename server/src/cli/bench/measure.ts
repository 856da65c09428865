import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { WebSocket } from 'ws'
import { beginClosed, measuredSeconds, type Progress, quantile, sendAtRate, untilAnswered } from './load.ts'
import { measureFsync } from './machine.ts'
import { type MeasuredServer, startMeasured } from './measured-server.ts'
import { ask, connect, type Person, type Speaker, signUp, speakerOn } from './people.ts'

/** What was found; null = it could not be measured. */
export interface Measured {
  readonly fsyncBeforeMs: number
  readonly fsyncAfterMs: number
  /** Durable acks, with `inFlight` of each sender on the way. */
  readonly acksPerSecond: number
  /** At half of that, from when a message was meant to be sent. */
  readonly calmPerSecond: number
  readonly calmP50Ms: number
  readonly calmP99Ms: number
  readonly deliveriesPerSecond: number
  readonly members: number
  readonly sessions: number
  readonly bytesPerSession: number | null
  readonly messages: number
  /** On the disk, everything else in the store included. */
  readonly bytesPerMessage: number
  /** Share of a core that this command itself used under full load. */
  readonly generatorCpu: number
}

const people = 40
const socketsEach = 5
const inFlight = 8
const groupInFlight = 4
const signUpsAtOnce = 4
const connectsAtOnce = 50
const text = 'x'.repeat(300)
const sessionsPerSecond = 100
/** What password hashes and handshakes took is given back meanwhile. */
const settleMs = 500
const pageSize = 100

/** Sockets and acks of everything that was sent, against which the store is held in the end. */
interface Ledger {
  readonly sockets: WebSocket[]
  /** Per conversation: what was acked, the client's id by seq. */
  readonly acked: Map<string, Map<number, string>>
  readonly refusals: string[]
}

/** @param seconds of load, all runs together */
export async function measure(folder: string, seconds: number, progress: Progress): Promise<Measured> {
  progress.say('disk')
  const fsyncBeforeMs = measureFsync(folder)
  progress.say('server')
  const data = join(folder, 'data')
  const server = await startMeasured(data)
  const ledger: Ledger = { sockets: [], acked: new Map(), refusals: [] }
  let found: Awaited<ReturnType<typeof underLoad>>
  try {
    found = await underLoad(server, seconds, ledger, progress)
  } finally {
    for (const socket of ledger.sockets) socket.terminate()
    await server.stop()
  }
  const messages = [...ledger.acked.values()].reduce((sum, ids) => sum + ids.size, 0)
  return {
    fsyncBeforeMs,
    fsyncAfterMs: measureFsync(folder),
    ...found,
    messages,
    bytesPerMessage: Math.round(bytesIn(data) / messages),
  }
}

async function underLoad(
  server: MeasuredServer,
  seconds: number,
  ledger: Ledger,
  progress: Progress,
): Promise<Omit<Measured, 'fsyncBeforeMs' | 'fsyncAfterMs' | 'messages' | 'bytesPerMessage'>> {
  const { url } = server
  const numbers = Array.from({ length: people }, (_, i) => i)
  const crew = await inTurns(numbers, signUpsAtOnce, progress, 'signing up', (i) => signUp(url, `bench-${i}`))
  const sessions = Math.max(400, Math.round(seconds * sessionsPerSecond))
  const bytesPerSession = await priceOfSession(server, crew, sessions, progress)
  const pairs = await Promise.all(crew.map((person) => connect(url, person)))
  ledger.sockets.push(...pairs)
  const full = await capacity(pairs, seconds * 0.4, ledger, progress)
  const calm = await calmRun(pairs, full.acksPerSecond / 2, seconds * 0.4, ledger, progress)
  const group = await fanOut(url, crew, seconds * 0.2, ledger, progress)
  await judge(url, crew, ledger, progress)
  return { ...full, ...calm, ...group, sessions, bytesPerSession }
}

async function inTurns<T, R>(
  items: readonly T[],
  atOnce: number,
  { signal, say }: Progress,
  what: string,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const done: R[] = []
  for (let i = 0; i < items.length; i += atOnce) {
    signal.throwIfAborted()
    say(`${what}: ${i} of ${items.length}`)
    done.push(...(await Promise.all(items.slice(i, i + atOnce).map(work))))
  }
  return done
}

/** The first fifth pays for what the server needs once; null when memory moved too much to tell. */
async function priceOfSession(
  server: MeasuredServer,
  crew: readonly Person[],
  sessions: number,
  progress: Progress,
): Promise<number | null> {
  const sockets: WebSocket[] = []
  const open = async (count: number): Promise<void> => {
    const owners = Array.from({ length: count }, (_, i) => crew[i % crew.length] as Person)
    sockets.push(
      ...(await inTurns(owners, connectsAtOnce, progress, 'opening sessions', (one) =>
        connect(server.url, one),
      )),
    )
  }
  try {
    await open(Math.ceil(sessions / 5))
    await sleep(settleMs, undefined, { signal: progress.signal })
    const before = await server.memory()
    const first = sockets.length
    await open(sessions - first)
    await sleep(settleMs, undefined, { signal: progress.signal })
    const grown = (await server.memory()) - before
    return grown > 0 ? Math.round(grown / (sockets.length - first)) : null
  } finally {
    for (const socket of sockets) socket.terminate()
  }
}

/** The conversation of a pair; the ids are sorted as the server sorts them. */
function chatOf(i: number): string {
  return `si_${[`bench-${i}`, `bench-${i ^ 1}`].toSorted().join(':')}`
}

function speakersOf(
  sockets: readonly WebSocket[],
  ledger: Ledger,
  acked: (ms: number, speaker: Speaker) => void,
  run: string,
): Speaker[] {
  return sockets.map((socket, i) => {
    const speaker: Speaker = speakerOn(socket, { recv_id: `bench-${i ^ 1}` }, text, run, {
      acked: (ms, seq, id) => {
        note(ledger, chatOf(i), seq, id)
        acked(ms, speaker)
      },
      refused: (words) => ledger.refusals.push(words),
    })
    return speaker
  })
}

/** The same seq twice is no ack: it is missed when everything is read back. */
function note(ledger: Ledger, conversation: string, seq: number, id: string): void {
  const ids = ledger.acked.get(conversation) ?? new Map<number, string>()
  if (ids.has(seq)) ledger.refusals.push(`${conversation}: ${seq} was given twice`)
  ledger.acked.set(conversation, ids.set(seq, id))
}

async function capacity(
  sockets: readonly WebSocket[],
  seconds: number,
  ledger: Ledger,
  progress: Progress,
): Promise<Pick<Measured, 'acksPerSecond' | 'generatorCpu'>> {
  const loop = beginClosed(seconds)
  let acks = 0
  const again = (_: number, speaker: Speaker): void => {
    if (loop.isMeasured) acks += 1
    if (!loop.isOver) speaker.send(performance.now())
  }
  const speakers = speakersOf(sockets, ledger, again, 'full')
  const before = process.cpuUsage()
  for (const speaker of speakers) for (let i = 0; i < inFlight; i++) speaker.send(performance.now())
  await untilAnswered(seconds, speakers, () => `as fast as it goes: ${acks} acknowledged`, progress)
  const { user, system } = process.cpuUsage(before)
  return {
    acksPerSecond: Math.round(acks / measuredSeconds(seconds)),
    generatorCpu: Math.round((user + system) / seconds / 1e4) / 100,
  }
}

async function calmRun(
  sockets: readonly WebSocket[],
  rate: number,
  seconds: number,
  ledger: Ledger,
  progress: Progress,
): Promise<Pick<Measured, 'calmPerSecond' | 'calmP50Ms' | 'calmP99Ms'>> {
  const loop = beginClosed(seconds)
  const times: number[] = []
  const speakers = speakersOf(
    sockets,
    ledger,
    (ms) => {
      if (loop.isMeasured) times.push(ms)
    },
    'calm',
  )
  await sendAtRate(rate, seconds, speakers, () => `at half of that: ${times.length} acknowledged`, progress)
  const shown = (share: number): number => Math.round(quantile(times, share) * 100) / 100
  return { calmPerSecond: Math.round(rate), calmP50Ms: shown(0.5), calmP99Ms: shown(0.99) }
}

async function fanOut(
  url: string,
  crew: readonly Person[],
  seconds: number,
  ledger: Ledger,
  progress: Progress,
): Promise<Pick<Measured, 'deliveriesPerSecond' | 'members'>> {
  const [founder, ...others] = crew as [Person, ...Person[]]
  const group = await ask<{ id: string }>(
    url,
    '/group/create',
    { name: 'bench', member_ids: others.map(({ id }) => id) },
    founder.token,
  )
  const owners = others.flatMap((person) => Array.from({ length: socketsEach }, () => person))
  const listeners = await inTurns(owners, connectsAtOnce, progress, 'filling a group', (one) =>
    connect(url, one),
  )
  const voice = await connect(url, founder)
  ledger.sockets.push(...listeners, voice)
  const loop = beginClosed(seconds)
  let deliveries = 0
  const mark = Buffer.from(text)
  for (const listener of listeners)
    listener.on('message', (raw: Buffer) => {
      if (loop.isMeasured && raw.includes(mark)) deliveries += 1
    })
  const speaker: Speaker = speakerOn(voice, { group_id: group.id }, text, 'group', {
    acked: (_, seq, id) => {
      note(ledger, `sg_${group.id}`, seq, id)
      if (!loop.isOver) speaker.send(performance.now())
    },
    refused: (words) => ledger.refusals.push(words),
  })
  for (let i = 0; i < groupInFlight; i++) speaker.send(performance.now())
  await untilAnswered(
    seconds,
    [speaker],
    () => `to ${listeners.length} at once: ${deliveries} delivered`,
    progress,
  )
  return {
    deliveriesPerSecond: Math.round(deliveries / measuredSeconds(seconds)),
    members: listeners.length,
  }
}

interface Stored {
  readonly seq: number
  readonly client_msg_id: string
}

/** A speed counts when everything that was acked is read back, once and in order. Throws when it is not. */
async function judge(
  url: string,
  crew: readonly Person[],
  { acked, refusals }: Ledger,
  { signal, say }: Progress,
): Promise<void> {
  if (refusals.length > 0) throw new Error(`${refusals.length} messages were refused: ${refusals[0]}`)
  let read = 0
  for (const [conversation, ids] of acked) {
    const reader = crew.find((_, i) => chatOf(i) === conversation) ?? (crew[0] as Person)
    for (let seq = 1; seq <= ids.size; seq += pageSize) {
      signal.throwIfAborted()
      say(`reading back: ${read} messages`)
      const page = await pull(url, reader, conversation, seq)
      const wanted = Math.min(pageSize, ids.size - seq + 1)
      if (
        page.length !== wanted ||
        page.some((one, i) => one.seq !== seq + i || ids.get(one.seq) !== one.client_msg_id)
      )
        throw new Error(`${conversation}: what was acknowledged from ${seq} on is not what is stored`)
      read += page.length
    }
  }
}

async function pull(
  url: string,
  { token }: Person,
  conversation: string,
  from: number,
): Promise<readonly Stored[]> {
  const query = `conversation_id=${encodeURIComponent(conversation)}&begin_seq=${from}&end_seq=${from + pageSize - 1}&limit=${pageSize}`
  return (await ask<{ messages: readonly Stored[] }>(url, `/msg/pull?${query}`, undefined, token)).messages
}

function bytesIn(folder: string): number {
  return readdirSync(folder)
    .filter((name) => name.startsWith('nexo.db'))
    .reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
}
