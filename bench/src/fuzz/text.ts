import { openArena, signUp } from './arena.ts'
import { type Dialogue, openHttpDialogue, openSocketDialogue, type Said, stringsIn } from './dialogue.ts'
import { type Entry, type Grammar, type Known, readGrammar, settle } from './grammar.ts'
import { completed, type FuzzRecord, openTally, type Tally } from './record.ts'
import type { Round } from './round.ts'
import { numberCases, type ShapeCase, shapeCases, textCases } from './text-cases.ts'
import { places } from './text-places.ts'

const pushPatienceMs = 3000
const invalid = 1001
const notAFrame = 5003

interface Hand {
  readonly known: Known
  readonly tally: Tally
  /** Ann's ways in, and Bob's. */
  readonly ann: readonly Dialogue[]
  readonly bob: readonly Dialogue[]
  entry(name: string): Entry
  count: number
}

/** R30: what is stored is what was sent, whichever way it comes in and goes out, or every door refuses it. */
export async function checkText(round: Round): Promise<FuzzRecord> {
  const began = performance.now()
  const arena = await openArena({ store: round.store })
  try {
    const { url } = arena.server
    const people = await Promise.all(
      ['text-ann', 'text-bob'].map(async (id) => ({ id, token: await signUp(url, id) })),
    )
    const [grammar, known, tally] = [await readGrammar(url), await settle(url, people), openTally()]
    const [ann, bob] = await Promise.all(people.map(({ token }) => doorsOf(url, token)))
    if (ann === undefined || bob === undefined) throw new Error('nobody is there')
    const hand: Hand = { known, tally, ann, bob, entry: (name) => entryOf(grammar, name), count: 0 }
    for (const one of textCases) {
      const content = `{"text":{"text":${one.json}}}`
      await roundTrip(hand, { ...one, content, isRefused: one.isRefused ?? false }, 1)
    }
    for (const one of textCases) {
      const content = `{"custom":{"data":${one.json}}}`
      await roundTrip(
        hand,
        { ...one, name: `custom: ${one.name}`, content, isRefused: one.isRefused ?? false },
        100,
      )
    }
    for (const shape of shapeCases) await roundTrip(hand, shape, 1)
    for (const place of places(known)) for (const one of textCases) await throughPlace(hand, place, one)
    await numbers(hand)
    // Nobody's prototype was changed: an ordinary message is what it always was.
    await roundTrip(
      hand,
      { name: 'afterwards', content: '{"text":{"text":"plain"}}', text: 'plain', isRefused: false },
      1,
    )
    for (const dialogue of [...ann, ...bob]) await dialogue.end()
    if (!arena.lives()) tally.fail(`the server ended: ${arena.server.lastLines()}`)
    const head = { id: 'R30', name: 'text', store: round.store, seed: round.seed, settings: arena.settings }
    return completed({ ...head, counts: tally.counts, failures: tally.failures }, began)
  } finally {
    await arena.stop()
  }
}

async function doorsOf(url: string, token: string): Promise<Dialogue[]> {
  const sockets = (['nexo.v1', 'nexo'] as const).map((door) => openSocketDialogue(url, token, door))
  return [openHttpDialogue(url, token), ...(await Promise.all(sockets))]
}

function entryOf({ entries }: Grammar, name: string): Entry {
  const found = entries.find((entry) => entry.name === name)
  if (found === undefined) throw new Error(`the contract has no ${name}`)
  return found
}

/** Through every door in; where it was taken, through every door out. */
async function roundTrip(hand: Hand, one: ShapeCase, type: number): Promise<void> {
  const { tally, ann, known } = hand
  for (const dialogue of ann) {
    const id = `t${hand.count++}`
    const input = `{"client_msg_id":"${id}","recv_id":"${known.users[1]}","msg_type":${type},"content":${one.content}}`
    const said = await dialogue.ask(hand.entry('message.send'), input)
    const name = `${one.name}, by ${dialogue.door}`
    tally.add('in')
    if (one.isRefused) judgeRefusal(tally, name, said, one.isLarge ?? false)
    else if (said.code !== 0) tally.fail(`${name}: refused with ${said.code}`)
    else await readBack(hand, name, (said.data as { seq: number }).seq, id, one.text ?? '')
  }
}

