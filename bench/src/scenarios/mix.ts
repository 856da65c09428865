import { atLeast, atMost, type Figure } from '../figures.ts'
import { fill } from '../load/filler.ts'
import { actions, type Mix, type MixStep, type MixUser, startMix } from '../load/mix.ts'
import type { SentColumns } from '../load/plan.ts'
import { seeded } from '../random.ts'
import { rounded } from '../report.ts'
import type { Target } from '../wire/send-template.ts'
import { type Account, openAccounts, singleChat } from './accounts.ts'
import { type CallFigures, type CallRow, callRow } from './calls.ts'
import { sourceOf } from './groups.ts'
import { nodeOf } from './pairs.ts'
import { type Conversation, type ReadBack, readBack } from './read-back.ts'
import type { Stage } from './stage.ts'

const firstUsers = 500
const mostByDefault = 6000
const growth = 1.5
const blockSize = 50
/** Single chats with so many of those who come next. */
const neighbours = 2
const before = 20
const postEvery = 30
const secondsByDefault = 10
const seed = 1
const limits = { p99Ms: 2000, meanMs: 100, errorShare: 0.00025 }
/** Above these the generator itself is in the way. */
const generatorLimits = { cpu: 0.8, lagP99Ms: 50 }

/** Characters of a message's text by its number: 70 % 256, 25 % 1 KiB, 4 % 4 KiB, 1 % 16 KiB. */
function charactersOf(n: number): number {
  const place = n % 100
  return place < 70 ? 256 : place < 95 ? 1024 : place < 99 ? 4096 : 16_384
}

function textOf(n: number): string {
  return `message ${n} says it again `.repeat(1000).slice(0, charactersOf(n))
}

interface Talk extends Conversation {
  readonly members: readonly number[]
  /** Of the member's message. */
  targetOf(member: number): Target
}

/** P10: people who read more than they write; more and more of them, until it is too many. `--clients` is where it ends. */
export async function mix(stage: Stage): Promise<CallRow> {
  const most = Math.ceil((stage.options.clients ?? mostByDefault) / blockSize) * blockSize
  const accounts = await openAccounts(stage, most)
  const talks = await openTalks(stage, accounts)
  const writers = await fillAll(stage, accounts, talks)
  const users = usersOf(stage, accounts, talks)
  const firstNumber = talks.length * before
  const running = startMix({ users, before, postEvery, random: seeded(seed), firstNumber, textOf })
  const { steps, end } = await climb(stage, running, most)
  stage.say('reading every message back')
  const sent = sentOf(running, writers, talks)
  const userIds = accounts.map(({ userId }) => userId)
  const back = await readBack(stage.api, talks, sent, userIds, (n) =>
    n < firstNumber ? fillText : textOf(n),
  )
  const lacking = running.lacking()
  running.close()
  return rowOfMix(stage, { steps, end, back, lacking, wrong: running.wrong })
}

/** Every user talks alone with the two who come next, and with the others of a block of fifty. */
async function openTalks(stage: Stage, accounts: readonly Account[]): Promise<Talk[]> {
  const account = (i: number): Account => accounts[i] as Account
  const talks: Talk[] = []
  for (let i = 0; i < accounts.length; i++) {
    for (let other = i + 1; other <= i + neighbours && other < accounts.length; other++) {
      talks.push({
        id: singleChat(account(i).userId, account(other).userId),
        reader: account(i).token,
        members: [i, other],
        targetOf: (member) => ({ recv_id: account(member === i ? other : i).userId }),
      })
    }
  }
  for (let first = 0; first < accounts.length; first += blockSize) {
    const members = Array.from({ length: blockSize }, (_, k) => first + k)
    const ids = members.slice(1).map((i) => account(i).userId)
    const groupId = await stage.api.createGroup(account(first).token, `block ${first}`, ids)
    const target = { group_id: groupId }
    talks.push({ id: `sg_${groupId}`, reader: account(first).token, members, targetOf: () => target })
  }
  return talks
}

const fillText = textOf(0)

/** So that there is something to read: the first member writes. Returns the server's id of message `k * talks + talk`. */
async function fillAll(
  stage: Stage,
  accounts: readonly Account[],
  talks: readonly Talk[],
): Promise<Float64Array> {
  stage.say(`${talks.length} conversations with ${before} messages each`)
  const conversations = talks.map(({ members: [writer = 0], targetOf }) => ({
    ...{ writer, target: targetOf(writer), text: fillText },
  }))
  const people = accounts.map(({ token }, i) => ({ token, port: nodeOf(stage, i) }))
  const { serverIds } = await fill({ host: stage.server.host, people, conversations, messages: before })
  return serverIds
}

function usersOf(stage: Stage, accounts: readonly Account[], talks: readonly Talk[]): MixUser[] {
  const own = accounts.map((): MixUser['talks'][number][] => [])
  for (const { id, members, targetOf } of talks) {
    const last = members.at(-1) ?? 0
    for (const member of members)
      own[member]?.push({ id, target: targetOf(member), isGroup: members.length > 2, last })
  }
  return accounts.map(({ token }, i) => ({
    address: { host: stage.server.host, port: nodeOf(stage, i), token, ...sourceOf(i) },
    talks: own[i] ?? [],
  }))
}

