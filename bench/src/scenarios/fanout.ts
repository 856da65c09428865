import { generate } from '../child.ts'
import type { FanoutPlan } from '../load/plan.ts'
import { type Row, rounded } from '../report.ts'
import { openAccounts } from './accounts.ts'
import { measureCeiling } from './ceiling-run.ts'
import { basics, nodeOf, text } from './pairs.ts'
import { readBack } from './read-back.ts'
import { rowOf } from './row.ts'
import type { Stage } from './stage.ts'

/** P3: one group whose members are all online, one of them sends. */
export async function fanout(stage: Stage): Promise<Row> {
  const accounts = await openAccounts(stage, stage.options.members ?? 1000)
  const [owner, ...others] = accounts
  if (owner === undefined || others.length === 0) throw new Error('--members: at least 2')
  const memberIds = others.map((account) => account.userId)
  const groupId = await stage.api.createGroup(owner.token, 'bench', memberIds)
  const clients = accounts.map(({ token }, i) =>
    i === 0
      ? { token, port: nodeOf(stage, i), target: { group_id: groupId } }
      : { token, port: nodeOf(stage, i) },
  )
  const plan: FanoutPlan = {
    ...basics(stage),
    kind: 'fanout',
    clients,
    inFlight: stage.options.inFlight ?? 4,
  }
  stage.say(`one group, ${clients.length} members online, ${plan.inFlight} in flight, ${plan.seconds} s`)
  const result = await generate(plan)
  stage.say(`reading back ${result.acked} acked messages`)
  const conversation = { id: `sg_${groupId}`, reader: (others.at(-1) ?? owner).token }
  const userIds = accounts.map((account) => account.userId)
  const back = await readBack(stage.api, [conversation], result.sent, userIds, text)
  stage.say('the same load on a bare ws broadcast server')
  const ceiling = await measureCeiling('broadcast', plan)
  const rate = result.window.pushes / result.window.seconds
  const top = ceiling.window.pushes / ceiling.window.seconds
  return rowOf(stage, 'fanout', plan, result, back, {
    units: result.window.pushes,
    lastMemberP50Ms: result.lastMember.p50Ms,
    lastMemberP99Ms: result.lastMember.p99Ms,
    ceilingPerSecond: rounded(top),
    ceilingP50Ms: ceiling.delivery.p50Ms,
    ceilingP99Ms: ceiling.delivery.p99Ms,
    ratio: rounded(rate / top, 3),
  })
}
