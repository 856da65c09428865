import { expect, test } from 'vitest'
import { Histogram } from './histogram.ts'
import type { LoadResult } from './load/plan.ts'
import { faults, hindrances, verdictOf } from './report.ts'
import type { ReadBack } from './scenarios/read-back.ts'

const quiet = new Histogram().latency()
const back: ReadBack = { stored: 9, missing: 0, duplicates: 0, outOfOrder: 0, invented: 0 }

function result(changes: Partial<LoadResult> = {}): LoadResult {
  return {
    window: { seconds: 1, acks: 9, pushes: 18, serverCpuUs: 1, rssBytes: 1, generatorCpu: 0.3 },
    sent: { client: new Uint16Array(9), seq: new Uint32Array(9), serverId: new Float64Array(9) },
    acked: 9,
    refused: 0,
    unanswered: 0,
    lost: 0,
    broken: 0,
    complaints: [],
    pushes: 18,
    duplicatePushes: 0,
    outOfOrder: 0,
    written: 9,
    unpushed: 0,
    resyncs: 0,
    leftOut: 0,
    ack: quiet,
    delivery: quiet,
    service: quiet,
    lastMember: quiet,
    lag: quiet,
    ...changes,
  }
}

test('a run without a fault passes', () => {
  expect(faults(result(), back)).toEqual([])
  expect(verdictOf([], [])).toBe('PASS')
})

for (const fault of [
  'refused',
  'unanswered',
  'lost',
  'broken',
  'duplicatePushes',
  'outOfOrder',
  'unpushed',
] as const) {
  test(`one ${fault} in the run fails it`, () => {
    const found = faults(result({ [fault]: 1 }), back)
    expect(found).toHaveLength(1)
    expect(verdictOf(found, [])).toBe('FAIL')
  })
}

for (const fault of ['missing', 'duplicates', 'outOfOrder', 'invented'] as const) {
  test(`one ${fault} in the history fails the run`, () => {
    expect(faults(result(), { ...back, [fault]: 1 })).toHaveLength(1)
  })
}

test('a run in which nothing was acked proves nothing and fails', () => {
  expect(faults(result({ acked: 0 }), back)).toEqual(['nothing was acked'])
})

test('pushes that a resync notice stands for are no fault', () => {
  expect(faults(result({ resyncs: 3, leftOut: 7 }), back)).toEqual([])
})

test('an open loop is void when the generator was busy or late, and a fault outweighs that', () => {
  const busy = result({ window: { ...result().window, generatorCpu: 0.81 } })
  expect(hindrances(busy)).toHaveLength(1)
  expect(hindrances(result({ lag: { ...quiet, p99Ms: 5.1 } }))).toHaveLength(1)
  expect(hindrances(result({ lag: { ...quiet, p99Ms: 5 } }))).toEqual([])
  expect(verdictOf([], hindrances(busy))).toBe('VOID')
  expect(verdictOf(['lost'], hindrances(busy))).toBe('FAIL')
})
