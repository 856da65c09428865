import type { UnitSink } from './cutter.ts'

const cr = 0x0d
const lf = 0x0a
const space = 0x20
const zero = 0x30
const letterM = 0x4d
const letterS = 0x53

/** Cuts a NATS stream: a unit is a line with its CR LF, or a MSG line with its payload and the CR LF behind that. */
export function cutOperations(bytes: Uint8Array, end: number, sink: UnitSink): number {
  let at = 0
  for (;;) {
    const line = lineEnd(bytes, at, end)
    if (line < 0) return at
    const unit = isMessage(bytes, at) ? line + payloadLength(bytes, line) + 2 : line
    if (unit > end) return at
    sink(bytes, at, unit)
    at = unit
  }
}

/** The place after the first CR LF from `start` on, or -1. */
export function lineEnd(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start + 1; at < end; at++) if (bytes[at] === lf && bytes[at - 1] === cr) return at + 1
  return -1
}

/** INFO, PING, PONG, +OK and -ERR differ from it in the first two letters. */
export function isMessage(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === letterM && bytes[at + 1] === letterS
}

/** The last word of a MSG line, which ends at `line`. */
function payloadLength(bytes: Uint8Array, line: number): number {
  let length = 0
  let at = line - 3
  for (let unit = 1; bytes[at] !== space; at--, unit *= 10) {
    const digit = (bytes[at] ?? 0) - zero
    if (digit < 0 || digit > 9) throw new Error('a MSG line without a length')
    length += digit * unit
  }
  return length
}
