import { expect, test } from 'vitest'
import { Histogram } from '../histogram.ts'
import { actions, type MixStep } from '../load/mix.ts'
import { excessOf, mixFaults } from './mix.ts'

const quiet = new Histogram().latency()
const step: MixStep = {
  users: 500,
  offeredPerSecond: 180,
  done: 10_000,
  errors: 0,
  unanswered: 0,
  latency: { ...quiet, meanMs: 100, p99Ms: 2000 },
  byAction: Object.fromEntries(Object.keys(actions).map((name) => [name, quiet])) as MixStep['byAction'],
  lag: quiet,
  generatorCpu: 0.5,
}
const back = { stored: 9, missing: 0, duplicates: 0, outOfOrder: 0, invented: 0 }
const outcome = { steps: [step], back, lacking: 0, wrong: [] }

test('a step at the limits is held', () => {
  expect(excessOf(step)).toBeUndefined()
  expect(excessOf({ ...step, errors: 2 })).toBeUndefined()
})

const excesses: readonly (readonly [string, Partial<MixStep>, string])[] = [
  ['too many errors', { errors: 3 }, '3 errors'],
  ['too many answers that never came', { unanswered: 3 }, '3 errors'],
  ['a mean above the limit', { latency: { ...step.latency, meanMs: 100.1 } }, 'mean'],
  ['a p99 above the limit', { latency: { ...step.latency, p99Ms: 2001 } }, 'p99'],
  ['a generator that was busy', { generatorCpu: 0.9 }, 'generator'],
  ['a generator that was late', { lag: { ...quiet, p99Ms: 60 } }, 'generator'],
]

for (const [what, change, named] of excesses)
  test(`${what} ends the climb`, () => {
    expect(excessOf({ ...step, ...change })).toContain(named)
  })

test('a climb without a fault counts', () => {
  expect(mixFaults(outcome)).toEqual([])
})

for (const fault of ['missing', 'duplicates', 'outOfOrder', 'invented'] as const)
  test(`one ${fault} in the history fails the climb`, () => {
    expect(mixFaults({ ...outcome, back: { ...back, [fault]: 1 } })).toHaveLength(1)
  })

test('what a session lacks, saw wrong, or never heard fails the climb', () => {
  expect(mixFaults({ ...outcome, lacking: 1 })).toHaveLength(1)
  expect(mixFaults({ ...outcome, wrong: ['user 3 was lost'] })).toEqual(['user 3 was lost'])
  expect(mixFaults({ ...outcome, steps: [{ ...step, done: 0 }] })).toEqual(['nothing was answered'])
})
