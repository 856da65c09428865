import type { Clock } from './clock.ts'

/** ms of silence after which the link is tried. */
const silence = 30_000

export interface Heartbeat {
  start(): void
  /** Any frame is a sign of life. */
  heard(): void
  stop(): void
}

/**
 * Finds links that died without a word: a browser shows no pings to a page, so a network that vanished
 * would look open for minutes. `probe` asks something cheap and deals with the answer that does not come.
 */
export function createHeartbeat(clock: Clock, probe: () => void): Heartbeat {
  let last = 0
  let disarm: (() => void) | undefined

  function arm(): void {
    disarm = clock.after(Math.max(1, last + silence - clock.now()), () => {
      if (clock.now() - last >= silence) {
        last = clock.now()
        probe()
      }
      arm()
    })
  }

  return {
    start: () => {
      disarm?.()
      last = clock.now()
      arm()
    },
    heard: () => {
      last = clock.now()
    },
    stop: () => disarm?.(),
  }
}
