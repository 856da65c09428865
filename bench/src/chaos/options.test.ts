import { expect, test } from 'vitest'
import { readChaosOptions } from './options.ts'

const read = (line: string): ReturnType<typeof readChaosOptions> => readChaosOptions(line.split(' '))

test('the only server keeps all in a file, several share MariaDB and hear each other by Redis', () => {
  expect(read('kill')).toMatchObject({ store: 'sqlite', bus: undefined, clients: 50 })
  expect(read('nodes')).toMatchObject({ store: 'mysql', bus: 'redis' })
  expect(read('nodes --store mongodb --bus nats')).toMatchObject({ store: 'mongodb', bus: 'nats' })
})

const wrong: readonly (readonly [string, string])[] = [
  ['fire', 'the faults are'],
  ['nodes --store sqlite', 'SQLite'],
  ['nodes --store oracle', '--store'],
  ['nodes --bus kafka', '--bus'],
  ['redis --store redis', 'beside'],
  ['redis --bus nats', 'nats'],
  ['kill --times 0', '--times'],
  ['kill --clients 5', '--clients'],
]

for (const [line, named] of wrong) {
  test(`refused, naming the culprit: "${line}"`, () => {
    expect(() => read(line)).toThrow(named)
  })
}
