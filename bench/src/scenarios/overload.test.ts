import { expect, test } from 'vitest'
import { Histogram } from '../histogram.ts'
import type { PhaseFigures } from '../load/phases.ts'
import { emptinessOf, recoveredAfter, type Seen, wrongIn } from './overload.ts'
import type { ReadBack } from './read-back.ts'

const back: ReadBack = { stored: 100, missing: 0, duplicates: 0, outOfOrder: 0, invented: 0 }

function second(ms: number, refused: PhaseFigures['refused'] = {}): PhaseFigures {
  const histogram = new Histogram()
  histogram.record(ms * 1000)
  const latency = histogram.latency()
  return { written: 100, acked: 100, refused, ack: latency, delivery: latency }
}

const seen: Seen = {
  calm: [second(5), second(10)],
  above: second(900, { 1006: 200 }),
  after: [second(9)],
}

test('refusals that say "later" are no fault, and others are', () => {
  expect(wrongIn(seen, 100, back)).toEqual([])
  expect(wrongIn({ ...seen, above: second(900, { 4005: 2 }) }, 100, back)).toHaveLength(1)
  expect(wrongIn({ ...seen, after: [second(9, { '-1': 1 })] }, 100, back)).toHaveLength(1)
})

test('a message that is stored though its sender was refused is a fault', () => {
  expect(wrongIn(seen, 99, back)).toEqual(['1 messages are stored whose senders were told that they are not'])
})

test('it is normal again with two seconds in a row that are like those before', () => {
  const { calm } = seen
  expect(recoveredAfter({ calm, after: [second(20), second(3), second(3)] })).toBe(0)
  expect(recoveredAfter({ calm, after: [second(21), second(3), second(30), second(3), second(3)] })).toBe(3)
  expect(recoveredAfter({ calm, after: [second(5, { 1006: 1 }), second(5), second(5)] })).toBe(1)
  expect(recoveredAfter({ calm, after: [second(90), second(90)] })).toBe(2)
})

test('a run is void where too little was offered, the generator was late, or nothing was too much', () => {
  expect(emptinessOf(seen, 3, 10)).toEqual([])
  expect(emptinessOf(seen, 2.6, 10)).toHaveLength(1)
  expect(emptinessOf(seen, 3, 251)).toHaveLength(1)
  expect(emptinessOf({ ...seen, above: second(1900) }, 3, 10)).toHaveLength(1)
  expect(emptinessOf({ ...seen, calm: [second(5, { 1006: 1 })] }, 3, 10)).toHaveLength(1)
})

test('everything accepted and much too late is a figure, not a void run', () => {
  expect(emptinessOf({ ...seen, above: second(9000) }, 3, 10)).toEqual([])
})
