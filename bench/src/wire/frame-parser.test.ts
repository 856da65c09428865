import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FrameParser } from './frame-parser.ts'
import { opcodes } from './masked-frame.ts'
import { serverFrame } from './ws-parts.ts'

const payload = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.constantFrom(0, 125, 126, 127, 65_535, 65_536, 70_000).map((n) => new Uint8Array(n).fill(n & 255)),
)

/** Frames by the library of the server's kind, not by our own writer. */
function framed(data: Uint8Array): Buffer {
  return serverFrame(Buffer.from(data), opcodes.binary)
}

function received(parser: FrameParser, chunks: readonly Uint8Array[]): Buffer[] {
  const frames: Buffer[] = []
  for (const chunk of chunks) {
    parser.push(chunk, chunk.length, (bytes, start, end) => frames.push(Buffer.from(bytes.slice(start, end))))
  }
  return frames
}

test('whatever way the stream is cut into reads, the same frames come out', () => {
  const cuts = fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(fc.array(payload, { maxLength: 8 }), cuts, (payloads, sizes) => {
      const stream = Buffer.concat(payloads.map(framed))
      const chunks: Buffer[] = []
      for (let at = 0, i = 0; at < stream.length; i++) {
        const size = sizes[i % sizes.length] as number
        chunks.push(stream.subarray(at, at + size))
        at += size
      }
      expect(received(new FrameParser(), chunks)).toEqual(payloads.map((p) => Buffer.from(p)))
    }),
    { numRuns: 60 },
  )
})

test('only the given length of a shared read buffer is looked at', () => {
  const shared = Buffer.alloc(64, 0xff)
  const frame = framed(Uint8Array.of(1, 2, 3))
  frame.copy(shared)
  const frames: number[][] = []
  new FrameParser().push(shared, frame.length, (bytes, start, end) =>
    frames.push([...bytes.slice(start, end)]),
  )
  expect(frames).toEqual([[1, 2, 3]])
})

test('a frame that was split stays whole when the read buffer is overwritten', () => {
  const shared = Buffer.alloc(16)
  const frame = framed(Uint8Array.of(7, 8, 9))
  const parser = new FrameParser()
  const frames: number[][] = []
  const sink = (bytes: Uint8Array, start: number, end: number): void => {
    frames.push([...bytes.slice(start, end)])
  }
  frame.copy(shared, 0, 0, 3)
  parser.push(shared, 3, sink)
  shared.fill(0)
  frame.copy(shared, 0, 3)
  parser.push(shared, frame.length - 3, sink)
  expect(frames).toEqual([[7, 8, 9]])
})

test('a masked frame from a server is refused', () => {
  expect(() => received(new FrameParser(), [Uint8Array.of(0x82, 0x80, 1, 2, 3, 4)])).toThrow('masked')
})

test('a fragment is refused', () => {
  expect(() => received(new FrameParser(), [Uint8Array.of(0x02, 0x00)])).toThrow('fragment')
})
