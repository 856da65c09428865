import { describeEnvironment, measureFsync } from '../environment.ts'
import type { LoadPlan, LoadResult } from '../load/plan.ts'
import type { ScenarioName } from '../options.ts'
import { faults, hindrances, latencyColumns, type Row, rounded, verdictOf } from '../report.ts'
import type { ReadBack } from './read-back.ts'
import type { Stage } from './stage.ts'

/** What only the scenario knows. */
export interface Subject extends Partial<Row> {
  /** Acks or deliveries in the window. */
  readonly units: number
}

/** Where it was kept, and what that promises. */
export function placeColumns({
  place,
  options,
  nodes,
}: Stage): Pick<Row, 'store' | 'durability' | 'storeVersion' | 'nodes' | 'bus'> {
  return {
    store: place.store,
    durability: place.durability,
    storeVersion: `${place.version}, ${place.setting}`,
    nodes: nodes.length,
    bus: options.bus ?? null,
  }
}

/** The columns that all scenarios fill alike; `subject` has the last word. */
export function rowOf(
  stage: Stage,
  scenario: ScenarioName,
  plan: LoadPlan,
  result: LoadResult,
  back: ReadBack | undefined,
  { units, ...subject }: Subject,
): Row {
  const failed = faults(result, back)
  const hindered = plan.kind === 'open' ? hindrances(result) : []
  const { serverCpuUs: cpu, storeCpuUs: storeCpu } = result.window
  return {
    scenario,
    verdict: verdictOf(failed, hindered),
    reasons: [...failed, ...hindered],
    void: hindered.length > 0,
    ...placeColumns(stage),
    codec: plan.codec,
    seconds: plan.seconds,
    clients: plan.clients.length,
    inFlight: 'inFlight' in plan ? plan.inFlight : null,
    offeredPerSecond: plan.kind === 'open' ? plan.rate : null,
    acksPerSecond: rounded(result.window.acks / result.window.seconds),
    deliveriesPerSecond: rounded(result.window.pushes / result.window.seconds),
    latencyOf: 'delivery',
    ...latencyColumns(result.delivery),
    ackP50Ms: result.ack.p50Ms,
    ackP99Ms: result.ack.p99Ms,
    serviceP99Ms: result.service.p99Ms,
    lastMemberP50Ms: null,
    lastMemberP99Ms: null,
    sent: result.sent.client.length,
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
    fsyncP50Ms: stage.fsyncP50Ms,
    fsyncAfterP50Ms: measureFsync(stage.folder),
    raised: stage.raised,
    environment: describeEnvironment(),
    ...subject,
  }
}
