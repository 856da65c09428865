import { expect, test } from 'vitest'
import { atLeast } from './figures.ts'
import { judgeFloors } from './floors.ts'

const slow = { verdict: 'PASS', figures: [atLeast('acks', 7999, '/s', 20_000)] } as const
const fine = { verdict: 'PASS', figures: [atLeast('acks', 8000, '/s', 20_000)] } as const

test('below two fifths of the goal is below the floor, and has no excuse on a machine of its own', () => {
  expect(judgeFloors([slow, fine], 0.1)).toEqual({
    below: ['acks 7,999/s (goal ≥ 20,000)'],
    excuse: undefined,
  })
  expect(judgeFloors([fine], 0).below).toEqual([])
})

test('a void run and a machine that others use are excuses', () => {
  expect(judgeFloors([{ ...slow, verdict: 'VOID' }], 0).excuse).toContain('void')
  expect(judgeFloors([slow], 0.34).excuse).toBe('others used 34 % of the machine')
})

test('where nobody knows what others use, the floor counts', () => {
  expect(judgeFloors([slow], undefined).excuse).toBeUndefined()
})
