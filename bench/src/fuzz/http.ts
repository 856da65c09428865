import { seeded } from '../random.ts'
import { type Arena, openArena, signIn, signUp } from './arena.ts'
import { type Grammar, type Known, readGrammar, settle } from './grammar.ts'
import { garbageCase, httpCase } from './http-case.ts'
import { type HttpLine, openLine, shout } from './http-line.ts'
import { completed, type FuzzRecord, judgeMemory, type Memory, openTally, type Tally } from './record.ts'
import type { Round } from './round.ts'
import { openWitness } from './witness.ts'

const lines = 6
const patienceMs = 5000
const warmShare = 0.25
/** Bytes of a body, as shipped. */
const bodyLimit = 4 * 2 ** 20
/** One case in so many is no HTTP at all. */
const garbageEvery = 5

interface Hand {
  readonly arena: Arena
  readonly grammar: Grammar
  readonly known: Known
  readonly tally: Tally
  readonly seed: number
  /** Of the sender; a request may end it, and then there is another. */
  token: string
  renewing: Promise<void> | undefined
}

/** R26: requests made from the server's own printed contract, and bytes that are none. */
export async function fuzzHttp(round: Round): Promise<FuzzRecord> {
  const began = performance.now()
  const arena = await openArena({ store: round.store })
  try {
    const { url, host, port } = arena.server
    const tally = openTally()
    const people = await Promise.all(
      [sender, 'fuzz-bob', 'fuzz-eve'].map(async (id) => ({ id, token: await signUp(url, id) })),
    )
    const [grammar, known] = [await readGrammar(url), await settle(url, people)]
    const token = people[0]?.token ?? ''
    const hand: Hand = { arena, grammar, known, tally, seed: round.seed, token, renewing: undefined }
    const witness = await openWitness({ host, port, token: await signUp(url, 'witness') })
    const state = { next: 0, before: undefined as Promise<Memory> | undefined }
    const isOver = (): boolean =>
      state.next >= round.count || round.isLate() || !arena.lives() || witness.complaint !== undefined
    const play = async (): Promise<void> => {
      const line = openLine(host, port)
      while (!isOver()) {
        const n = state.next++
        if (n >= round.count * warmShare) state.before ??= arena.memory()
        if (n % garbageEvery === 0) await playGarbage(hand, n)
        else await playRequest(hand, n, (bytes, hasBody) => line.ask(bytes, hasBody, patienceMs))
      }
      line.close()
    }
    await Promise.all(Array.from({ length: lines }, play))
    await witness.stop()
    if (witness.complaint !== undefined) tally.fail(witness.complaint)
    if (!arena.lives()) tally.fail(`the server ended: ${arena.server.lastLines()}`)
    const after = await arena.memory()
    const sizes = judgeMemory((await state.before) ?? after, after, tally)
    const counts = { requests: state.next, ...tally.counts, 'healthy answers': witness.answered }
    const head = { id: 'R26', name: 'http', store: round.store, seed: round.seed, settings: arena.settings }
    return completed({ ...head, counts, ...sizes, failures: tally.failures }, began)
  } finally {
    await arena.stop()
  }
}

const sender = 'fuzz-ann'

type Ask = (bytes: Buffer, hasBody: boolean) => ReturnType<HttpLine['ask']>

async function playRequest(hand: Hand, n: number, ask: Ask): Promise<void> {
  const { arena, tally, token } = hand
  const { bytes, hasBody } = httpCase(seeded(hand.seed + n), hand.grammar, hand.known, token)
  const answer = await ask(bytes, hasBody)
  if (!arena.lives()) return
  const shown = `${n}: ${bytes.toString('latin1', 0, 1500).replaceAll(token, '(token)')}`
  if (answer === 'late') return tally.fail(`no whole answer in ${patienceMs} ms to ${shown}`)
  if (answer === 'cut') {
    // Told 413 and closed while most of the body is still on its way: the network may lose that answer.
    if (bytes.length > bodyLimit) return tally.add('cut off, the body is too large')
    return tally.fail(`no answer, but the end of the connection, to ${shown}`)
  }
  tally.add(`${Math.floor(answer.status / 100)}xx`)
  const code = codeIn(answer.body)
  if (answer.status >= 500 || answer.status === 0) tally.fail(`status ${answer.status} for ${shown}`)
  if (code !== undefined && hand.grammar.ownFailures.has(code)) tally.fail(`code ${code} for ${shown}`)
  if (answer.status === 401) await renewed(hand, token)
}

/** Whether the answer is ours tells its envelope. */
function codeIn(body: string): number | undefined {
  const found = /^\{"code":(\d+),/.exec(body)?.[1]
  return found === undefined ? undefined : Number(found)
}

/** Looks whether the sign-in still holds, and signs in again when it does not. */
async function renewed(hand: Hand, used: string): Promise<void> {
  if (used !== hand.token) return
  hand.renewing ??= (async () => {
    const { url } = hand.arena.server
    const look = await fetch(`${url}/user/info`, { headers: { authorization: `Bearer ${used}` } })
    await look.text()
    if (look.status === 401) hand.token = await signIn(url, sender)
  })()
  try {
    await hand.renewing
  } catch (error) {
    hand.tally.fail(`the sender cannot sign in any more: ${String(error)}`)
  } finally {
    hand.renewing = undefined
  }
}

async function playGarbage(hand: Hand, n: number): Promise<void> {
  const { host, port } = hand.arena.server
  const bytes = garbageCase(seeded(hand.seed + n), hand.grammar, hand.known, hand.token)
  const said = await shout(host, port, bytes, patienceMs)
  if (!hand.arena.lives()) return
  hand.tally.add('garbage')
  const shown = `${n}: ${bytes.toString('latin1', 0, 1500).replaceAll(hand.token, '(token)')}`
  if (said === undefined)
    return hand.tally.fail(`held for ${patienceMs} ms after the sender had ended: ${shown}`)
  const bad = /^HTTP\/1\.1 5\d\d/m.exec(said)
  if (bad !== null) hand.tally.fail(`${bad[0]} for ${shown}`)
}
