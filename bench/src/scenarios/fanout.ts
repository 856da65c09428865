import { generate } from '../child.ts'
import { atLeast } from '../figures.ts'
import type { FanoutPlan } from '../load/plan.ts'
import { type Row, rounded } from '../report.ts'
import { ceilingOf } from './ceiling-run.ts'
import { openOneGroup } from './groups.ts'
import { basics, text } from './pairs.ts'
import { readBack } from './read-back.ts'
import { rowOf } from './row.ts'
import type { Stage } from './stage.ts'

/** P3: one group whose members are all online, one of them sends. */
export async function fanout(stage: Stage): Promise<Row> {
  const {
    accounts,
    clients: members,
    conversations,
  } = await openOneGroup(stage, stage.options.members ?? 1000)
  const [group] = conversations
  const clients = members.map((client, i) =>
    i === 0 && group ? { ...client, target: group.target } : client,
  )
  const plan: FanoutPlan = {
    ...basics(stage),
    kind: 'fanout',
    clients,
    conversations,
    inFlight: stage.options.inFlight ?? 4,
  }
  stage.say(`one group, ${clients.length} members online, ${plan.inFlight} in flight, ${plan.seconds} s`)
  const result = await generate(plan)
  stage.say(`reading back ${result.acked} acked messages`)
  const userIds = accounts.map((account) => account.userId)
  const back = await readBack(stage.api, conversations, result.sent, userIds, text)
  const ceiling = await ceilingOf(stage, 'broadcast', plan, 'the same load')
  const rate = result.window.pushes / result.window.seconds
  const top = ceiling && ceiling.window.pushes / ceiling.window.seconds
  return rowOf(stage, 'fanout', plan, result, back, {
    units: result.window.pushes,
    lastMemberP50Ms: result.lastMember.p50Ms,
    lastMemberP99Ms: result.lastMember.p99Ms,
    ceilingPerSecond: rounded(top),
    ceilingP50Ms: ceiling?.delivery.p50Ms ?? null,
    ceilingP99Ms: ceiling?.delivery.p99Ms ?? null,
    ratio: rounded(top && rate / top, 3),
    figures: [atLeast('deliveries', rounded(rate), '/s', plan.inFlight === 4 ? 250_000 : undefined)],
  })
}
