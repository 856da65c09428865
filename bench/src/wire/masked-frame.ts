export const opcodes = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

/**
 * The mask of every frame we send. Fixed, so that frames can be prepared once, but never zero: servers skip the
 * unmasking of a zero mask, and that would be a fast path no real client takes.
 */
export const mask: Uint8Array = Uint8Array.of(0x5a, 0xc3, 0x17, 0x8e)

/** Bytes before the payload of a masked frame. */
export function headerLength(payloadLength: number): number {
  return payloadLength < 126 ? 6 : payloadLength < 65_536 ? 8 : 14
}

/** One whole client frame, RFC 6455 section 5.2: FIN set, masked. */
export function maskedFrame(payload: Uint8Array, opcode: number): Buffer {
  const start = headerLength(payload.length)
  const frame = Buffer.allocUnsafe(start + payload.length)
  frame[0] = 0x80 | opcode
  if (start === 6) {
    frame[1] = 0x80 | payload.length
  } else if (start === 8) {
    frame[1] = 0x80 | 126
    frame.writeUInt16BE(payload.length, 2)
  } else {
    frame[1] = 0x80 | 127
    frame.writeBigUInt64BE(BigInt(payload.length), 2)
  }
  frame.set(mask, start - 4)
  for (let i = 0; i < payload.length; i++) frame[start + i] = (payload[i] as number) ^ (mask[i & 3] as number)
  return frame
}
