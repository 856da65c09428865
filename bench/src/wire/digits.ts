/** Message numbers travel as this many decimal digits, so that a prepared frame never changes its length. */
export const digits = 12

const zero = 0x30

/** Writes `n` with leading zeros. */
export function writeDigits(bytes: Uint8Array, at: number, n: number): void {
  let left = n
  for (let i = at + digits - 1; i >= at; i--) {
    const rest = Math.floor(left / 10)
    bytes[i] = zero + left - rest * 10
    left = rest
  }
}

export function digitsOf(n: number): string {
  return String(n).padStart(digits, '0')
}

/** Reads the decimal number that begins at `at`, exact up to 2^53; -1 when there is none. */
export function readNumber(bytes: Uint8Array, at: number, end: number): number {
  if (at < 0) return -1
  let value = 0
  let i = at
  for (; i < end; i++) {
    const digit = (bytes[i] as number) - zero
    if (digit < 0 || digit > 9) break
    value = value * 10 + digit
  }
  return i === at ? -1 : value
}
