import { generate } from '../child.ts'
import { atMost } from '../figures.ts'
import type { OpenPlan } from '../load/plan.ts'
import { type Row, rounded } from '../report.ts'
import { ceilingOf } from './ceiling-run.ts'
import { basics, openPairs, text } from './pairs.ts'
import { readBack } from './read-back.ts'
import { rowOf } from './row.ts'
import type { Stage } from './stage.ts'

/** Delivery p99 in ms, by messages a second. */
const goals: Readonly<Record<number, number>> = { 1000: 10, 5000: 15, 10000: 30 }

/** P2: how long a message takes to the other side at a fixed rate, counted from when it was meant to be sent. */
export async function sendOpen(stage: Stage): Promise<Row> {
  const { clients, userIds, conversations } = await openPairs(stage, stage.options.clients ?? 1000)
  const plan: OpenPlan = {
    ...basics(stage),
    kind: 'open',
    clients,
    conversations,
    rate: stage.options.rate ?? 5000,
  }
  stage.say(`${clients.length} clients, ${plan.rate} messages a second, ${plan.seconds} s`)
  const result = await generate(plan)
  stage.say(`reading back ${result.acked} acked messages`)
  const back = await readBack(stage.api, conversations, result.sent, userIds, text)
  const calm = await ceilingOf(stage, 'echo', plan, 'the same rate')
  const closed = { ...plan, kind: 'closed', inFlight: 1 } as const
  const full = await ceilingOf(stage, 'echo', closed, 'as fast as it can with one in flight each')
  const top = full && full.window.acks / full.window.seconds
  return rowOf(stage, 'send-open', plan, result, back, {
    units: result.window.acks,
    ceilingPerSecond: rounded(top),
    ceilingP50Ms: calm?.ack.p50Ms ?? null,
    ceilingP99Ms: calm?.ack.p99Ms ?? null,
    ratio: rounded(top && result.window.acks / result.window.seconds / top, 3),
    figures: [atMost('p99', result.delivery.p99Ms, ' ms', goals[plan.rate])],
  })
}
