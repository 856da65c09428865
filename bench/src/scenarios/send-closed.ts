import { generate } from '../child.ts'
import { atLeast } from '../figures.ts'
import type { ClosedPlan } from '../load/plan.ts'
import { latencyColumns, type Row, rounded } from '../report.ts'
import { measureBaseline } from './baseline.ts'
import { ceilingOf } from './ceiling-run.ts'
import { basics, openPairs, text } from './pairs.ts'
import { readBack } from './read-back.ts'
import { rowOf } from './row.ts'
import type { Stage } from './stage.ts'

/** P1: how many durable acks a second, with a fixed number of messages in flight per client. */
export async function sendClosed(stage: Stage): Promise<Row> {
  const { clients, userIds, conversations } = await openPairs(stage, stage.options.clients ?? 200)
  const plan: ClosedPlan = {
    ...basics(stage),
    kind: 'closed',
    clients,
    conversations,
    inFlight: stage.options.inFlight ?? 4,
  }
  stage.say(`${clients.length} clients, ${plan.inFlight} in flight each, ${plan.seconds} s`)
  const result = await generate(plan)
  stage.say(`reading back ${result.acked} acked messages`)
  const back = await readBack(stage.api, conversations, result.sent, userIds, text)
  const ceiling = await ceilingOf(stage, 'echo', plan, 'the same load')
  const rate = result.window.acks / result.window.seconds
  if (stage.options.baseline) stage.say('the same database with one transaction per message')
  const baseline = stage.options.baseline ? await measureBaseline(stage.place.url as string, rate) : undefined
  const top = ceiling && ceiling.window.acks / ceiling.window.seconds
  return rowOf(stage, 'send-closed', plan, result, back, {
    units: result.window.acks,
    latencyOf: 'ack',
    ...latencyColumns(result.ack),
    ceilingPerSecond: rounded(top),
    ceilingP50Ms: ceiling?.ack.p50Ms ?? null,
    ceilingP99Ms: ceiling?.ack.p99Ms ?? null,
    ratio: rounded(top && rate / top, 3),
    figures: [atLeast('acks', rounded(rate), '/s', plan.inFlight === 4 ? 20_000 : undefined)],
    ...(baseline && { baseline }),
  })
}
