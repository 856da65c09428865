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

const wrong: readonly (readonly string[])[] = [
  [],
  ['sendclosed'],
  ['idle', '--seconds', '0'],
  ['idle', '--clients', '1.5'],
  ['idle', '--rate', 'fast'],
  ['idle', '--codec', 'gob'],
  ['idle', '--nonsense'],
]

for (const args of wrong) {
  test(`refused: "${args.join(' ')}"`, () => {
    expect(() => readOptions(args)).toThrow(/scenario|--\w+|option/i)
  })
}
