import { expect, test } from 'vitest'
import type { SendTemplate } from '../../wire/send-template.ts'
import { serverReceiver } from '../../wire/ws-parts.ts'
import { carrying } from '../wire/cutter.ts'
import { cutStanzas } from '../wire/stanzas.ts'
import { publication } from './nats.ts'
import { eventTemplate } from './socketio.ts'
import { messageTemplate } from './xmpp.ts'

/** Two messages in one buffer, as a ring keeps them. */
function stamped(template: SendTemplate, numbers: readonly number[]): Buffer {
  const size = template.frame.length
  const buffer = Buffer.concat(numbers.map(() => template.frame))
  for (const [i, n] of numbers.entries()) template.stamp(buffer, i * size, n)
  return buffer
}

test('an XMPP message is two stanzas with its number as id', () => {
  const bytes = stamped(messageTemplate('u1@localhost', 'a < b'), [7, 1234567])
  const units: string[] = []
  carrying(cutStanzas).push(bytes, bytes.length, (all, from, to) =>
    units.push(Buffer.from(all.subarray(from, to)).toString()),
  )
  const message = (id: string): string =>
    `<message to='u1@localhost' type='chat' id='${id}'><body>a &lt; b</body></message>`
  const request = `<r xmlns='urn:xmpp:sm:3'/>`
  expect(units).toEqual([message('000000000007'), request, message('000001234567'), request])
})

test('a NATS publication has its number in the payload and in the subject of its answer', () => {
  expect(stamped(publication('room', 'words'), [7]).toString()).toBe('PUB room 17\r\n000000000007words\r\n')
  expect(stamped(publication('pair.3', 'words', 'back.2.'), [42, 5]).toString()).toBe(
    'PUB pair.3 back.2.000000000042 17\r\n000000000042words\r\n' +
      'PUB pair.3 back.2.000000000005 17\r\n000000000005words\r\n',
  )
})

test('a Socket.IO event is a masked frame with its number as ack id and in its data', async () => {
  const receiver = serverReceiver()
  const texts: string[] = []
  receiver.on('message', (data: Buffer) => texts.push(data.toString()))
  await new Promise<void>((resolve, reject) => {
    receiver.on('error', reject)
    receiver.write(stamped(eventTemplate('words'), [7, 890]), () => setImmediate(resolve))
  })
  expect(texts).toEqual([
    '42000000000007["msg",{"id":"000000000007","text":"words"}]',
    '42000000000890["msg",{"id":"000000000890","text":"words"}]',
  ])
})
