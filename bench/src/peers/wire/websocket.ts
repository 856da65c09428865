import { randomBytes } from 'node:crypto'
import { FrameParser } from '../../wire/frame-parser.ts'
import { opcodes } from '../../wire/masked-frame.ts'
import type { Cutter } from './cutter.ts'

/** The request that opens a WebSocket at this path. */
export function upgradeRequest(host: string, path: string): string {
  return [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    '\r\n',
  ].join('\r\n')
}

/** The first unit is the head of the answer to the upgrade, every other one the payload of a text frame. */
export function webSocketCutter(): Cutter {
  const frames = new FrameParser()
  let head: Buffer | undefined = Buffer.alloc(0)
  return {
    push: (chunk, length, sink) => {
      const payload = (bytes: Uint8Array, start: number, end: number, opcode: number): void => {
        if (opcode !== opcodes.text) throw new Error(`a frame with opcode ${opcode}`)
        sink(bytes, start, end)
      }
      if (head === undefined) return frames.push(chunk, length, payload)
      const bytes = Buffer.concat([head, chunk.subarray(0, length)])
      const end = bytes.indexOf('\r\n\r\n')
      head = end < 0 ? bytes : undefined
      if (end < 0) return
      sink(bytes, 0, end)
      const rest = bytes.subarray(end + 4)
      if (rest.length > 0) frames.push(rest, rest.length, payload)
    },
  }
}
