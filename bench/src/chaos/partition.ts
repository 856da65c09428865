import { setTimeout as sleep } from 'node:timers/promises'
import { microseconds } from './journal.ts'
import { addressOf, through } from './links.ts'
import { openNamespace, whyNoNamespace } from './namespace.ts'
import { type FaultProxy, openProxy } from './proxy.ts'
import type { Fault, Ground, Work } from './scene.ts'

const shortestRestMs = 1000
const longestRestMs = 2500
const shortestCutMs = 2000
const longestCutMs = 9000
const backLimitMs = 15_000
const waitMs = 40_000
/** One to the clients, so that they may stay while the others are pulled. */
const cablesPerNode = 3

interface Cut {
  down(): Promise<void>
  up(): Promise<void>
}

/** The ways of one node; clients reach it in any case. */
interface Ways {
  readonly store: Cut
  readonly bus: Cut
}

interface PartitionGround extends Ground {
  readonly nodes: readonly Ways[]
}

/** R12: one of two nodes loses its way to the database, to the bus, or to both, without a word from the network. */
export const partition: Fault<PartitionGround> = {
  id: 'R12',
  fleet: { nodes: 2, isProxied: true },
  times: { ci: 5, full: 50 },
  patienceMs: 9000,
  ground: async (work) => {
    const reason = await whyNoNamespace()
    work.say(reason === undefined ? 'cut by taking a veth down' : `${reason}: cut by a proxy on each way`)
    return groundOf(work, reason === undefined)
  },
  run: async ({ ground, load, users, random, say }, times) => {
    const back: number[] = []
    for (let cuts = 1; cuts <= times; cuts++) {
      await sleep(shortestRestMs + random() * (longestRestMs - shortestRestMs))
      const number = Math.floor(random() * ground.nodes.length)
      const ways = ground.nodes[number] as Ways
      const what = (['store', 'bus', 'both'] as const)[Math.floor(random() * 3)] ?? 'both'
      const cut = what === 'both' ? [ways.store, ways.bus] : [ways[what]]
      const before = load.acked
      for (const way of cut) await way.down()
      await sleep(shortestCutMs + random() * (longestCutMs - shortestCutMs))
      const during = load.acked - before
      for (const way of cut) await way.up()
      const healed = microseconds()
      const at = load.acked
      const state = await load.until(
        healed,
        waitMs,
        ({ connected, acked }) => connected === users.length && acked > at + 100,
      )
      back.push(((state?.at ?? Number.POSITIVE_INFINITY) - healed) / 1000)
      say(
        `cut ${cuts} of ${times}: node ${number} without ${what}, ${during} acks meanwhile, all served ${Math.round(back.at(-1) ?? 0)} ms after it`,
      )
    }
    return {
      measures: [{ name: 'everybody is served again', unit: 'ms', limit: backLimitMs, values: back }],
    }
  },
}

async function groundOf({ random }: Work, isVeth: boolean): Promise<PartitionGround> {
  const closing: (() => Promise<void>)[] = []
  const nodes: Ways[] = []
  const proxied = async (url: string, host: string): Promise<{ proxy: FaultProxy; url: string }> => {
    const proxy = await openProxy({ to: addressOf(url), random, at: { host } })
    closing.push(proxy.close)
    return { proxy, url: through(url, host, proxy.port) }
  }
  return {
    nodes,
    fleet: {
      linked: async (number, { url, busUrl }) => {
        if (url === undefined || busUrl === undefined) throw new Error('there is no store or bus to cut off')
        if (!isVeth) {
          const store = await proxied(url, '127.0.0.1')
          const bus = await proxied(busUrl, '127.0.0.1')
          nodes.push({ store: stalling(store.proxy), bus: stalling(bus.proxy) })
          return { url: store.url, busUrl: bus.url }
        }
        const space = await openNamespace(number, cablesPerNode)
        closing.push(space.close)
        const [toClients, toStore, toBus] = space.cables
        if (toClients === undefined || toStore === undefined || toBus === undefined)
          throw new Error('a cable is missing')
        const store = await proxied(url, toStore.here)
        const bus = await proxied(busUrl, toBus.here)
        nodes.push({ store: toStore, bus: toBus })
        return { url: store.url, busUrl: bus.url, host: toClients.there, wrap: space.wrap }
      },
    },
    close: async () => {
      for (const close of closing.toReversed()) await close()
    },
  }
}

const stalled = { toServer: { isStalled: true }, toClient: { isStalled: true } }

function stalling(proxy: FaultProxy): Cut {
  return {
    down: async () => proxy.rule(stalled),
    up: async () => proxy.rule(),
  }
}
