import { atMost } from '../figures.ts'
import { type Row, rounded } from '../report.ts'
import { groupsRow } from './fanout-open.ts'
import { dealt, openGroups, speak } from './groups.ts'
import type { Stage } from './stage.ts'

const groupsOfEach = 10

/** P4: many groups that share their members, all online; in each its founder speaks. */
export async function fanoutMany(stage: Stage): Promise<Row> {
  const { groups: count = 100, members = 100, rate = 1000 } = stage.options
  const clients = Math.ceil((count * members) / groupsOfEach)
  const groups = await openGroups(stage, clients, dealt(clients, count, groupsOfEach))
  const run = await speak(stage, groups, { rate })
  const { window, delivery } = run.result
  return groupsRow(stage, 'fanout-many', run, {
    figures: [
      atMost('p99', delivery.p99Ms, ' ms', 50),
      {
        ...atMost(
          'server CPU',
          rounded((window.serverCpuUs ?? Number.NaN) / window.pushes, 2),
          ' µs a delivery',
          4,
        ),
        isCost: true,
      },
    ],
  })
}
