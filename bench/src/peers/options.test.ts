import { expect, test } from 'vitest'
import { peerNames, readCompareOptions } from './options.ts'

test('without arguments all peers meet us three times, ten seconds each', () => {
  expect(readCompareOptions([])).toMatchObject({
    peers: peerNames,
    scenarios: undefined,
    rounds: 3,
    seconds: 10,
    clients: undefined,
    out: undefined,
  })
})

test('peers and scenarios are lists, in either case of letters', () => {
  const options = readCompareOptions(['--peers', 'nats,Ejabberd', '--scenarios', 'p1,P3', '--rounds', '5'])
  expect(options).toMatchObject({ peers: ['nats', 'ejabberd'], scenarios: ['P1', 'P3'], rounds: 5 })
})

test('what makes no sense is refused in words', () => {
  expect(() => readCompareOptions(['--peers', 'openfire'])).toThrow('--peers: some of ejabberd')
  expect(() => readCompareOptions(['--rounds', '0'])).toThrow('--rounds: a whole number')
  expect(() => readCompareOptions(['--clients', '7'])).toThrow('even number')
  expect(() => readCompareOptions(['--store', 'sqlite'])).toThrow("Unknown option '--store'")
})
