import { expect, test } from 'vitest'
import { carrying } from './cutter.ts'
import { cutOperations } from './operations.ts'

const units = [
  'INFO {"server_name":"x"}\r\n',
  'PING\r\n',
  'MSG room 1 5\r\nhello\r\n',
  'MSG inbox.3.7 1 back.1 12\r\nPING\r\nMSG\r\nx\r\n',
  'MSG empty 2 0\r\n\r\n',
  "-ERR 'Authorization Violation'\r\n",
]
const stream = units.join('')

function unitsOf(parts: readonly string[]): string[] {
  const found: string[] = []
  const cutter = carrying(cutOperations)
  for (const part of parts) {
    const bytes = Buffer.from(part)
    cutter.push(bytes, bytes.length, (all, from, to) =>
      found.push(Buffer.from(all.subarray(from, to)).toString()),
    )
  }
  return found
}

test('lines and messages are told apart, whatever a payload says', () => {
  expect(unitsOf([stream])).toEqual(units)
})

test('wherever a read ends, the operations are the same', () => {
  for (let at = 1; at < stream.length; at++)
    expect(unitsOf([stream.slice(0, at), stream.slice(at)]), `cut at ${at}`).toEqual(units)
})

test('a message without a length is refused', () => {
  expect(() => unitsOf(['MSG room 1 x5\r\nhello\r\n'])).toThrow('without a length')
})
