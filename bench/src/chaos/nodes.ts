import { setTimeout as sleep } from 'node:timers/promises'
import { microseconds } from './journal.ts'
import { presenceIsRight } from './presence.ts'
import type { Fault, Scene } from './scene.ts'
import { openSocket } from './socket.ts'
import { type SignedIn, signUp } from './users.ts'

const shortestLifeMs = 300
const longestLifeMs = 1500
const deadMs = 1000
const backLimitMs = 15_000
const presenceLimitMs = 8000
/** Longer than the limit, so that what comes late is measured and not only missed. */
const waitMs = 30_000
/** Comings are told at once. */
const comingMs = 5000

const silent = {
  answered: () => undefined,
  pushed: () => undefined,
  resync: () => undefined,
  closed: () => undefined,
}

/** R12 without the partition: one of three nodes dies, the others go on, and know within the heartbeat who is gone. */
export const nodes: Fault = {
  id: 'R12',
  fleet: { nodes: 3, isProxied: true },
  times: { ci: 10, full: 50 },
  patienceMs: 5000,
  run: async (scene, times) => {
    const { fleet, random, say } = scene
    const [ghost] = await signUp(fleet.url, ['ghost'])
    const back: number[] = []
    const presence: number[] = []
    for (let kills = 1; kills <= times; kills++) {
      const victim = Math.floor(random() * fleet.nodes.length)
      const found = await killOne(scene, victim, ghost as SignedIn)
      back.push(found.back)
      presence.push(found.presence)
      say(
        `kill ${kills} of ${times}: node ${victim}, all clients back after ${Math.round(found.back)} ms, presence right after ${Math.round(found.presence)} ms`,
      )
    }
    return {
      measures: [
        { name: 'every client has an open socket again', unit: 'ms', limit: backLimitMs, values: back },
        { name: 'presence is right on every node', unit: 'ms', limit: presenceLimitMs, values: presence },
      ],
    }
  },
}

/** The ghost sits on the node that dies, and does not come back. */
async function killOne(
  { fleet, load, users, random }: Scene,
  victim: number,
  ghost: SignedIn,
): Promise<{ back: number; presence: number }> {
  const node = fleet.nodes[victim] as Scene['fleet']['nodes'][number]
  const urls = fleet.nodes.map(({ url }) => url)
  const online = users.map(({ userId }) => userId)
  const socket = await openSocket(node.url, ghost.token, silent)
  try {
    const all = { online: [...online, ghost.userId], offline: [] }
    await presenceIsRight(urls, ghost.token, all, comingMs)
    await sleep(shortestLifeMs + random() * (longestLifeMs - shortestLifeMs))
    const killed = microseconds()
    await node.kill()
    const restarted = sleep(deadMs).then(() => node.start())
    // Its sockets break at once; what was told before all have noticed says nothing.
    const noticed = killed + 200_000
    const [state] = await Promise.all([
      load.until(noticed, waitMs, ({ connected }) => connected === users.length),
      restarted,
    ])
    const left = { online, offline: [ghost.userId] }
    await presenceIsRight(urls, ghost.token, left, waitMs)
    const now = microseconds()
    return { back: ((state?.at ?? now) - killed) / 1000, presence: (now - killed) / 1000 }
  } finally {
    socket.close()
  }
}
