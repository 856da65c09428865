import { expect, test } from 'vitest'
import { diskMoved, letterNote, ratioOf, spreadOf } from './ratio.ts'
import { blankRun, type Run } from './run.ts'

const run = (figures: Partial<Run>): Run => ({
  ...blankRun({ who: 'x', durability: 'D2', setting: '' }),
  ...figures,
})
const ours = run({ acksPerSecond: 12_000, deliveriesPerSecond: 24_000, deliveryP99Ms: 5 })
const theirs = run({ acksPerSecond: 3000, deliveriesPerSecond: 6000, deliveryP99Ms: 40 })

test('a rate is ours over theirs, a latency theirs over ours', () => {
  expect(ratioOf(ours, theirs, 'acks')).toBe(4)
  expect(ratioOf(ours, theirs, 'deliveries')).toBe(4)
  expect(ratioOf(ours, theirs, 'delivery p99')).toBe(8)
})

test('acks are compared with rows where the other side only inserts', () => {
  expect(ratioOf(ours, run({ rowsPerSecond: 24_000 }), 'acks')).toBe(0.5)
})

test('a run that failed, is void or has no figure gives no ratio', () => {
  expect(ratioOf(ours, { ...theirs, verdict: 'FAIL' }, 'acks')).toBeNull()
  expect(ratioOf({ ...ours, verdict: 'VOID' }, theirs, 'acks')).toBeNull()
  expect(ratioOf(ours, run({}), 'acks')).toBeNull()
  expect(ratioOf(ours, run({ acksPerSecond: 0 }), 'acks')).toBeNull()
})

test('the ratio of a match is the median of its rounds, with the least and the greatest', () => {
  expect(spreadOf([5, 3, 4])).toEqual({ median: 4, min: 3, max: 5, of: 3 })
  expect(spreadOf([4, 2, 6, 100])).toEqual({ median: 5, min: 2, max: 100, of: 4 })
  expect(spreadOf([7])).toEqual({ median: 7, min: 7, max: 7, of: 1 })
})

test('rounds that do not count are left out, and without any there is no ratio', () => {
  expect(spreadOf([5, null, 3])).toEqual({ median: 4, min: 3, max: 5, of: 2 })
  expect(spreadOf([null, null])).toBeNull()
})

test('unlike durability letters are named', () => {
  expect(letterNote(ours, theirs)).toBeUndefined()
  expect(letterNote(ours, { ...theirs, durability: 'D1' })).toBe('letters differ: ours D2, theirs D1')
})

test('a disk that got more than twice as slow or fast makes a round void', () => {
  expect(diskMoved(0.2, 0.39)).toBe(false)
  expect(diskMoved(0.2, 0.41)).toBe(true)
  expect(diskMoved(0.41, 0.2)).toBe(true)
})
