import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { type Distribution, distribution, note } from '../core/tally.ts'

/** How late the event loop is, watched from when this was made. */
export interface Loop {
  /** The longest delay of each second, ms. */
  readonly delays: Distribution
  /** Time in which something ran, ms. */
  active(): number
  close(): void
}

/** The loop is looked at this often, ms; a delay is what comes on top. */
const resolution = 10
const period = 1000
const bounds = [1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000]

/**
 * Every second the worst of it is noted, and not when somebody asks: so the figures do not depend on who asks how often,
 * and two who ask do not take them from each other.
 */
export function watchLoop(): Loop {
  const delays = distribution(bounds)
  const watch = monitorEventLoopDelay({ resolution })
  watch.enable()
  const timer = setInterval(() => {
    // Nothing was seen of a second in which the machine slept.
    if (watch.count > 0) note(delays, Math.max(0, watch.max / 1e6 - resolution))
    watch.reset()
  }, period)
  timer.unref()
  return {
    delays,
    active: () => performance.eventLoopUtilization().active,
    close: () => {
      clearInterval(timer)
      watch.disable()
    },
  }
}
