import type { Writable } from 'node:stream'
import * as ws from 'ws'

interface FrameOptions {
  readonly fin: boolean
  readonly rsv1: boolean
  readonly opcode: number
  readonly mask: boolean
  readonly readOnly: boolean
}

interface Parts {
  readonly Sender: { frame(data: Buffer, options: FrameOptions): Buffer[] }
  readonly Receiver: new (options: { isServer: boolean; binaryType: 'nodebuffer' }) => Writable
}

// The library exports both classes, its type package names neither.
const parts = ws as unknown as Parts

/** One unmasked frame as a server of this library writes it. */
export function serverFrame(data: Buffer, opcode: number): Buffer {
  return Buffer.concat(
    parts.Sender.frame(data, { fin: true, rsv1: false, opcode, mask: false, readOnly: true }),
  )
}

/** The library's own reader of client frames: strict about RFC 6455. */
export function serverReceiver(): Writable {
  return new parts.Receiver({ isServer: true, binaryType: 'nodebuffer' })
}
