import { expect, test } from 'vitest'
import { atLeast, atMost, distanceOf } from './figures.ts'

test('a figure at its goal misses nothing', () => {
  const figures = [
    atLeast('acks', 20_000, '/s', 20_000),
    atMost('p99', 10, ' ms', 10),
    atMost('RSS', 7, ' MB'),
  ]
  expect(distanceOf(figures)).toEqual({ short: [], belowFloor: [] })
})

test('a figure off its goal is named with both', () => {
  const { short, belowFloor } = distanceOf([
    atLeast('acks', 8000, '/s', 20_000),
    atMost('p99', 25, ' ms', 10),
  ])
  expect(short).toEqual(['acks 8,000/s (goal ≥ 20,000)', 'p99 25 ms (goal ≤ 10)'])
  expect(belowFloor).toEqual([])
})

test('below two fifths of the goal a figure is below the floor', () => {
  const figures = [atLeast('acks', 7999, '/s', 20_000), atMost('p99', 25.1, ' ms', 10)]
  expect(distanceOf(figures).belowFloor).toHaveLength(2)
})

test('a cost misses its goal as a speed does, and has no floor', () => {
  const { short, belowFloor } = distanceOf([{ ...atMost('CPU', 13, ' µs', 4), isCost: true }])
  expect(short).toEqual(['CPU 13 µs (goal ≤ 4)'])
  expect(belowFloor).toEqual([])
})

test('what could not be measured misses nothing', () => {
  expect(distanceOf([atLeast('acks', null, '/s', 20_000)])).toEqual({ short: [], belowFloor: [] })
})
