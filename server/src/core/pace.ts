import type { Clock } from './ports.ts'

/** How fast a queue that never runs empty is worked off, and so how long whoever joins it would wait. */
export interface Pace {
  /** The queue was empty until now. */
  begin(): void
  /** So many left it together. */
  done(count: number): void
  /** Whether somebody who joins so many others would wait for too long. */
  isTooMany(waiting: number): boolean
}

/** Wait of the last one that is still let in, ms. */
const waitLimit = 500
/** Measured for less than this, ms, a pace is a guess that refuses nobody. */
const knownAfter = 300
/** Older than this, ms, what was measured counts for a third. */
const memory = 1000

/**
 * @param now ms, of a clock that does not jump
 * @param enough so many may always wait: they go together, however slow the one before them was
 */
export function createPace(now: () => number, enough: number): Pace {
  let since = now()
  let time = 0
  let count = 0
  return {
    begin: () => {
      since = now()
      time = 0
      count = 0
    },
    done: (more) => {
      const took = now() - since
      const kept = Math.exp(-took / memory)
      since += took
      time = time * kept + took
      count = count * kept + more
    },
    isTooMany: (waiting) => waiting > enough && time > knownAfter && (waiting * time) / count > waitLimit,
  }
}

/** Of the one thread that everybody works on. */
export interface Share {
  begin(): void
  /** Resolves at once as long as others had more of it since they last had their turn, else when they had another. */
  done(): Promise<void>
}

/**
 * As long as everybody else: where a turn of refusals takes seconds, one batch for each turn would be a standstill.
 * @param now ms, of a clock that does not jump
 */
export function createShare(clock: Pick<Clock, 'soon'>, now: () => number): Share {
  let began = now()
  let own = 0
  let others = 0
  return {
    begin: () => {
      began = now()
    },
    done: async () => {
      const ended = now()
      own += ended - began
      if (own < others) return
      await new Promise<void>((resolve) => clock.soon(resolve))
      others = now() - ended
      own = 0
    },
  }
}
