import { expect, test } from 'vitest'
import { isKept, lineOf, type Measure } from './measure.ts'

const measure: Measure = { name: 'back', unit: 'ms', limit: 10, values: [3, 10, 5] }

test('a measure is kept when every value stays at or below its limit', () => {
  expect(isKept(measure)).toBe(true)
  expect(lineOf(measure)).toBe('ok        back: median 5 ms, most 10 ms, limit 10 ms, of 3')
})

test('one value above the limit breaks it, and so does having none', () => {
  expect(isKept({ ...measure, values: [3, 11] })).toBe(false)
  expect(isKept({ ...measure, values: [Number.NaN] })).toBe(false)
  expect(isKept({ ...measure, values: [] })).toBe(false)
  expect(lineOf({ ...measure, values: [] })).toContain('TOO MUCH')
})