interface Climb {
  readonly steps: readonly MixStep[]
  /** Why it went no higher. */
  readonly end: string
}

async function climb(stage: Stage, running: Mix, most: number): Promise<Climb> {
  const steps: MixStep[] = []
  const seconds = stage.options.seconds ?? secondsByDefault
  for (let users = Math.min(firstUsers, most); ; ) {
    const step = await running.step(users, seconds)
    steps.push(step)
    const { meanMs, p99Ms } = step.latency
    stage.say(
      `${users} people, ${step.offeredPerSecond.toFixed(0)} actions/s: mean ${meanMs} p99 ${p99Ms} ms, ${step.errors + step.unanswered} errors`,
    )
    const excess = excessOf(step)
    if (excess !== undefined) return { steps, end: `${users} people: ${excess}` }
    if (users === most) return { steps, end: 'no more people were there (--clients)' }
    users = Math.min(most, Math.ceil((users * growth) / blockSize) * blockSize)
  }
}

/** What is too much for so many, or undefined. */
export function excessOf({
  latency,
  errors,
  unanswered,
  done,
  lag,
  generatorCpu,
}: MixStep): string | undefined {
  const failed = errors + unanswered
  if (failed > (done + unanswered) * limits.errorShare) return `${failed} errors in ${done} actions`
  if (generatorCpu > generatorLimits.cpu || lag.p99Ms > generatorLimits.lagP99Ms)
    return `the generator was in the way, ${(generatorCpu * 100).toFixed(0)} % of a core, p99 ${lag.p99Ms} ms late`
  if (latency.p99Ms > limits.p99Ms) return `p99 ${latency.p99Ms} ms`
  if (latency.meanMs > limits.meanMs) return `mean ${latency.meanMs} ms`
  return undefined
}

/** The filling and the posts as one row of messages. */
function sentOf(running: Mix, filled: Float64Array, talks: readonly Talk[]): SentColumns {
  const posts = running.ledger.columns()
  const total = filled.length + posts.client.length
  const sent = {
    client: new Uint16Array(total),
    seq: new Uint32Array(total),
    serverId: new Float64Array(total),
  }
  for (let n = 0; n < filled.length; n++) {
    sent.client[n] = talks[n % talks.length]?.members[0] ?? 0
    sent.seq[n] = Math.floor(n / talks.length) + 1
  }
  sent.serverId.set(filled)
  sent.client.set(posts.client, filled.length)
  sent.seq.set(posts.seq, filled.length)
  sent.serverId.set(posts.serverId, filled.length)
  return sent
}

interface MixOutcome extends Climb {
  readonly back: ReadBack
  readonly lacking: number
  readonly wrong: readonly string[]
}

function rowOfMix(stage: Stage, outcome: MixOutcome): CallRow {
  const { steps, end } = outcome
  const held = steps.filter((step) => excessOf(step) === undefined).at(-1)
  const shown = held ?? (steps[0] as MixStep)
  const calls = Object.entries(shown.byAction).map(
    ([name, latency]): CallFigures => ({ name, perSecond: null, firstMs: null, ...latency }),
  )
  return callRow(stage, 'mix', {
    reasons: mixFaults(outcome),
    size: { people: held?.users ?? 0, steps: steps.length },
    calls,
    figures: figuresOf(held),
    notes: [
      `went no higher because of ${end}`,
      `everybody posts every ${postEvery} s; for each post ${words()}; search does not exist and is left out`,
      `steps: ${steps.map(({ users, latency }) => `${users} (mean ${latency.meanMs}, p99 ${latency.p99Ms} ms)`).join(', ')}`,
    ],
  })
}

function words(): string {
  const { post: _, ...others } = actions
  return Object.entries(others)
    .map(([name, share]) => `${share} ${name}`)
    .join(', ')
}

function figuresOf(held: MixStep | undefined): Figure[] {
  return [
    atLeast('people held', held?.users ?? 0, ''),
    atLeast('actions', rounded(held?.offeredPerSecond), '/s'),
    atMost('mean', held?.latency.meanMs ?? null, ' ms'),
    atMost('p99', held?.latency.p99Ms ?? null, ' ms'),
  ]
}

/** Why it must not count. */
export function mixFaults({ steps, back, lacking, wrong }: Omit<MixOutcome, 'end'>): string[] {
  const counts: readonly (readonly [number, string])[] = [
    [back.missing, 'acked messages are missing from the history, or another text'],
    [back.duplicates, 'messages were stored twice'],
    [back.outOfOrder, 'messages are out of order in the history'],
    [back.invented, 'stored messages were never sent'],
    [lacking, 'acked messages never came to sessions'],
  ]
  const found = counts.flatMap(([count, what]) => (count > 0 ? [`${count} ${what}`] : []))
  if (steps.every(({ done }) => done === 0)) found.push('nothing was answered')
  return [...found, ...wrong]
}
