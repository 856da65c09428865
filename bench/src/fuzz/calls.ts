import { setTimeout as sleep } from 'node:timers/promises'
import { openApi } from '../http.ts'
import { seeded } from '../random.ts'
import { openArena, signIn, signUp } from './arena.ts'
import { callCase, type Door } from './call-case.ts'
import { type Known, type Person, readGrammar, settle } from './grammar.ts'
import { completed, type FuzzRecord, judgeMemory, type Memory, openTally, type Tally } from './record.ts'
import type { Round } from './round.ts'
import { type Answered, type Asked, openSpeaker, type Speaker } from './speaker.ts'
import { openWitness } from './witness.ts'

const blockSize = 512
const warmShare = 0.25
const attempts = 5

/** How everything looks to somebody who did nothing. */
interface Onlooker {
  /** The newest position of the log of all changes: it moves with any commit of anybody. */
  position(): Promise<string>
  /** What they see of chats, group and people. */
  view(): Promise<string>
  close(): void
}

/** R25: grammar-aware mutations on both kinds of sockets. */
export async function fuzzCalls(round: Round): Promise<FuzzRecord> {
  const began = performance.now()
  const arena = await openArena({ store: round.store })
  try {
    const { url, host, port } = arena.server
    const grammar = await readGrammar(url)
    const people = await Promise.all(
      ['fuzz-ann', 'fuzz-bob', 'fuzz-eve'].map(async (id) => ({ id, token: await signUp(url, id) })),
    )
    const known = await settle(url, people)
    const onlooker = openOnlooker(url, await signUp(url, 'onlooker-of-all'), people[2]?.token ?? '', known)
    const witness = await openWitness({ host, port, token: await signUp(url, 'witness') })
    const tally = openTally()
    const speakers = await openSpeakers(url, people.slice(0, 2))
    let done = 0
    let before: Memory | undefined
    for (let block = 0; done < round.count && !round.isLate() && arena.lives(); block++) {
      const { door, speaker } = speakers[block % speakers.length] as (typeof speakers)[number]
      const random = seeded(round.seed + block)
      const requests = Array.from({ length: Math.min(blockSize, round.count - done) }, () =>
        callCase(random, door, grammar, known),
      )
      done += requests.length
      const answers = await speaker.ask(requests)
      count(answers, grammar.ownFailures, tally)
      await replayRefused(speaker, answers, onlooker, tally)
      if (done >= round.count * warmShare) before ??= await arena.memory()
      if (witness.complaint !== undefined) break
    }
    await witness.stop()
    if (witness.complaint !== undefined) tally.fail(witness.complaint)
    for (const { speaker } of speakers) for (const complaint of speaker.complaints) tally.fail(complaint)
    const isWell = await onlooker.view().then(
      () => true,
      () => false,
    )
    if (!arena.lives() || !isWell) tally.fail(`the server is not well: ${arena.server.lastLines()}`)
    if (/request failed/.test(arena.server.lastLines())) tally.fail(`it logged: ${arena.server.lastLines()}`)
    for (const { speaker } of speakers) await speaker.end()
    onlooker.close()
    const after = await arena.memory()
    const sizes = judgeMemory(before ?? after, after, tally)
    const counts = { requests: done, ...tally.counts, 'healthy answers': witness.answered }
    const head = { id: 'R25', name: 'calls', store: round.store, seed: round.seed, settings: arena.settings }
    return completed({ ...head, counts, ...sizes, failures: tally.failures }, began)
  } finally {
    await arena.stop()
  }
}

