/** Everything that is left to chance in a run; the same seed gives the same row of answers. */
export interface Chance {
  /** In [0, 1). */
  next(): number
  /** A whole number in [0, below). */
  below(count: number): number
  /** True in this share of cases. */
  is(share: number): boolean
  one<T>(list: readonly T[]): T
  /** 32 hexadecimal digits. */
  name(): string
}

/** Mulberry32. */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (count: number): number => Math.floor(next() * count)
  return {
    next,
    below,
    is: (share) => next() < share,
    one: (list) => {
      const found = list[below(list.length)]
      if (found === undefined) throw new Error('there is nothing to choose from')
      return found
    },
    name: () =>
      Array.from({ length: 4 }, () =>
        below(2 ** 32)
          .toString(16)
          .padStart(8, '0'),
      ).join(''),
  }
}

/** So many turns of the event loop pass: everything that can happen meanwhile does. */
export async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve))
}
