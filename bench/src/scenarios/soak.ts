import { setTimeout as sleep } from 'node:timers/promises'
import { generateTogether } from '../child.ts'
import { atMost } from '../figures.ts'
import { type Inspector, openInspector } from '../inspector.ts'
import type { IdlePlan, LoadResult, OpenPlan } from '../load/plan.ts'
import type { Options } from '../options.ts'
import { descriptorsOf, readProcess } from '../process-stats.ts'
import { type Row, rounded } from '../report.ts'
import { type Sample, slopeOf } from '../slope.ts'
import { sourceOf } from './groups.ts'
import { partOf } from './login.ts'
import { basics, openPairs, text } from './pairs.ts'
import { readBack } from './read-back.ts'
import { rowOf } from './row.ts'
import type { Stage } from './stage.ts'

const minutesByDefault = 30
const rateByDefault = 1000
const clients = 1000
const idleByDefault = 5000
const looks = 30
const quarters = 4

export function soakConnections({ clients: silent = idleByDefault }: Options): number {
  return clients + silent + 100
}

/** P13: a steady load beside many silent sessions for long: nothing grows, nothing slows down. */
export async function soak(stage: Stage): Promise<Row> {
  const { minutes = minutesByDefault, rate = rateByDefault, clients: silent = idleByDefault } = stage.options
  const seconds = minutes * 60
  const everybody = await openPairs(stage, clients + silent + (silent % 2))
  const speakers = partOf(everybody, 0, clients)
  const open: OpenPlan = {
    ...{ ...basics(stage), ...speakers, seconds },
    ...{ kind: 'open', rate, parts: quarters },
  }
  const sessions = everybody.clients
    .slice(clients, clients + silent)
    .map(({ token, port }, i) => ({ token, ...(port !== undefined && { port }), ...sourceOf(i) }))
  const idle: IdlePlan = { ...basics(stage), seconds, kind: 'idle', clients: sessions, conversations: [] }
  stage.say(`${rate} messages a second of ${clients} clients, ${silent} silent sessions, ${minutes} min`)
  const over = new AbortController()
  const watching = watch(stage, seconds, over.signal)
  const [result, silence] = (await generateTogether([open, idle])) as [LoadResult, LoadResult]
  over.abort()
  const seen = await watching
  stage.say(`reading back ${result.acked} acked messages`)
  const { conversations, userIds } = speakers
  const back = await readBack(stage.api, conversations, result.sent, userIds, text)
  return rowOf(stage, 'soak', open, result, back, {
    units: result.window.acks,
    clients: clients + silent,
    wrong: silence.lost > 0 ? [`${silence.lost} silent sessions were lost`, ...silence.complaints] : [],
    figures: figuresOf(seen, result.parts?.map(({ p99Ms }) => p99Ms) ?? []),
    notes: [
      `p99 of the quarters ${result.parts?.map(({ p99Ms }) => p99Ms).join(', ')} ms`,
      `heap after a forced collection ${megabytes(seen.heap)} MiB, RSS ${megabytes(seen.rss)} MiB, ${seen.descriptors.at(-1)?.value ?? 'n/a'} descriptors`,
      `looked at through the inspector of the first node, which is open for it; each of ${seen.heap.length} forced collections is a pause that the latencies hold`,
    ],
  })
}

function megabytes(samples: readonly Sample[]): string {
  const ends = [samples.at(0), samples.at(-1)]
  return ends.map((sample) => ((sample?.value ?? Number.NaN) / 2 ** 20).toFixed(1)).join(' -> ')
}

/** @param p99s of the quarters of the window, ms */
function figuresOf(seen: Seen, p99s: readonly number[]): Row['figures'] {
  const perTenMinutes = (samples: readonly Sample[]): number => slopeOf(samples) * 600
  const level = seen.heap.reduce((sum, { value }) => sum + value, 0) / seen.heap.length
  return [
    atMost('heap', rounded((perTenMinutes(seen.heap) / level) * 100, 2), ' % in ten minutes', 2),
    atMost('descriptors', rounded(perTenMinutes(seen.descriptors), 1), ' in ten minutes', 0.5),
    atMost('p99 drift', rounded((p99s.at(-1) ?? Number.NaN) / (p99s[0] ?? Number.NaN), 2), ' ×', 1.5),
    atMost('RSS', rounded(perTenMinutes(seen.rss) / 2 ** 20, 1), ' MiB in ten minutes'),
  ]
}

interface Seen {
  readonly heap: Sample[]
  readonly rss: Sample[]
  readonly descriptors: Sample[]
}

/** Looks at the first node from the time on at which its caches have filled: what they take is no leak. */
async function watch({ server }: Stage, seconds: number, over: AbortSignal): Promise<Seen> {
  const seen: Seen = { heap: [], rss: [], descriptors: [] }
  if (server.inspector === undefined) throw new Error('the server has no inspector')
  const inspector: Inspector = await openInspector(server.inspector)
  const everyMs = (seconds * 1000) / looks
  const pause = (ms: number): Promise<void> => sleep(ms, undefined, { signal: over }).catch(() => undefined)
  await pause(seconds * 1000 * 0.25)
  for (let look = 0; !over.aborted; look++) {
    const at = look * (everyMs / 1000)
    seen.heap.push({ at, value: await inspector.heapAfterCollection() })
    seen.rss.push({ at, value: readProcess(server.pid)?.rssBytes ?? Number.NaN })
    seen.descriptors.push({ at, value: descriptorsOf(server.pid) ?? Number.NaN })
    await pause(everyMs)
  }
  inspector.close()
  return seen
}
