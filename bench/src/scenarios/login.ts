import { availableParallelism } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { generate } from '../child.ts'
import { atLeast, atMost } from '../figures.ts'
import { Histogram } from '../histogram.ts'
import { type Api, openApi } from '../http.ts'
import type { LoadResult, OpenPlan } from '../load/plan.ts'
import { faults, type Row, rounded } from '../report.ts'
import { password } from './accounts.ts'
import { basics, openPairs, type Pairs, text } from './pairs.ts'
import { type ReadBack, readBack } from './read-back.ts'
import { rowOf } from './row.ts'
import type { Stage } from './stage.ts'

const rateByDefault = 1000
const clientsByDefault = 1000

/** P12: registrations and logins, as many at once as would fill all cores twice, beside a steady load. */
export async function login(stage: Stage): Promise<Row> {
  const { clients: count = clientsByDefault, rate = rateByDefault } = stage.options
  const all = await openPairs(stage, count * 2)
  // Half of the pairs in each run: a message of one is never taken for the other's.
  const halves = [partOf(all, 0, count), partOf(all, count, count * 2)] as const
  const calm = await send(stage, halves[0], rate)
  const atOnce = 2 * availableParallelism()
  stage.say(`the same beside ${atOnce} at a time who register and sign in`)
  const api = openApi(stage.server.url)
  const over = new AbortController()
  const entering = enter(api, atOnce, over.signal)
  const busy = await send(stage, halves[1], rate)
  over.abort()
  const entered = await entering
  api.close()
  const calmFaults = faults(calm.result, calm.back)
  return rowOf(stage, 'login', busy.plan, busy.result, busy.back, {
    units: busy.result.window.acks,
    wrong: [
      ...calmFaults.map((fault) => `without logins: ${fault}`),
      ...entered.refused,
      ...(entered.count === 0 ? ['nobody signed in'] : []),
    ],
    figures: [
      // An account is hashed once to be made, and once to be let in.
      atLeast('registrations and logins', rounded((2 * entered.count) / entered.seconds, 1), '/s', 30),
      atMost(
        'send p99',
        rounded(busy.result.delivery.p99Ms / calm.result.delivery.p99Ms, 2),
        ' × without them',
        3,
      ),
    ],
    notes: [
      `send p99 without logins ${calm.result.delivery.p99Ms} ms`,
      `${entered.count} registered, then signed in, ${atOnce} at a time; one of the two took p50 ${entered.took.latency().p50Ms} p99 ${entered.took.latency().p99Ms} ms`,
    ],
  })
}

interface Sent {
  readonly plan: OpenPlan
  readonly result: LoadResult
  readonly back: ReadBack
}

async function send(stage: Stage, { clients, userIds, conversations }: Pairs, rate: number): Promise<Sent> {
  const plan: OpenPlan = { ...basics(stage), kind: 'open', clients, conversations, rate }
  stage.say(`${clients.length} clients, ${rate} messages a second, ${plan.seconds} s`)
  const result = await generate(plan)
  return { plan, result, back: await readBack(stage.api, conversations, result.sent, userIds, text) }
}

/** Clients `from` to `to` of these pairs, both even. */
export function partOf({ clients, userIds, conversations }: Pairs, from: number, to: number): Pairs {
  return {
    clients: clients.slice(from, to),
    userIds: userIds.slice(from, to),
    conversations: conversations
      .slice(from / 2, to / 2)
      .map((conversation) => ({ ...conversation, members: conversation.members.map((i) => i - from) })),
  }
}

interface Entered {
  readonly count: number
  readonly seconds: number
  readonly took: Histogram
  /** In words; each is a fault. */
  readonly refused: readonly string[]
}

/** Registers and signs in new people, `atOnce` at a time, until it is over. */
async function enter(api: Api, atOnce: number, over: AbortSignal): Promise<Entered> {
  const took = new Histogram()
  const refused: string[] = []
  const began = performance.now()
  let next = 0
  let count = 0
  const timed = async (work: Promise<unknown>): Promise<void> => {
    const before = performance.now()
    await work
    took.record((performance.now() - before) * 1000)
  }
  const lane = async (): Promise<void> => {
    while (!over.aborted) {
      const userId = `newcomer-${next++}`
      try {
        await timed(api.register(userId, password))
        await timed(api.login(userId, password))
        count += 1
      } catch (error) {
        refused.push(String(error))
        // A server that refuses is not asked faster than one that answers.
        await sleep(100)
      }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
  return { count, seconds: (performance.now() - began) / 1000, took, refused: refused.slice(0, 5) }
}
