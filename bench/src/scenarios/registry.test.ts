import { expect, test } from 'vitest'
import { readOptions, scenarioNames } from '../options.ts'
import { runsOf } from './registry.ts'

const shown = (...args: string[]): (string | number | undefined)[][] =>
  runsOf(readOptions(args)).map(({ name, options }) => [name, options.inFlight, options.rate])

test('every scenario has a run, in its order', () => {
  const names = runsOf(readOptions(['all', '--store', 'mysql'])).map(({ name }) => name)
  expect([...new Set(names)]).toEqual(scenarioNames)
})

test('windows and rates are those of the design unless others are asked for', () => {
  expect(shown('send-closed').map(([, inFlight]) => inFlight)).toEqual([1, 4, 16])
  expect(shown('send-open').map(([, , rate]) => rate)).toEqual([1000, 5000, 10_000])
  expect(shown('fanout-many').map(([, , rate]) => rate)).toEqual([500, 1000])
  expect(shown('send-closed', '--in-flight', '2')).toEqual([['send-closed', 2, undefined]])
  expect(shown('send-open', '--rate', '10,20').map(([, , rate]) => rate)).toEqual([10, 20])
  expect(shown('restart')).toHaveLength(1)
})

test('quick plays P1 to P4', () => {
  const names = runsOf(readOptions(['quick'])).map(({ name }) => name)
  expect(new Set(names)).toEqual(new Set(['send-closed', 'send-open', 'fanout', 'fanout-many']))
})
