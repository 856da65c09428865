import { readdirSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { microseconds } from './journal.ts'
import type { Fault } from './scene.ts'

/** Besides one for each client. */
const spare = 110
const heldMs = 3000
const backLimitMs = 10_000
const waitMs = 30_000

/** R14: somebody takes every file descriptor that the server has left, and lets go of them. */
export const descriptors: Fault = {
  id: 'R14',
  fleet: { nodes: 1, isProxied: false },
  times: { ci: 3, full: 20 },
  patienceMs: 5000,
  ground: async ({ options }) => ({
    // The runtime raises what may be raised: the hard limit has to be low.
    fleet: { wrap: ['sh', '-c', `ulimit -n ${options.clients + spare}; exec "$@"`, 'sh'] },
    close: async () => undefined,
  }),
  run: async ({ fleet, load, users, options, say }, times) => {
    const [node] = fleet.nodes
    if (node === undefined) throw new Error('there is no server')
    const { pid } = node
    const limit = options.clients + spare
    const free: number[] = []
    const back: number[] = []
    for (let floods = 1; floods <= times; floods++) {
      await load.until(microseconds(), waitMs, ({ connected }) => connected === users.length)
      const taken = await flood(node.port, limit)
      const until = Date.now() + heldMs
      let most = 0
      while (Date.now() < until) {
        most = Math.max(most, readdirSync(`/proc/${pid}/fd`).length)
        await sleep(20)
      }
      for (const socket of taken) socket.destroy()
      const released = microseconds()
      const before = load.acked
      const state = await load.until(
        released,
        waitMs,
        ({ connected, acked }) => connected === users.length && acked > before + 50,
      )
      free.push(limit - most)
      back.push(((state?.at ?? Number.POSITIVE_INFINITY) - released) / 1000)
      say(
        `flood ${floods} of ${times}: ${most} of ${limit} descriptors in use, all back after ${Math.round(back.at(-1) ?? 0)} ms`,
      )
    }
    return {
      measures: [
        { name: 'descriptors left during a flood', unit: '', limit: 1, values: free },
        { name: 'every client is served again', unit: 'ms', limit: backLimitMs, values: back },
        { name: 'servers that ended', unit: '', limit: 0, values: [node.isRunning ? 0 : 1] },
      ],
    }
  },
}

async function flood(port: number, count: number): Promise<Socket[]> {
  const sockets = Array.from({ length: count }, () => connect(port, '127.0.0.1'))
  // Turned away is one way to survive it.
  for (const socket of sockets) socket.on('error', () => undefined)
  await sleep(200)
  return sockets
}
