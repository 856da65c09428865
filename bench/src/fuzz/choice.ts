import type { Random } from '../random.ts'

/** A whole number from `min` to `max`, both possible. */
export function between(random: Random, min: number, max: number): number {
  return min + Math.floor(random() * (max - min + 1))
}

export function oneOf<T>(random: Random, list: readonly T[]): T {
  return list[Math.floor(random() * list.length)] as T
}

/** True in this share of cases. */
export function chance(random: Random, share: number): boolean {
  return random() < share
}

export function randomBytesOf(random: Random, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length)
  for (let i = 0; i < length; i++) bytes[i] = Math.floor(random() * 256)
  return bytes
}
