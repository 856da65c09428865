import { atMost } from '../figures.ts'
import type { ScenarioName } from '../options.ts'
import type { Row } from '../report.ts'
import { type GroupsRun, openOneGroup, speak } from './groups.ts'
import { rowOf, type Subject } from './row.ts'
import type { Stage } from './stage.ts'

/** P3 at a fixed rate: one group whose members are all online, one of them sends; timed to the last member. */
export async function fanoutOpen(stage: Stage): Promise<Row> {
  const { members = 1000, rate = 100 } = stage.options
  const run = await speak(stage, await openOneGroup(stage, members), { rate })
  return groupsRow(stage, 'fanout-open', run, {
    figures: [atMost('last member p99', run.result.lastMember.p99Ms, ' ms', rate === 100 ? 40 : undefined)],
  })
}

/** Few messages, so that each finds the server at rest: 40 of them make a p99 that is the slowest. */
const secondsOfTenThousand = 40

/** P5: one group with 10,000 members online, a message a second. */
export async function fanoutTenThousand(stage: Stage): Promise<Row> {
  const { members = 10_000, rate = 1, seconds = secondsOfTenThousand } = stage.options
  const run = await speak(stage, await openOneGroup(stage, members), { rate, seconds })
  const { lastMember } = run.result
  return groupsRow(stage, 'fanout-10k', run, {
    figures: [
      atMost('last member p50', lastMember.p50Ms, ' ms', 150),
      atMost('last member max', lastMember.maxMs, ' ms'),
    ],
    notes: [
      'the listening processes read their members one after the other, and that is part of the time to the last one',
    ],
  })
}

/** A row about groups; the unit is a delivery. */
export function groupsRow(
  stage: Stage,
  name: ScenarioName,
  { plan, result, back }: GroupsRun,
  more: Partial<Subject>,
): Row {
  return rowOf(stage, name, plan, result, back, {
    units: result.window.pushes,
    lastMemberP50Ms: result.lastMember.p50Ms,
    lastMemberP99Ms: result.lastMember.p99Ms,
    ...more,
  })
}
