import fc from 'fast-check'
import { expect, test } from 'vitest'
import { maskedFrame, opcodes } from './masked-frame.ts'
import { serverReceiver } from './ws-parts.ts'

/** What a server of the library's making reads from our bytes. */
function readByServer(stream: Buffer): Promise<Buffer[]> {
  const frames: Buffer[] = []
  const receiver = serverReceiver()
  receiver.on('message', (data: Buffer) => frames.push(data))
  return new Promise((resolve, reject) => {
    receiver.on('error', reject)
    receiver.on('finish', () => resolve(frames))
    receiver.end(stream)
  })
}

test('a strict server reads back exactly the payloads that were framed', async () => {
  const sizes = fc.constantFrom(0, 1, 125, 126, 127, 300, 65_535, 65_536, 70_001)
  const payload = fc.oneof(
    fc.uint8Array({ maxLength: 400 }),
    sizes.map((n) => new Uint8Array(n).fill(n % 251)),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(payload, { maxLength: 6 }), async (payloads) => {
      const stream = Buffer.concat(payloads.map((p) => maskedFrame(p, opcodes.binary)))
      expect(await readByServer(stream)).toEqual(payloads.map((p) => Buffer.from(p)))
    }),
    { numRuns: 60 },
  )
})
