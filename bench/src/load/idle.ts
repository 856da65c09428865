import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { readProcesses } from '../process-stats.ts'
import type { Link } from '../wire/link.ts'
import type { IdlePlan, LoadResult } from './plan.ts'
import type { Tally } from './tally.ts'

const restMs = 2000

/**
 * Connects all and stays silent. The first tenth pays for code that gets compiled and pools that grow, so the
 * price of a session is taken from the other nine tenths.
 */
export async function settle(
  plan: IdlePlan,
  tally: Tally,
  open: (indexes: readonly number[]) => Promise<Link[]>,
  begin: () => Promise<number>,
): Promise<LoadResult> {
  const indexes = plan.clients.map((_, index) => index)
  const firstSessions = Math.ceil(indexes.length / 10)
  const links = await open(indexes.slice(0, firstSessions))
  await sleep(restMs)
  const first = readProcesses(plan.serverPids)
  const started = performance.now()
  links.push(...(await open(indexes.slice(firstSessions))))
  const connecting = (performance.now() - started) / 1000
  process.stderr.write(
    `  ${links.length} sessions, the last ${links.length - firstSessions} in ${connecting.toFixed(1)} s\n`,
  )
  await sleep(restMs)
  await begin()
  const before = readProcesses(plan.serverPids)
  await sleep(plan.seconds * 1000)
  const after = readProcesses(plan.serverPids)
  for (const link of links) link.close()
  const use = before && after ? after.cpuUs - before.cpuUs : undefined
  const window = {
    seconds: plan.seconds,
    acks: 0,
    pushes: 0,
    serverCpuUs: use,
    rssBytes: after?.rssBytes,
    generatorCpu: 0,
  }
  return {
    ...tally.result(window),
    idle: {
      sessions: links.length,
      firstSessions,
      firstRssBytes: first?.rssBytes,
      rssBytes: after?.rssBytes,
      serverCpu: use === undefined ? undefined : use / 1e6 / plan.seconds,
    },
  }
}