async function openSpeakers(
  url: string,
  people: readonly Person[],
): Promise<{ door: Door; speaker: Speaker }[]> {
  const { hostname: host, port } = new URL(url)
  const pairs = people.flatMap((person) => {
    // One sign-in for both sockets of a person: whoever finds it ended renews it for the other too.
    const current = { token: person.token }
    const renew = async (isEnded: boolean): Promise<string> => {
      if (isEnded) current.token = await signIn(url, person.id)
      return current.token
    }
    return (['nexo.v1', 'nexo'] as const).map((door) => ({ door, renew }))
  })
  return Promise.all(
    pairs.map(async ({ door, renew }) => {
      const subprotocol = door === 'nexo' ? undefined : door
      return { door, speaker: await openSpeaker({ host, port: Number(port), subprotocol, token: renew }) }
    }),
  )
}

function count(answers: readonly Answered[], ownFailures: ReadonlySet<number>, tally: Tally): void {
  for (const { code, asked } of answers) {
    tally.add(code === 0 ? 'accepted' : code === 1006 ? 'limited' : 'refused')
    if (ownFailures.has(code)) tally.fail(`code ${code} for ${asked.text}`)
  }
}

/**
 * What was refused is asked once more, now that nobody does anything else: as long as all of it is refused again,
 * nothing at all may have been committed, and an onlooker sees what they saw.
 */
async function replayRefused(
  speaker: Speaker,
  answers: readonly Answered[],
  onlooker: Onlooker,
  tally: Tally,
): Promise<void> {
  let refused = answers.filter(({ code }) => code !== 0).map(({ asked }) => asked)
  for (let attempt = 0; attempt < attempts && refused.length > 0; attempt++) {
    const [position, view] = [await quietPosition(onlooker), await onlooker.view()]
    const again = await speaker.ask(refused)
    const still = again.filter(({ code }) => code !== 0).map(({ asked }) => asked)
    // Some may be welcome by now, because of what was accepted since.
    if (still.length !== refused.length) {
      refused = still
      continue
    }
    const isSame = (await onlooker.position()) === position && (await onlooker.view()) === view
    if (!isSame) await findMover(speaker, still, onlooker, tally)
    tally.add('refused again, nothing moved', isSame ? still.length : 0)
    return
  }
}

/** One by one, to name the one that changed something. */
async function findMover(
  speaker: Speaker,
  refused: readonly Asked[],
  onlooker: Onlooker,
  tally: Tally,
): Promise<void> {
  let found = false
  for (const asked of refused) {
    const before = await quietPosition(onlooker)
    const [answer] = await speaker.ask([asked])
    const after = await onlooker.position()
    if (answer?.code === 0 || before === after) continue
    found = true
    tally.fail(`refused with ${answer?.code}, but the log moved from ${before} to ${after}: ${asked.text}`)
  }
  if (!found) tally.add('blocks in which something moved by itself')
}

/** The position once it rests: effects of what was accepted may come a moment later. */
async function quietPosition(onlooker: Onlooker): Promise<string> {
  let before = await onlooker.position()
  for (let look = 0; look < 40; look++) {
    await sleep(5)
    const now = await onlooker.position()
    if (now === before) return now
    before = now
  }
  return before
}

function openOnlooker(url: string, stranger: string, member: string, known: Known): Onlooker {
  const api = openApi(url)
  const chat = encodeURIComponent(known.conversations[1] ?? '')
  const paths = [
    ...[
      '/conversation/all',
      '/user/info',
      '/friend/list',
      '/friend/requests',
      '/block/list',
      '/user/privacy',
    ],
    ...[`/msg/pull?conversation_id=${chat}&content=typed`, `/conversation/info?conversation_id=${chat}`],
    `/group/members?group_id=${known.groups[0]}`,
  ]
  // Whether somebody was thrown out of the group by what was accepted before is part of the picture, not a failure.
  const look = (path: string): Promise<unknown> =>
    api.ask(member, 'GET', path).catch((error: unknown) => String(error))
  return {
    position: async () => (await api.ask<{ position: string }>(stranger, 'GET', '/sync/changes')).position,
    view: async () => JSON.stringify(await Promise.all(paths.map(look))),
    close: () => api.close(),
  }
}
