import { finished } from 'node:stream/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { seeded } from '../random.ts'
import { serverReceiver } from '../wire/ws-parts.ts'
import { frameCase } from './frame-moves.ts'
import { closePayload, fragmented, frameBytes } from './frame-writer.ts'
import { forecast } from './rfc6455.ts'

const limit = 51_200
const text = 1

interface Received {
  readonly messages: number
  readonly pings: readonly string[]
  readonly close: number | undefined
}

/** What a library that knows no limit makes of the same bytes. */
async function received(bytes: Buffer): Promise<Received> {
  const receiver = serverReceiver()
  const seen = { messages: 0, pings: [] as string[], close: undefined as number | undefined }
  receiver.on('message', () => {
    seen.messages += 1
  })
  receiver.on('ping', (data: Buffer) => void seen.pings.push(data.toString('hex')))
  receiver.on('conclude', (code: number) => {
    seen.close = code
  })
  receiver.on('error', (error) => {
    const key = Object.getOwnPropertySymbols(error).find(({ description }) => description === 'status-code')
    seen.close = Number((error as unknown as Record<symbol, unknown>)[key as symbol])
  })
  receiver.end(bytes)
  await finished(receiver).catch(() => undefined)
  return seen
}

test('the forecast is what a library makes of the same bytes, sound or not', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), async (seed) => {
      const { bytes } = frameCase(seeded(seed))
      // The library takes whatever it can count here.
      const expected = forecast(bytes, Number.MAX_SAFE_INTEGER)
      const seen = await received(bytes)
      const { close } = expected
      expect(seen.close === undefined ? close === undefined : close?.has(seen.close)).toBe(true)
      expect(seen.messages).toBe(expected.messages)
      expect(seen.pings).toEqual(expected.pings.map((ping) => ping.toString('hex')))
    }),
  )
})

test.each([
  ['a message of the largest size', frameBytes({ opcode: text, payload: 'x'.repeat(limit) }), undefined],
  ['one byte more', frameBytes({ opcode: text, payload: 'x'.repeat(limit + 1) }), [1009]],
  ['fragments of one byte more', Buffer.concat(fragmented(text, Buffer.alloc(limit + 1), [limit])), [1009]],
  ['a close without a code', frameBytes({ opcode: 8 }), [1005]],
  ['a close with a code for nobody', frameBytes({ opcode: 8, payload: closePayload(1006) }), [1002]],
  ['no mask', frameBytes({ opcode: text, masked: false }), [1002]],
  ['text that is none', frameBytes({ opcode: text, payload: Buffer.from([0xc0, 0x80]) }), [1007]],
  [
    'half of a code point, so far',
    frameBytes({ opcode: text, payload: Buffer.from([0xf0, 0x9f]), fin: false }),
    undefined,
  ],
])('%s', (_, bytes, codes) => {
  expect(forecast(bytes, limit).close).toEqual(codes === undefined ? undefined : new Set(codes))
})

test('what can be no text any more may be closed at once, or when something else is wrong', () => {
  const bad = frameBytes({ opcode: text, payload: Buffer.from([0xff]), fin: false })
  const { close } = forecast(Buffer.concat([bad, frameBytes({ opcode: 3 })]), limit)
  expect(close).toEqual(new Set([1002, 1007]))
})
