import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Histogram } from './histogram.ts'

function filled(values: readonly number[]): Histogram {
  const histogram = new Histogram()
  for (const value of values) histogram.record(value)
  return histogram
}

test('values below 128 µs are kept exactly', () => {
  const histogram = filled(Array.from({ length: 128 }, (_, i) => i))
  expect(histogram.percentile(0.5)).toBe(63)
  expect(histogram.percentile(0.99)).toBe(126)
  expect(histogram.percentile(1)).toBe(127)
})

test('any percentile is at or above the true value and never more than 1/64 above it', () => {
  const someValues = fc.array(fc.integer({ min: 0, max: 2 ** 31 - 1 }), { minLength: 1, maxLength: 200 })
  fc.assert(
    fc.property(someValues, fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
      const sorted = values.toSorted((a, b) => a - b)
      const truth = sorted[Math.max(1, Math.ceil(share * values.length)) - 1] as number
      const told = filled(values).percentile(share)
      expect(told).toBeGreaterThanOrEqual(truth)
      expect(told).toBeLessThanOrEqual(truth + truth / 64)
    }),
  )
})

test('the maximum is exact and no percentile exceeds it', () => {
  const histogram = filled([10, 1_000_003])
  expect(histogram.latency().maxMs).toBe(1000.003)
  expect(histogram.percentile(0.999)).toBe(1_000_003)
})

test('an empty histogram tells zeros', () => {
  expect(new Histogram().latency()).toEqual({
    count: 0,
    meanMs: 0,
    p50Ms: 0,
    p90Ms: 0,
    p99Ms: 0,
    p999Ms: 0,
    maxMs: 0,
  })
})

test('negative and huge values are clamped, not lost', () => {
  const histogram = filled([-5, 2 ** 40])
  expect(histogram.count).toBe(2)
  expect(histogram.percentile(0.5)).toBe(0)
  expect(histogram.percentile(1)).toBe(2 ** 31 - 1)
})
