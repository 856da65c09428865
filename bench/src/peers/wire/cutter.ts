/** Gets each whole unit of a protocol; the bytes are only good until it returns. */
export type UnitSink = (bytes: Uint8Array, start: number, end: number) => void

/** Cuts the byte stream of a server into units, however the reads fall. Throws when the stream breaks its protocol. */
export interface Cutter {
  push(chunk: Uint8Array, length: number, sink: UnitSink): void
}

/** Hands on the whole units below `end` and returns how many bytes they made up. */
export type Cut = (bytes: Uint8Array, end: number, sink: UnitSink) => number

/** A cutter that keeps what a read left unfinished. */
export function carrying(cut: Cut): Cutter {
  let rest = Buffer.alloc(0)
  return {
    push: (chunk, length, sink) => {
      const bytes =
        rest.length === 0 ? chunk.subarray(0, length) : Buffer.concat([rest, chunk.subarray(0, length)])
      const used = cut(bytes, bytes.length, sink)
      // Copied: the next read lands in the same buffer.
      rest = used === bytes.length ? Buffer.alloc(0) : Buffer.from(bytes.subarray(used))
    },
  }
}
