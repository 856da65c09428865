import type { Chance } from '../simulation/chance.ts'

const longest = 8192
const edges = [0, 1, 0x7f, 0x80, 0xff, 0x20, 0x22, 0x5c, 0x7b, 0x5b, 0x2e, 0x25, 0xc0, 0xed, 0xf4]

/** One to eight changes on a copy: bits, bytes, pieces, words of the trade, and pieces of another input. */
export function mutated(chance: Chance, bytes: Buffer, other: Buffer, words: readonly string[]): Buffer {
  let result: Buffer = Buffer.from(bytes)
  // What has come far is rarely improved in eight places at once.
  const changes = chance.is(0.5) ? 1 : 2 + chance.below(7)
  for (let i = changes; i > 0; i--) result = changed(chance, result, other, words)
  return result.subarray(0, longest)
}

function changed(chance: Chance, bytes: Buffer, other: Buffer, words: readonly string[]): Buffer {
  const at = chance.below(bytes.length + 1)
  const end = Math.min(bytes.length, at + 1 + chance.below(8))
  const put = (middle: Uint8Array, upTo = at): Buffer =>
    Buffer.concat([bytes.subarray(0, at), middle, bytes.subarray(upTo)])
  switch (chance.below(11)) {
    case 0:
      return bytes.length === 0 ? bytes : turned(bytes, Math.min(at, bytes.length - 1), 1 << chance.below(8))
    case 1:
      return put(Buffer.of(chance.one(edges)), Math.min(at + 1, bytes.length))
    case 2:
    case 9:
    case 10:
      return put(Buffer.of(chance.below(256)), chance.is(0.5) ? at : Math.min(at + 1, bytes.length))
    case 3:
      return put(Buffer.alloc(0), end)
    case 4:
      return put(bytes.subarray(at, end))
    case 5:
      return put(Buffer.alloc(1 + chance.below(300), bytes[at] ?? 0x5b))
    case 6:
      return other.length === 0 ? bytes : put(other.subarray(chance.below(other.length)).subarray(0, 200))
    default:
      return words.length === 0 ? bytes : put(Buffer.from(chance.one(words)), chance.is(0.5) ? at : end)
  }
}

function turned(bytes: Buffer, at: number, bits: number): Buffer {
  bytes[at] = (bytes[at] ?? 0) ^ bits
  return bytes
}
