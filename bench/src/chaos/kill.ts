import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault } from './scene.ts'

const shortestLifeMs = 300
const longestLifeMs = 1500

/** R6: the only server is killed again and again. Rejects when it does not come back. */
export const kill: Fault = {
  id: 'R6',
  fleet: { nodes: 1, isProxied: false },
  times: { ci: 20, full: 200 },
  patienceMs: 5000,
  run: async ({ fleet, load, random, say }, times) => {
    const [node] = fleet.nodes
    for (let kills = 1; kills <= times; kills++) {
      const before = load.acked
      await sleep(shortestLifeMs + random() * (longestLifeMs - shortestLifeMs))
      await node?.kill()
      say(`kill ${kills} of ${times}, ${load.acked - before} acks in this life`)
      await node?.start()
    }
    return { measures: [] }
  },
}
