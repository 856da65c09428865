import type { Random } from '../random.ts'
import { between, chance, oneOf, randomBytesOf } from './choice.ts'
import { closePayload, fragmented, frameBytes } from './frame-writer.ts'

/** Frames of one step; what they have to bring about is not said here, but read from the bytes. */
type Move = (random: Random) => Buffer[]

const data = (random: Random): number => (chance(random, 0.7) ? 1 : 2)

const requests: readonly string[] = [
  '{"req_identifier":1020,"msg_incr":"1","operation_id":"","data":{}}',
  '{"req_identifier":1020,"msg_incr":"\u{1f980}","operation_id":"x","data":null}',
  '{"req_identifier":1002,"msg_incr":"2","data":{"conversation_id":"si_a:b"}}',
  '{"req_identifier":"x"}',
  '{}',
  '',
  'null',
  '\ufeff{}',
]

const badUtf8: readonly Buffer[] = [
  [0xff],
  [0xc0, 0xaf],
  [0xe0, 0x80, 0xaf],
  [0xed, 0xa0, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
  [0xf8, 0x88, 0x80, 0x80, 0x80],
  [0xce, 0xba, 0xe1],
  [0x80],
].map((bytes) => Buffer.from(bytes))

function message(random: Random): Buffer {
  if (chance(random, 0.6)) return Buffer.from(oneOf(random, requests))
  const text = 'äß€😀x'.repeat(between(random, 0, 40))
  return Buffer.from(text.slice(0, between(random, 0, text.length)).toWellFormed())
}

/** Sizes around every change of the length field. */
const edges = [0, 1, 124, 125, 126, 127, 128, 255, 256, 4095, 4096, 16_384]

const sound: readonly Move[] = [
  (random) => [frameBytes({ opcode: data(random), payload: message(random) })],
  (random) => [frameBytes({ opcode: 2, payload: randomBytesOf(random, between(random, 0, 64)) })],
  (random) => [frameBytes({ opcode: data(random), payload: ' '.repeat(oneOf(random, edges)) })],
  (random) => [frameBytes({ opcode: 9, payload: randomBytesOf(random, between(random, 0, 125)) })],
  (random) => [frameBytes({ opcode: 10, payload: randomBytesOf(random, between(random, 0, 125)) })],
  (random) => [
    frameBytes({ opcode: data(random), payload: message(random), lengthBytes: oneOf(random, [2, 8]) }),
  ],
  (random) => {
    const payload = message(random)
    const cuts = Array.from({ length: between(random, 1, 5) }, () => between(random, 0, 8))
    const frames = fragmented(data(random), payload, cuts)
    const ping = frameBytes({ opcode: oneOf(random, [9, 10]), payload: 'between' })
    return frames.flatMap((frame, i) => (i > 0 && chance(random, 0.3) ? [ping, frame] : [frame]))
  },
]

const unsound: readonly Move[] = [
  (random) => [
    frameBytes({ opcode: oneOf(random, [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]), payload: message(random) }),
  ],
  (random) => [
    frameBytes({ opcode: oneOf(random, [1, 2, 8, 9, 10]), rsv: between(random, 1, 7), payload: 'x' }),
  ],
  (random) => [frameBytes({ opcode: oneOf(random, [1, 2, 8, 9]), payload: message(random), masked: false })],
  (random) => [
    frameBytes({ opcode: oneOf(random, [8, 9, 10]), payload: 'p'.repeat(between(random, 126, 300)) }),
  ],
  (random) => [frameBytes({ opcode: oneOf(random, [8, 9, 10]), payload: 'x', fin: false })],
  (random) => [frameBytes({ opcode: 1, payload: oneOf(random, badUtf8) })],
  (random) =>
    fragmented(1, Buffer.concat([Buffer.from('{"'), oneOf(random, badUtf8)]), [between(random, 0, 4)]),
  (random) => [frameBytes({ opcode: 8, payload: closePayload(between(random, 0, 5100)) })],
  (random) => [frameBytes({ opcode: 8, payload: closePayload(between(random, 0, 65_535), 'bye') })],
  (random) => [
    frameBytes({ opcode: 8, payload: closePayload(oneOf(random, [1000, 1001, 3000, 4999]), 'bye') }),
  ],
  (random) => [frameBytes({ opcode: 8, payload: closePayload(1000, oneOf(random, badUtf8)) })],
  () => [frameBytes({ opcode: 8, payload: Buffer.from([3]) })],
  () => [frameBytes({ opcode: 8 })],
  (random) => [frameBytes({ opcode: 0, payload: message(random), fin: chance(random, 0.5) })],
  (random) => [
    frameBytes({ opcode: 1, payload: '{', fin: false }),
    frameBytes({ opcode: data(random), payload: '}' }),
  ],
  (random) => [frameBytes({ opcode: 1, payload: 'x', claims: oneOf(random, tooMany) })],
  () => [
    frameBytes({ opcode: 2, payload: 'x'.repeat(51_200), fin: false }),
    frameBytes({ opcode: 0, payload: 'x' }),
  ],
  (random) => [frameBytes({ opcode: 1, payload: message(random), claims: between(random, 0, 70_000) })],
]

const tooMany: readonly (number | bigint)[] = [
  ...[51_201, 65_535, 65_536, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 53 - 1, 2 ** 53],
  2n ** 63n - 1n,
  2n ** 63n,
  2n ** 64n - 1n,
]

export interface FrameCase {
  readonly bytes: Buffer
  readonly frames: number
  /** Where one write ends and the next begins. */
  readonly cuts: readonly number[]
}

/** About one case in three holds something that no client may send. */
export function frameCase(random: Random): FrameCase {
  const frames: Buffer[] = []
  const steps = between(random, 4, 16)
  const bad = chance(random, 0.35) ? between(random, 0, steps - 1) : -1
  for (let i = 0; i < steps; i++) frames.push(...oneOf(random, i === bad ? unsound : sound)(random))
  const bytes = Buffer.concat(frames)
  if (chance(random, 0.15)) damage(random, bytes)
  const cut = chance(random, 0.08) ? bytes.subarray(0, between(random, 0, bytes.length)) : bytes
  const cuts = chance(random, 0.2)
    ? Array.from({ length: between(random, 1, 6) }, () => between(random, 0, cut.length)).toSorted(
        (a, b) => a - b,
      )
    : []
  return { bytes: Buffer.from(cut), frames: frames.length, cuts }
}

/** Turns over some bits: nobody knows what it means before it is read. */
function damage(random: Random, bytes: Buffer): void {
  for (let i = between(random, 1, 3); i > 0; i--) {
    const at = between(random, 0, bytes.length - 1)
    bytes[at] = (bytes[at] ?? 0) ^ (1 << between(random, 0, 7))
  }
}
