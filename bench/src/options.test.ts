import { expect, test } from 'vitest'
import { readOptions, scenarioNames } from './options.ts'

test('all means every scenario that the store can do, each with its own defaults', () => {
  const options = readOptions(['all'])
  expect(options.scenarios).toEqual(scenarioNames.filter((name) => name !== 'two-node'))
  expect(readOptions(['all', '--store', 'mysql']).scenarios).toEqual(scenarioNames)
  expect(options).toMatchObject({ json: false, codec: 'nexo.v1', seconds: undefined, clients: undefined })
})

test('quick leaves the choice of scenarios to itself and the bare library out', () => {
  expect(readOptions(['quick'])).toMatchObject({ quick: true, scenarios: [], ceilings: false })
  expect(readOptions(['idle'])).toMatchObject({ quick: false, ceilings: true, floors: false })
  expect(readOptions(['idle', '--no-ceilings', '--floors'])).toMatchObject({ ceilings: false, floors: true })
})

test('rates and windows may be several, for a run each', () => {
  const options = readOptions(['send-open', '--rate', '1000,5000', '--in-flight', '4'])
  expect(options).toMatchObject({ rates: [1000, 5000], rate: 1000, inFlights: [4], inFlight: 4 })
})

test('sessions are clients', () => {
  expect(readOptions(['reconnect-storm', '--sessions', '300']).clients).toBe(300)
})

test('flags may stand before or after the scenario', () => {
  const options = readOptions(['--json', '--in-flight', '16', 'fanout', '--members', '50'])
  expect(options).toMatchObject({ scenarios: ['fanout'], json: true, inFlight: 16, members: 50 })
})

test('several nodes hear each other by Redis unless told otherwise', () => {
  const one = readOptions(['idle', '--store', 'mysql'])
  expect(one).toMatchObject({ store: 'mysql', nodes: 1, bus: undefined })
  expect(readOptions(['idle', '--store', 'mysql', '--nodes', '2'])).toMatchObject({ nodes: 2, bus: 'redis' })
  expect(readOptions(['idle', '--store', 'mysql', '--bus', 'nats'])).toMatchObject({ nodes: 1, bus: 'nats' })
})

test('all leaves out what the store cannot be filled for', () => {
  const { scenarios } = readOptions(['all', '--store', 'redis'])
  expect(scenarioNames.filter((name) => !scenarios.includes(name))).toEqual([
    'long-list',
    'disk',
    'large-group',
  ])
})

const wrong: readonly (readonly [string, string])[] = [
  ['', 'no scenario'],
  ['sendclosed', 'sendclosed'],
  ['idle --seconds 0', '--seconds'],
  ['idle --clients 1.5', '--clients'],
  ['idle --rate fast', '--rate'],
  ['idle --codec gob', '--codec'],
  ['idle --nonsense', '--nonsense'],
  ['idle --store oracle', '--store'],
  ['idle --nodes 2', '--nodes'],
  ['two-node', 'two-node'],
  ['two-node --store mysql --nodes 3', '--nodes'],
  ['send-open --rate 1000,x', '--rate'],
  ['large-group --store redis', 'large-group'],
  ['idle --store mysql --nodes 2 --bus kafka', '--bus'],
  ['send-closed --baseline', '--baseline'],
]

for (const [args, named] of wrong) {
  test(`refused, naming the culprit: "${args}"`, () => {
    expect(() => readOptions(args.split(' ').filter((word) => word !== ''))).toThrow(named)
  })
}
