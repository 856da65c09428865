import { mask } from '../wire/masked-frame.ts'

/** One frame as a client writes it, or as no client should. */
export interface FrameShape {
  readonly opcode: number
  readonly payload?: Uint8Array | string
  /** False: more fragments follow. */
  readonly fin?: boolean
  /** The three reserved bits. */
  readonly rsv?: number
  readonly masked?: boolean
  /** The length that the header claims, whatever the payload is. */
  readonly claims?: number | bigint
  /** Bytes of the length field, where it is not the shortest: 2 or 8. */
  readonly lengthBytes?: 2 | 8
}

export function frameBytes(shape: FrameShape): Buffer {
  const { opcode, fin = true, rsv = 0, masked = true } = shape
  const data = Buffer.from((shape.payload ?? '') as Uint8Array)
  const length = BigInt(shape.claims ?? data.length)
  const first = (fin ? 0x80 : 0) | (rsv << 4) | opcode
  const head = headOf(first, masked ? 0x80 : 0, length, shape.lengthBytes)
  if (!masked) return Buffer.concat([head, data])
  for (let i = 0; i < data.length; i++) data[i] = (data[i] as number) ^ (mask[i & 3] as number)
  return Buffer.concat([head, mask, data])
}

function headOf(first: number, mask: number, length: bigint, lengthBytes = 0): Buffer {
  if (length < 126n && lengthBytes === 0) return Buffer.from([first, mask | Number(length)])
  if (length < 65_536n && lengthBytes < 8) {
    const head = Buffer.from([first, mask | 126, 0, 0])
    head.writeUInt16BE(Number(length), 2)
    return head
  }
  const head = Buffer.alloc(10)
  head[0] = first
  head[1] = mask | 127
  head.writeBigUInt64BE(length, 2)
  return head
}

/** A close frame's payload. */
export function closePayload(code: number, reason: Uint8Array | string = ''): Buffer {
  const head = Buffer.alloc(2)
  head.writeUInt16BE(code)
  return Buffer.concat([head, Buffer.from(reason as Uint8Array)])
}

/** A message in fragments; `cuts` are the lengths of all pieces but the last. */
export function fragmented(opcode: number, payload: Uint8Array, cuts: readonly number[]): Buffer[] {
  const frames: Buffer[] = []
  let at = 0
  for (const [i, cut] of cuts.entries()) {
    frames.push(
      frameBytes({ opcode: i === 0 ? opcode : 0, payload: payload.subarray(at, at + cut), fin: false }),
    )
    at += cut
  }
  frames.push(frameBytes({ opcode: cuts.length === 0 ? opcode : 0, payload: payload.subarray(at) }))
  return frames
}
