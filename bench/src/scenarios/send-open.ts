import { generate } from '../child.ts'
import type { OpenPlan } from '../load/plan.ts'
import { type Row, rounded } from '../report.ts'
import { measureCeiling } from './ceiling-run.ts'
import { basics, openPairs, text } from './pairs.ts'
import { readBack } from './read-back.ts'
import { rowOf } from './row.ts'
import type { Stage } from './stage.ts'

/** P2: how long a message takes to the other side at a fixed rate, counted from when it was meant to be sent. */
export async function sendOpen(stage: Stage): Promise<Row> {
  const { clients, userIds, conversations } = await openPairs(stage, stage.options.clients ?? 1000)
  const plan: OpenPlan = { ...basics(stage), kind: 'open', clients, rate: stage.options.rate ?? 5000 }
  stage.say(`${clients.length} clients, ${plan.rate} messages a second, ${plan.seconds} s`)
  const result = await generate(plan)
  stage.say(`reading back ${result.acked} acked messages`)
  const back = await readBack(stage.api, conversations, result.sent, userIds, text)
  stage.say('a bare ws echo server at the same rate, and as fast as it can with one in flight each')
  const calm = await measureCeiling('echo', plan)
  const full = await measureCeiling('echo', { ...plan, kind: 'closed', inFlight: 1 })
  const top = full.window.acks / full.window.seconds
  return rowOf(stage, 'send-open', plan, result, back, {
    units: result.window.acks,
    ceilingPerSecond: rounded(top),
    ceilingP50Ms: calm.ack.p50Ms,
    ceilingP99Ms: calm.ack.p99Ms,
    ratio: rounded(result.window.acks / result.window.seconds / top, 3),
  })
}
