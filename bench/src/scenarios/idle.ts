import { generate } from '../child.ts'
import { atMost } from '../figures.ts'
import type { IdleFigures, IdlePlan } from '../load/plan.ts'
import type { Options } from '../options.ts'
import { type Row, rounded } from '../report.ts'
import type { Account } from './accounts.ts'
import { openAccounts } from './accounts.ts'
import { ceilingOf } from './ceiling-run.ts'
import { sourceOf } from './groups.ts'
import { basics, nodeOf } from './pairs.ts'
import { rowOf } from './row.ts'
import type { Stage } from './stage.ts'

const accountsByDefault = 2000

export function idleSessions(options: Options): number {
  return options.clients ?? 2000
}

/** What a signed-in session costs that says nothing. */
export async function idle(stage: Stage): Promise<Row> {
  const sessions = idleSessions(stage.options)
  const count = Math.min(sessions, stage.options.accounts ?? accountsByDefault)
  const accounts = await openAccounts(stage, count)
  const clients = Array.from({ length: sessions }, (_, i) => ({
    port: nodeOf(stage, i),
    token: (accounts[i % count] as Account).token,
    ...sourceOf(i),
  }))
  const plan: IdlePlan = { ...basics(stage), kind: 'idle', clients, conversations: [] }
  stage.say(`${sessions} sessions of ${count} users, silent for ${plan.seconds} s`)
  const result = await generate(plan)
  const ceiling = await ceilingOf(stage, 'echo', plan, 'the same number of connections')
  const bytes = bytesPerSession(result.idle)
  const bare = bytesPerSession(ceiling?.idle)
  if (ceiling) stage.say(`bare ws: ${bare?.toFixed(0) ?? 'n/a'} bytes a connection`)
  return rowOf(stage, 'idle', plan, result, undefined, {
    units: sessions * result.window.seconds,
    seconds: result.window.seconds,
    acksPerSecond: null,
    deliveriesPerSecond: null,
    p50Ms: null,
    p90Ms: null,
    p99Ms: null,
    p999Ms: null,
    maxMs: null,
    ackP50Ms: null,
    ackP99Ms: null,
    serviceP99Ms: null,
    bytesPerSession: rounded(bytes),
    figures: [
      atMost('memory', rounded(bytes), ' B a session', 15 * 1024),
      atMost('server CPU', rounded((result.idle?.serverCpu ?? Number.NaN) * 100, 1), ' % of a core', 5),
    ],
    ratio: bytes === undefined || bare === undefined ? null : rounded(bytes / bare, 2),
  })
}

function bytesPerSession(figures: IdleFigures | undefined): number | undefined {
  if (figures?.firstRssBytes === undefined || figures.rssBytes === undefined) return undefined
  return (figures.rssBytes - figures.firstRssBytes) / (figures.sessions - figures.firstSessions)
}
