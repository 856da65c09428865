import { expect, test } from 'vitest'
import { slopeOf } from './slope.ts'

const samples = (...values: number[]) => values.map((value, i) => ({ at: i * 10, value }))

test('a steady value has no slope, a rising one what it rises by a second', () => {
  expect(slopeOf(samples(5, 5, 5, 5))).toBe(0)
  expect(slopeOf(samples(0, 20, 40, 60))).toBeCloseTo(2)
  expect(slopeOf(samples(60, 40, 20))).toBeCloseTo(-2)
})

test('what goes up and down around a level has next to none', () => {
  expect(Math.abs(slopeOf(samples(10, 12, 10, 12, 10, 12, 10)))).toBeLessThan(0.02)
})

test('a single look tells no slope', () => {
  expect(slopeOf(samples(7))).toBe(0)
})
