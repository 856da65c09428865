/** Gets each whole frame; the bytes are only good until it returns. */
export type FrameSink = (bytes: Uint8Array, start: number, end: number, opcode: number) => void

const smallest = 1024

/**
 * Cuts the byte stream of a server into frames. Whole frames are handed on where they lie; only a frame that is
 * split over two reads is copied.
 */
export class FrameParser {
  #rest = new Uint8Array(0)
  #held = 0

  /** Throws when the server breaks RFC 6455 (a masked frame) or fragments a message, which ours never does. */
  push(chunk: Uint8Array, length: number, sink: FrameSink): void {
    if (this.#held === 0) {
      const used = cut(chunk, length, sink)
      if (used < length) this.#hold(chunk, used, length)
      return
    }
    this.#hold(chunk, 0, length)
    const used = cut(this.#rest, this.#held, sink)
    if (used > 0) {
      this.#rest.copyWithin(0, used, this.#held)
      this.#held -= used
      if (this.#held === 0 && this.#rest.length > smallest) this.#rest = new Uint8Array(0)
    }
  }

  #hold(chunk: Uint8Array, from: number, to: number): void {
    const needed = this.#held + to - from
    if (needed > this.#rest.length) {
      const larger = new Uint8Array(Math.max(needed, this.#rest.length * 2, smallest))
      larger.set(this.#rest.subarray(0, this.#held))
      this.#rest = larger
    }
    this.#rest.set(chunk.subarray(from, to), this.#held)
    this.#held = needed
  }
}

/** Returns how many bytes made up whole frames. */
function cut(bytes: Uint8Array, end: number, sink: FrameSink): number {
  let at = 0
  while (end - at >= 2) {
    const first = bytes[at] as number
    let length = bytes[at + 1] as number
    if (length > 127) throw new Error('the server sent a masked frame')
    if ((first & 0x80) === 0 || (first & 0x0f) === 0) throw new Error('the server sent a fragment')
    let start = at + 2
    if (length === 126) {
      if (end - at < 4) break
      length = ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number)
      start = at + 4
    } else if (length === 127) {
      if (end - at < 10) break
      length = 0
      for (let i = at + 2; i < at + 10; i++) length = length * 256 + (bytes[i] as number)
      start = at + 10
    }
    if (end - start < length) break
    at = start + length
    sink(bytes, start, at, first & 0x0f)
  }
  return at
}
