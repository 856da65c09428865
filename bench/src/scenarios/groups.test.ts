import { expect, test } from 'vitest'
import { dealt, sourceOf } from './groups.ts'

test('a thousand clients fill a hundred groups of a hundred, each in ten different ones', () => {
  const layout = dealt(1000, 100, 10)
  expect(layout.map((members) => members.length)).toEqual(Array.from({ length: 100 }, () => 100))
  for (let i = 0; i < 1000; i++) expect(layout.filter((members) => members.includes(i))).toHaveLength(10)
})

test('groups do not all have the same members', () => {
  const layout = dealt(1000, 100, 10).map((members) => members.toSorted((a, b) => a - b).join())
  expect(new Set(layout).size).toBe(100)
})

test('an address gets fewer connections than it has ports', () => {
  expect([0, 19_999, 20_000, 40_000].map(sourceOf)).toEqual([
    {},
    {},
    { from: '127.0.0.2' },
    { from: '127.0.0.3' },
  ])
})
