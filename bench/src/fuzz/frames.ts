import { seeded } from '../random.ts'
import { type Arena, openArena, signUp } from './arena.ts'
import { type FrameCase, frameCase } from './frame-moves.ts'
import { marker, openProbe, type Probe } from './probe.ts'
import { completed, type FuzzRecord, judgeMemory, type Memory, openTally, type Tally } from './record.ts'
import { type Forecast, forecast } from './rfc6455.ts'
import type { Round } from './round.ts'
import { openWitness } from './witness.ts'

/** `websocket.max_message_size` as shipped. */
const frameLimit = 51_200
const connections = 8
const patienceMs = 5000
/** A server's caches fill in its first thousands of requests; growth after that is growth. */
const warmShare = 0.25

interface Hand {
  readonly arena: Arena
  readonly token: string
  readonly tally: Tally
  readonly seed: number
}

/** R24: mutated frames on raw sockets; what the server must do is read from the bytes by RFC 6455. */
export async function fuzzFrames(round: Round): Promise<FuzzRecord> {
  const began = performance.now()
  const arena = await openArena({ store: round.store })
  try {
    const { url, host, port } = arena.server
    const tally = openTally()
    const token = await signUp(url, 'fuzzer')
    const witness = await openWitness({ host, port, token: await signUp(url, 'witness') })
    const hand: Hand = { arena, token, tally, seed: round.seed }
    const state = { next: 0, frames: 0, before: undefined as Promise<Memory> | undefined }
    const isOver = (): boolean =>
      state.frames >= round.count || round.isLate() || !arena.lives() || witness.complaint !== undefined
    const play = async (): Promise<void> => {
      let probe: Probe | undefined
      while (!isOver()) {
        const n = state.next++
        const made = frameCase(seeded(round.seed + n))
        state.frames += made.frames
        if (state.frames >= round.count * warmShare) state.before ??= arena.memory()
        probe = await playOne(hand, probe, n, made)
      }
      await probe?.end(1000)
    }
    await Promise.all(Array.from({ length: connections }, play))
    await witness.stop()
    const after = await arena.memory()
    const sizes = judgeMemory((await state.before) ?? after, after, tally)
    if (!arena.lives()) tally.fail(`the server ended: ${arena.server.lastLines()}`)
    if (witness.complaint !== undefined) tally.fail(witness.complaint)
    const counts = {
      ...{ frames: state.frames, cases: state.next, ...tally.counts },
      ...{ 'healthy answers': witness.answered, 'slowest of them, ms': Math.round(witness.worstMs) },
    }
    const head = { id: 'R24', name: 'frames', store: round.store, seed: round.seed, settings: arena.settings }
    return completed({ ...head, counts, ...sizes, failures: tally.failures }, began)
  } finally {
    await arena.stop()
  }
}

/** Returns the connection when it may be used again. */
async function playOne(
  hand: Hand,
  before: Probe | undefined,
  n: number,
  made: FrameCase,
): Promise<Probe | undefined> {
  const probe = before ?? (await open(hand, n))
  if (probe === undefined) return undefined
  const end = marker(n)
  const bytes = Buffer.concat([made.bytes, end.frame])
  const expected = forecast(bytes, frameLimit)
  let at = 0
  for (const cut of made.cuts) {
    probe.write(bytes.subarray(at, cut))
    at = cut
    await new Promise((resolve) => setImmediate(resolve))
  }
  probe.write(bytes.subarray(at))
  const wrong = await judge(probe, expected, hand.tally)
  if (wrong !== undefined && hand.arena.lives()) {
    hand.tally.fail(
      `case ${n} (seed ${hand.seed + n}): ${wrong}; sent ${bytes.toString('hex').slice(0, 800)}`,
    )
  }
  const isUsable = wrong === undefined && expected.close === undefined && !expected.isPartial
  if (isUsable) {
    probe.forget()
    return probe
  }
  if (!(await probe.end(patienceMs)) && hand.arena.lives()) {
    hand.tally.fail(
      `case ${n} (seed ${hand.seed + n}): the server keeps a connection that its peer has ended`,
    )
  }
  return undefined
}

async function open(hand: Hand, n: number): Promise<Probe | undefined> {
  const { host, port } = hand.arena.server
  try {
    // Both codecs: one speaks in text, the other in binary.
    return await openProbe({
      host,
      port,
      token: hand.token,
      subprotocol: n % 2 === 0 ? 'nexo.v1' : undefined,
    })
  } catch (error) {
    if (hand.arena.lives()) hand.tally.fail(`case ${n}: ${String(error)}`)
    return undefined
  }
}

/** What differs from the forecast; undefined when nothing does. */
async function judge(probe: Probe, expected: Forecast, tally: Tally): Promise<string | undefined> {
  const { close, isPartial } = expected
  if (close !== undefined) {
    await probe.until(() => probe.closeCode !== undefined, patienceMs)
    const code = probe.closeCode
    tally.add(`closed with ${nameOf(code)}`)
    if (code === undefined || !close.has(code)) return `closed with ${code}, not ${[...close].join(' or ')}`
    return faultOfPongs(probe, expected.pings, true)
  }
  if (isPartial) {
    tally.add('left unfinished')
    return undefined
  }
  const pongs = (): Buffer[] =>
    probe.heard.filter(({ opcode }) => opcode === 10).map(({ payload }) => payload)
  const answers = (): number => probe.heard.filter(({ opcode }) => opcode < 3).length
  const isDone = (): boolean => answers() >= expected.messages && pongs().length >= expected.pings.length
  const came = await probe.until(isDone, patienceMs)
  tally.add('answered')
  if (probe.isEnded || probe.closeCode !== undefined)
    return `closed with ${probe.closeCode}, although nothing is wrong`
  if (!came || answers() !== expected.messages) return `${answers()} answers to ${expected.messages} messages`
  return faultOfPongs(probe, expected.pings, false)
}

function faultOfPongs(probe: Probe, pings: readonly Buffer[], mayLack: boolean): string | undefined {
  if (probe.broken !== undefined) return probe.broken
  const pongs = probe.heard.filter(({ opcode }) => opcode === 10).map(({ payload }) => payload)
  if (pongs.some((pong, i) => !pings[i]?.equals(pong))) return 'a pong is no echo of its ping'
  return !mayLack && pongs.length !== pings.length
    ? `${pongs.length} pongs to ${pings.length} pings`
    : undefined
}

const nameOf = (code = 0): string => (code < 3000 ? String(code || 'nothing') : 'a code of 3000 to 4999')
