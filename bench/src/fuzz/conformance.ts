import { setTimeout as sleep } from 'node:timers/promises'
import { type Arena, openArena, signUp } from './arena.ts'
import type { Case, Step } from './conformance-case.ts'
import { closeCases } from './conformance-close.ts'
import { framingCases } from './conformance-framing.ts'
import { sizeCases } from './conformance-size.ts'
import { textCases } from './conformance-text.ts'
import { marker, openProbe, type Probe } from './probe.ts'
import { completed, type FuzzRecord, openTally, type Row } from './record.ts'
import type { Round } from './round.ts'

const patienceMs = 4000
/** 16 MiB on a busy machine. */
const largePatienceMs = 20_000
const notAFrame = 5003
const large = { name: 'websocket.max_message_size', value: 16_777_216, shipped: 51_200 }

const notes: Readonly<Record<string, string>> = {
  '1': 'lengths: a request padded with white space, its number is the echo; nothing at all is refused as no request',
  '2': 'pings and pongs: as they are',
  '3': 'reserved bits: as they are, what came before may be answered',
  '4': 'reserved opcodes: as they are, what came before may be answered',
  '5': 'fragments: of a request, its number is the echo',
  '6': 'UTF-8: inside the number of a request, which is echoed; early failing (6.4) is not asked for, failing is',
  '7': 'closing: as it is; 1004 to 1006 and 1016 are refused, 1012 to 1014 are left to the server',
  '9': 'large messages: padded requests, limit raised to 16 MiB; more than 16,384 fragments are refused with 1008',
  '10': 'fragments of 1300 bytes: of a padded request',
  L: 'own: the shipped limit of 51,200 bytes, whole, in fragments, and claimed',
}

/** R29: about 300 cases of RFC 6455 after the well-known suite, 100 % of which must hold. */
export async function checkConformance(round: Round): Promise<FuzzRecord> {
  const began = performance.now()
  const cases = [...framingCases(), ...textCases(), ...closeCases(), ...sizeCases()]
  const tally = openTally()
  const rows = new Map<string, { cases: number; passed: number }>()
  for (const isLarge of [false, true]) {
    const arena = await openArena({ store: round.store, ...(isLarge && { limits: [large] }) })
    try {
      const token = await signUp(arena.server.url, 'suite')
      for (const one of cases.filter((c) => (c.large ?? false) === isLarge)) {
        const wrong = await play(arena, token, one)
        const group = one.id.split('.')[0] as string
        const row = rows.get(group) ?? { cases: 0, passed: 0 }
        row.cases += 1
        if (wrong === undefined) row.passed += 1
        else tally.fail(`${one.id}: ${wrong}`)
        rows.set(group, row)
      }
      if (!arena.lives()) tally.fail(`the server ended: ${arena.server.lastLines()}`)
    } finally {
      await arena.stop()
    }
  }
  const table = Object.entries(notes).map(
    ([group, note]): Row => ({ group, note, ...(rows.get(group) ?? { cases: 0, passed: 0 }) }),
  )
  const passed = table.reduce((sum, row) => sum + row.passed, 0)
  const counts = { cases: cases.length, passed }
  const settings = ['websocket.max_message_size 51200 -> 16777216 for the large cases']
  const head = { id: 'R29', name: 'conformance', store: round.store, seed: round.seed, settings, table }
  return completed({ ...head, counts, failures: tally.failures }, began)
}

/** Undefined when everything came as it should. */
async function play(
  { server: { host, port } }: Arena,
  token: string,
  one: Case,
): Promise<string | undefined> {
  const subprotocol = one.binary ? undefined : 'nexo.v1'
  const probe = await openProbe({ host, port, token, subprotocol })
  try {
    for (const step of one.send) await write(probe, step)
    const wrong = await judge(probe, one)
    if (wrong !== undefined) return wrong
  } finally {
    const isGone = await probe.end(one.large ? largePatienceMs : patienceMs)
    if (!isGone) probe.socket.destroy()
  }
  return undefined
}

async function write(probe: Probe, { bytes, chop }: Step): Promise<void> {
  const size = chop ?? bytes.length
  for (let at = 0; at < bytes.length; at += size) {
    probe.write(bytes.subarray(at, at + size))
    // Otherwise the network joins them.
    if (chop !== undefined && at % (size * 64) === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  await sleep(1)
}

interface Reply {
  readonly msg_incr: string
  readonly code: number
}

async function judge(probe: Probe, one: Case): Promise<string | undefined> {
  const { echoes = [], refusals = 0, pongs = [], close } = one
  const end = marker(0)
  if (close === undefined) probe.write(end.frame)
  const of = (...opcodes: number[]): Buffer[] =>
    probe.heard.filter(({ opcode }) => opcodes.includes(opcode)).map(({ payload }) => payload)
  const isDone = (): boolean =>
    close === undefined
      ? of(1, 2).length >= echoes.length + refusals && of(10).length > pongs.length
      : probe.closeCode !== undefined
  await probe.until(isDone, one.large ? largePatienceMs : patienceMs)
  if (probe.broken !== undefined) return probe.broken
  const replies = of(1, 2).map((payload) => JSON.parse(payload.toString()) as Reply)
  // A question about no conversation is refused as a value; what is no request at all, as a frame.
  const heard = replies.filter(({ code }) => code !== notAFrame).map(({ msg_incr }) => msg_incr)
  const refused = replies.filter(({ code }) => code === notAFrame).length
  if (close !== undefined && !close.includes(probe.closeCode ?? 0)) return `closed with ${probe.closeCode}`
  if (close === undefined && probe.closeCode !== undefined) return `closed with ${probe.closeCode}`
  const expected = one.mayLack ? echoes.slice(0, heard.length) : echoes
  if (JSON.stringify(heard) !== JSON.stringify(expected))
    return `echoed ${JSON.stringify(heard).slice(0, 300)}`
  if (refused !== refusals) return `${refused} refusals instead of ${refusals}`
  const wanted = [
    ...pongs.map((pong) => Buffer.from(pong as string)),
    ...(close === undefined ? [end.payload] : []),
  ]
  const got = of(10)
  const isSame = got.length === wanted.length && got.every((pong, i) => wanted[i]?.equals(pong))
  return isSame || one.mayLack ? undefined : `${got.length} pongs: ${got.join(', ').slice(0, 200)}`
}
