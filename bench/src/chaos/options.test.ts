import { expect, test } from 'vitest'
import { boardOf } from './board.ts'
import { faultNames, readChaosOptions } from './options.ts'

const read = (line: string): ReturnType<typeof readChaosOptions> => readChaosOptions(line.split(' '))

test('the only server keeps all in a file, several share MariaDB and hear each other by Redis', () => {
  expect(read('kill')).toMatchObject({ store: 'sqlite', bus: undefined, clients: 50 })
  expect(read('nodes')).toMatchObject({ store: 'mysql', bus: 'redis' })
  expect(read('link')).toMatchObject({ store: 'mysql', bus: 'redis' })
  expect(read('nodes --store mongodb --bus nats')).toMatchObject({ store: 'mongodb', bus: 'nats' })
})

const wrong: readonly (readonly [string, string])[] = [
  ['fire', 'the faults are'],
  ['nodes --store sqlite', 'SQLite'],
  ['nodes --store oracle', '--store'],
  ['nodes --bus kafka', '--bus'],
  ['redis --store redis', 'beside'],
  ['redis --bus nats', 'nats'],
  ['disk-full --store mysql', '--store sqlite'],
  ['kill --times 0', '--times'],
  ['kill --clients 5', '--clients'],
]

for (const [line, named] of wrong) {
  test(`refused, naming the culprit: "${line}"`, () => {
    expect(() => read(line)).toThrow(named)
  })
}

test('the whole board plays every fault, as often as it is asked for, each with options of its own', () => {
  const ci = boardOf(['ci', '--seed', '7', '--keep']) ?? []
  expect(new Set(ci.map(({ fault }) => fault))).toEqual(new Set(faultNames))
  expect(ci.every(({ seed, keep }) => seed === 7 && keep)).toBe(true)
  expect(ci.filter(({ fault }) => fault === 'power').map(({ store, times }) => [store, times])).toEqual([
    ['sqlite', 5],
    ['mysql', 5],
  ])
  expect(boardOf(['full'])?.find(({ fault }) => fault === 'lost-acks')?.times).toBe(20_000)
  expect(boardOf(['kill'])).toBeUndefined()
})
