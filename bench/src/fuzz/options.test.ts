import { expect, test } from 'vitest'
import { readFuzzOptions, roundNames } from './options.ts'

test('a round with its options is read', () => {
  const args = [
    'http',
    '--count',
    '500',
    '--seed',
    '7',
    '--seconds',
    '9',
    '--store',
    'mysql',
    '--out',
    'x.jsonl',
  ]
  expect(readFuzzOptions(args)).toEqual({
    ...{ rounds: ['http'], store: 'mysql', count: 500, seed: 7, seconds: 9, out: 'x.jsonl', isFull: false },
  })
})

test('ci and full are all rounds', () => {
  expect(readFuzzOptions(['ci']).rounds).toEqual(roundNames)
  expect(readFuzzOptions(['full'])).toMatchObject({ rounds: roundNames, isFull: true, count: undefined })
})

test.each([
  [[], 'the rounds are'],
  [['frames', 'calls'], 'the rounds are'],
  [['frames', '--count', '0'], '--count'],
  [['frames', '--seed', '-1'], '--seed'],
  [['frames', '--store', 'oracle'], '--store'],
])('%j is refused with a plain sentence', (args, words) => {
  expect(() => readFuzzOptions(args)).toThrow(words)
})