function judgeRefusal(tally: Tally, name: string, { code, closed }: Said, isLarge: boolean): void {
  tally.add('refused')
  const isClear = code > 0 || (isLarge && closed === 1009)
  if (!isClear) tally.fail(`${name}: ${code === 0 ? 'taken' : `code ${code}, closed with ${closed}`}`)
}

async function readBack(hand: Hand, name: string, seq: number, id: string, text: string): Promise<void> {
  const { bob, tally, known } = hand
  const chat = JSON.stringify(known.conversations[0])
  const input = `{"conversation_id":${chat},"begin_seq":${seq},"end_seq":${seq},"limit":1}`
  for (const dialogue of bob) {
    const { code, data } = await dialogue.ask(hand.entry('message.pull'), input)
    tally.add('out')
    const strings = stringsIn(data)
    if (code !== 0 || !strings.has(id) || !strings.has(text)) {
      tally.fail(`${name}: pulled by ${dialogue.door}: code ${code}, ${JSON.stringify(data).slice(0, 600)}`)
    }
  }
  for (const dialogue of bob.filter(({ door }) => door !== 'http')) {
    const pushed = await pushOf(dialogue, id)
    tally.add('out')
    if (!pushed?.has(text))
      tally.fail(`${name}: pushed to ${dialogue.door}: ${pushed && [...pushed].join(' | ')}`)
  }
}

/** The strings of the push that holds this message. */
async function pushOf(dialogue: Dialogue, id: string): Promise<Set<string> | undefined> {
  for (const end = performance.now() + pushPatienceMs; performance.now() < end; ) {
    const found = dialogue
      .pushes()
      .toReversed()
      .map((data) => stringsIn(data))
      .find((strings) => strings.has(id))
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  return undefined
}

type Place = ReturnType<typeof places>[number]

/** Other places that keep text: both doors that lead there agree, and what was refused changes nothing. */
async function throughPlace(hand: Hand, place: Place, one: (typeof textCases)[number]): Promise<void> {
  const { tally } = hand
  const codes: number[] = []
  for (const dialogue of hand.ann.filter(({ door }) => door !== 'nexo')) {
    const name = `${place.write}: ${one.name}, by ${dialogue.door}`
    const look = async (): Promise<Said[]> =>
      Promise.all(
        hand.ann
          .filter(({ door }) => door !== 'nexo')
          .map((by) => by.ask(hand.entry(place.read), place.look)),
      )
    const before = JSON.stringify((await look()).map(({ data }) => data))
    const { code } = await dialogue.ask(hand.entry(place.write), place.input(one.json))
    const after = await look()
    codes.push(code)
    tally.add('in')
    tally.add(code === 0 ? 'out' : 'refused', code === 0 ? after.length : 1)
    if (code < 0) tally.fail(`${name}: code ${code}`)
    else if (code > 0 && JSON.stringify(after.map(({ data }) => data)) !== before)
      tally.fail(`${name}: refused, but changed`)
    else if (code === 0 && one.isRefused) tally.fail(`${name}: taken`)
    else if (code === 0 && !after.every(({ data }) => stringsIn(data).has(one.text))) {
      tally.fail(`${name}: ${JSON.stringify(after.map(({ data }) => data)).slice(0, 600)}`)
    }
  }
  // What cannot be read at all is a wrong frame on a socket and a wrong value over HTTP.
  if (new Set(codes.map((code) => (code === notAFrame ? invalid : code))).size > 1)
    tally.fail(`${place.write}: ${one.name}: doors disagree: ${codes.join(', ')}`)
}

async function numbers(hand: Hand): Promise<void> {
  for (const { name, literal, isRefused } of numberCases) {
    for (const dialogue of hand.ann) {
      // Over HTTP a question is part of the address, where the literal is text.
      const chat = JSON.stringify(hand.known.conversations[0])
      const quoted = dialogue.door === 'http' ? `"${literal}"` : literal
      const input = `{"conversation_id":${chat},"begin_seq":1,"end_seq":${quoted},"limit":1}`
      const { code } = await dialogue.ask(hand.entry('message.pull'), input)
      hand.tally.add('numbers')
      const isWell = isRefused ? code > 0 : code === 0
      if (!isWell) hand.tally.fail(`${name} as a seq by ${dialogue.door}: code ${code}`)
    }
  }
}
