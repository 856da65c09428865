import { describeEnvironment, measureFsync } from '../environment.ts'
import type { LoadPlan, LoadResult } from '../load/plan.ts'
import { type ScenarioName, scenarioIds } from '../options.ts'
import { faults, hindrances, latencyColumns, type Row, rounded, type Stamped, verdictOf } from '../report.ts'
import type { ReadBack } from './read-back.ts'
import type { Stage } from './stage.ts'

/** What only the scenario knows. */
export interface Subject extends Partial<Row> {
  /** Acks or deliveries in the window. */
  readonly units: number
  /** What else is not right, in words: each fails the run. */
  readonly wrong?: readonly string[]
  /** Why it did not show what it is about, in words: each makes the run void. */
  readonly emptiness?: readonly string[]
}

/** Where and when: what every line of the report says alike, before what the scenario says. */
export function stampOf(stage: Stage, scenario: ScenarioName): Omit<Stamped, 'verdict' | 'reasons'> {
  const { place, options, nodes } = stage
  return {
    id: scenarioIds[scenario],
    scenario,
    figures: [],
    store: place.store,
    durability: place.durability,
    storeVersion: `${place.version}, ${place.setting}`,
    nodes: nodes.length,
    bus: nodes.length > 1 ? (options.bus ?? null) : null,
    fsyncP50Ms: stage.fsyncP50Ms,
    fsyncAfterP50Ms: measureFsync(stage.folder),
    loadBefore: stage.loadBefore,
    raised: stage.raised,
    notes: [],
    environment: describeEnvironment(),
  }
}

/** The columns that all scenarios fill alike; `subject` has the last word. */
export function rowOf(
  stage: Stage,
  scenario: ScenarioName,
  plan: LoadPlan,
  result: LoadResult,
  back: ReadBack | undefined,
  { units, wrong = [], emptiness = [], ...subject }: Subject,
): Row {
  const failed = [...faults(result, back), ...wrong]
  const isSteady = 'rate' in plan && result.phases === undefined
  const hindered = [...(isSteady ? hindrances(result) : []), ...emptiness]
  const { serverCpuUs: cpu, storeCpuUs: storeCpu } = result.window
  return {
    ...stampOf(stage, scenario),
    verdict: verdictOf(failed, hindered),
    reasons: [...failed, ...hindered],
    void: hindered.length > 0,
    codec: plan.codec,
    seconds: plan.seconds,
    clients: plan.clients.length,
    inFlight: 'inFlight' in plan ? plan.inFlight : null,
    offeredPerSecond: 'rate' in plan ? plan.rate : null,
    acksPerSecond: rounded(result.window.acks / result.window.seconds),
    deliveriesPerSecond: rounded(result.window.pushes / result.window.seconds),
    latencyOf: 'delivery',
    ...latencyColumns(result.delivery),
    ackP50Ms: result.ack.p50Ms,
    ackP99Ms: result.ack.p99Ms,
    serviceP99Ms: result.service.count === 0 ? null : result.service.p99Ms,
    lastMemberP50Ms: null,
    lastMemberP99Ms: null,
    sent: result.written,
    acked: result.acked,
    errors: result.refused + result.broken,
    missing: back?.missing ?? 0,
    duplicates: (back?.duplicates ?? 0) + result.duplicatePushes,
    outOfOrder: (back?.outOfOrder ?? 0) + result.outOfOrder,
    resyncs: result.resyncs,
    leftOut: result.leftOut,
    serverCpuUsPerUnit: cpu === undefined ? null : rounded(cpu / units, 2),
    storeCpuUsPerUnit: storeCpu === undefined ? null : rounded(storeCpu / units, 2),
    rssBytes: result.window.rssBytes ?? null,
    bytesPerSession: null,
    ceilingPerSecond: null,
    ceilingP50Ms: null,
    ceilingP99Ms: null,
    ratio: null,
    generatorCpu: rounded(result.window.generatorCpu, 3) ?? 0,
    generatorLagP99Ms: result.lag.p99Ms,
    ...subject,
  }
}
