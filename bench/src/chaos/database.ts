import { setTimeout as sleep } from 'node:timers/promises'
import { microseconds } from './journal.ts'
import type { Measure } from './measure.ts'
import { type Outage, outageFindings } from './outages.ts'
import type { Fault } from './scene.ts'

const shortestLifeMs = 1000
const longestLifeMs = 3000
const shortestOutageMs = 1000
/** Longer than any send may wait. */
const longestOutageMs = 8000
const waitLimitMs = 6000
const backLimitMs = 5000

/** R8: the store's server dies under load, stays away for a while, and comes back with its data. */
export const database: Fault = {
  id: 'R8',
  fleet: { nodes: 2, isProxied: true },
  times: { ci: 5, full: 50 },
  // More than a send may wait: the server must say it, not the client give up.
  patienceMs: 9000,
  run: async ({ fleet, load, random, say }, times) => {
    const { store } = fleet
    if (store === undefined) throw new Error(`${fleet.place.store} has no server to kill`)
    const outages: Outage[] = []
    for (let kills = 1; kills <= times; kills++) {
      await sleep(shortestLifeMs + random() * (longestLifeMs - shortestLifeMs))
      const before = load.acked
      const from = microseconds()
      await store.kill()
      await sleep(shortestOutageMs + random() * (longestOutageMs - shortestOutageMs))
      const begun = microseconds()
      await store.start()
      const to = microseconds()
      outages.push({ from, begun, to })
      const state = await load.until(to, 30_000, ({ acked }) => acked > before + 100)
      const seconds = ((to - from) / 1e6).toFixed(1)
      say(
        `outage ${kills} of ${times}: ${seconds} s, of which ${Math.round((to - begun) / 1000)} ms to start; ${state === undefined ? 'NO acks after it' : 'acks again'}`,
      )
    }
    // The last one is to be seen with what comes after it.
    await sleep(2000)
    return {
      measures: [],
      inHistories: (events) => {
        const found = outages.map((outage) => outageFindings(events, outage))
        const of = (name: string, unit: Measure['unit'], limit: number, values: number[]): Measure => ({
          name,
          unit,
          limit,
          values,
        })
        return [
          of(
            'acks while the database was dead',
            '',
            0,
            found.map((f) => f.falseAcks),
          ),
          of(
            'longest wait of a send in an outage',
            'ms',
            waitLimitMs,
            found.map((f) => f.longestWaitMs),
          ),
          of(
            'first ack after the database answers',
            'ms',
            backLimitMs,
            found.map((f) => f.backMs),
          ),
        ]
      },
    }
  },
}
