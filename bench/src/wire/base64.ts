const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const letters: Uint8Array = Buffer.from(alphabet, 'latin1')
const values: Uint8Array = new Uint8Array(256)
for (let i = 0; i < 64; i++) values[letters[i] as number] = i

/** Encodes whole groups: `length` is a multiple of 3, so there is no padding. */
export function encodeGroups(from: Uint8Array, length: number, to: Uint8Array, at: number): void {
  for (let i = 0, o = at; i < length; i += 3, o += 4) {
    const group = ((from[i] as number) << 16) | ((from[i + 1] as number) << 8) | (from[i + 2] as number)
    to[o] = letters[group >>> 18] as number
    to[o + 1] = letters[(group >>> 12) & 63] as number
    to[o + 2] = letters[(group >>> 6) & 63] as number
    to[o + 3] = letters[group & 63] as number
  }
}

/** Decodes up to the closing quote into `to` (large enough); returns the number of bytes. */
export function decodeQuoted(from: Uint8Array, start: number, end: number, to: Uint8Array): number {
  let out = 0
  let bits = 0
  let group = 0
  for (let i = start; i < end; i++) {
    const letter = from[i] as number
    if (letter === 0x22 || letter === 0x3d) break
    group = (group << 6) | (values[letter] as number)
    bits += 6
    if (bits >= 8) {
      bits -= 8
      to[out++] = (group >>> bits) & 255
    }
  }
  return out
}
