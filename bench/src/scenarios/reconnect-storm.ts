import { atLeast, atMost } from '../figures.ts'
import { type StormResult, storm } from '../load/storm.ts'
import { seeded } from '../random.ts'
import { rounded } from '../report.ts'
import { type CallRow, callRow } from './calls.ts'
import { dealt, openGroups, sourceOf } from './groups.ts'
import { nodeOf, text } from './pairs.ts'
import type { Stage } from './stage.ts'

export const sessionsByDefault = 15_000
const conversationsOfEach = 2
const membersOfEach = 50
const patienceMs = 120_000
const leadMs = 3000
const seed = 1

/** P7: everybody is cut off at once, and comes back while messages go on arriving. */
export async function reconnectStorm(stage: Stage): Promise<CallRow> {
  const { clients: count = sessionsByDefault, rate = 100 } = stage.options
  const groups = Math.max(1, Math.ceil((count * conversationsOfEach) / membersOfEach))
  stage.say(`${groups} groups of about ${membersOfEach}`)
  // The last account is the writer, who is in all of them.
  const layout = dealt(count, groups, Math.min(groups, conversationsOfEach))
  const { accounts, conversations } = await openGroups(
    stage,
    count + 1,
    layout.map((members) => [...members, count]),
  )
  const addressOfSession = (i: number): { host: string; port: number; token: string; from?: string } => ({
    host: stage.server.host,
    port: nodeOf(stage, i),
    token: accounts[i]?.token ?? '',
    ...sourceOf(i),
  })
  const sessions = Array.from({ length: count }, (_, i) => ({
    address: addressOfSession(i),
    conversations: [] as string[],
  }))
  for (const { id, members } of conversations)
    for (const member of members) sessions[member]?.conversations.push(id)
  stage.say(`connecting ${count} sessions`)
  const result = await storm({
    sessions,
    conversations,
    writer: addressOfSession(count),
    rate,
    text,
    serverPids: stage.nodes.map(({ pid }) => pid),
    random: seeded(seed),
    patienceMs,
    leadMs,
    say: stage.say,
  })
  return rowOfStorm(stage, count, groups, rate, result)
}

function rowOfStorm(
  stage: Stage,
  sessions: number,
  groups: number,
  rate: number,
  result: StormResult,
): CallRow {
  const { inSync, syncing, serverCpuUs: cpu, rssBytes: rss } = result
  const seconds = inSync.maxMs / 1000
  return callRow(stage, 'reconnect-storm', {
    reasons: stormFaults(result),
    size: {
      sessions,
      groups,
      'messages a second': rate,
      messages: result.sent,
      attempts: result.attempts,
      missing: result.missing,
    },
    calls: [
      { name: 'from cut to in sync', perSecond: null, firstMs: null, ...inSync },
      { name: 'from open to in sync', perSecond: null, firstMs: null, ...syncing },
    ],
    figures: [
      atMost('all in sync', rounded(seconds, 2), ' s', 15),
      atLeast('full syncs', rounded(inSync.count / seconds), '/s', 1500),
      atMost('server CPU', rounded((cpu ?? Number.NaN) / sessions), ' µs a session'),
      atMost('generator CPU', rounded(result.generatorCpuUs / sessions), ' µs a session'),
      atMost('RSS', rounded((rss ?? Number.NaN) / 2 ** 20), ' MiB'),
    ],
    notes: [
      'back-off with full jitter, 500 ms doubling to 30 s, as the SDK has it',
      ...Object.entries(result.failures).map(([why, count]) => `${count} attempts failed: ${why}`),
    ],
  })
}

/** Why a storm must not count as survived. */
export function stormFaults({ away, missing, acked, wrong, examples }: StormResult): string[] {
  const reasons: string[] = []
  if (away > 0) reasons.push(`${away} sessions did not come back`)
  if (missing > 0) reasons.push(`${missing} acked messages are missing from sessions`)
  if (acked === 0) reasons.push('nothing was acked')
  if (wrong > 0) reasons.push(`${wrong} things were wrong`, ...examples)
  return reasons
}
