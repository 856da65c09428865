import { expect, test } from 'vitest'
import { readOptions, scenarioNames } from './options.ts'

test('all means every scenario, each with its own defaults', () => {
  const options = readOptions(['all'])
  expect(options.scenarios).toEqual(scenarioNames)
  expect(options).toMatchObject({ json: false, codec: 'nexo.v1', seconds: undefined, clients: undefined })
})

test('flags may stand before or after the scenario', () => {
  const options = readOptions(['--json', '--in-flight', '16', 'fanout', '--members', '50'])
  expect(options).toMatchObject({ scenarios: ['fanout'], json: true, inFlight: 16, members: 50 })
})

const wrong: readonly (readonly [string, string])[] = [
  ['', 'no scenario'],
  ['sendclosed', 'sendclosed'],
  ['idle --seconds 0', '--seconds'],
  ['idle --clients 1.5', '--clients'],
  ['idle --rate fast', '--rate'],
  ['idle --codec gob', '--codec'],
  ['idle --nonsense', '--nonsense'],
]

for (const [args, named] of wrong) {
  test(`refused, naming the culprit: "${args}"`, () => {
    expect(() => readOptions(args.split(' ').filter((word) => word !== ''))).toThrow(named)
  })
}
