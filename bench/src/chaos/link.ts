import { setTimeout as sleep } from 'node:timers/promises'
import { microseconds } from './journal.ts'
import { type StoreLinks, storeLinks } from './links.ts'
import { type Outage, outageFindings } from './outages.ts'
import type { FaultProxy } from './proxy.ts'
import type { Fault, Scene } from './scene.ts'

const restMs = 1500
/** Longer than any send may wait. */
const shortMs = 13_000
/** Every tenth round. */
const longMs = 30_000
const waitLimitMs = 6000
const backLimitMs = 5000
const bytesPerSecond = 5000
const resets = 10
const shortestResetMs = 20
const longestResetMs = 300
/** Bytes from the beginning of a connection. */
const longestAnswer = 20_000

interface Injury {
  readonly name: string
  /** Resolves when it is over; the links are as they were then. */
  hurt(links: readonly FaultProxy[], ms: number, random: Scene['random']): Promise<void>
}

/** Again and again, at random times. */
async function often(
  links: readonly FaultProxy[],
  random: Scene['random'],
  hurt: (link: FaultProxy) => void,
): Promise<void> {
  for (let count = 0; count < resets; count++) {
    await sleep(shortestResetMs + random() * (longestResetMs - shortestResetMs))
    for (const link of links) hurt(link)
  }
}

/** For a while, and the connections of that time do not outlive it where `isReset`. */
async function during(
  links: readonly FaultProxy[],
  rule: Parameters<FaultProxy['rule']>[0],
  ms: number,
  isReset = false,
): Promise<void> {
  for (const link of links) link.rule(rule)
  await sleep(ms)
  if (isReset) for (const link of links) link.reset()
  for (const link of links) link.rule()
}

const injuries: readonly Injury[] = [
  {
    name: 'stalled',
    hurt: (links, ms) => during(links, { toServer: { isStalled: true }, toClient: { isStalled: true } }, ms),
  },
  {
    name: 'half open',
    hurt: (links, ms) => during(links, { toClient: { isStalled: true } }, ms, true),
  },
  {
    name: 'slow',
    hurt: (links, ms) => during(links, { toServer: { bytesPerSecond }, toClient: { bytesPerSecond } }, ms),
  },
  {
    name: 'reset',
    hurt: (links, _, random) => often(links, random, (link) => void link.reset()),
  },
  {
    name: 'half closed',
    hurt: (links, _, random) => often(links, random, (link) => link.halfClose()),
  },
  {
    name: 'cut within an answer',
    hurt: async (links, _, random) => {
      await often(links, random, (link) =>
        link.rule({ toClient: { cutAfter: Math.floor(random() * longestAnswer) } }),
      )
      for (const link of links) link.rule()
    },
  },
  {
    name: 'refused',
    hurt: (links, ms, random) =>
      Promise.all([
        during(links, { isRefusing: true }, ms / 4),
        often(links, random, (link) => void link.reset()),
      ]).then(() => undefined),
  },
  {
    // What was committed is retried: it must be found, and not be stored again.
    name: 'answers lost',
    hurt: async (links, ms) => {
      const before = lostOf(links)
      const until = Date.now() + ms
      for (const link of links) link.rule({ loses: (piece) => piece.includes('COMMIT') && 'answer' })
      while (lostOf(links) < before + resets && Date.now() < until) await sleep(10)
      for (const link of links) link.rule()
      if (lostOf(links) === before) throw new Error('no answer to a commit was lost: nothing was tried')
    },
  },
]

const lostOf = (links: readonly FaultProxy[]): number => links.reduce((sum, link) => sum + link.lost, 0)

/** R10: the way of one node or of both to the database is hurt. */
export const link: Fault<StoreLinks> = {
  id: 'R10',
  fleet: { nodes: 2, isProxied: true },
  times: { ci: 5, full: 50 },
  // More than a send may wait: the server must say it, not the client give up.
  patienceMs: 12_000,
  ground: async ({ random }) => storeLinks(random),
  run: async ({ ground, load, random, say }, times) => {
    const outages: (Outage & { readonly name: string; readonly isTotal: boolean })[] = []
    for (let round = 1; round <= times; round++) {
      for (const { name, hurt } of injuries) {
        await sleep(restMs)
        const isTotal = random() < 0.5
        const one = Math.floor(random() * ground.links.length)
        const links = isTotal ? ground.links : ground.links.slice(one, one + 1)
        const from = microseconds()
        await hurt(links, round % 10 === 0 ? longMs : shortMs, random)
        const to = microseconds()
        const before = load.acked
        const state = await load.until(to, 30_000, ({ acked }) => acked > before + 50)
        outages.push({ from, begun: to, to, name, isTotal })
        say(
          `round ${round} of ${times}, ${name}, ${isTotal ? 'both nodes' : `node ${one}`}: ${state === undefined ? 'NO acks after it' : `50 acks ${Math.round((state.at - to) / 1000)} ms after it`}`,
        )
      }
    }
    await sleep(2000)
    return {
      measures: [],
      inHistories: (events) =>
        injuries.flatMap(({ name }) => {
          const own = outages.filter((outage) => outage.name === name)
          const found = own.map((outage) => outageFindings(events, outage))
          const wait = { name: `${name}: longest wait of a send`, unit: 'ms', limit: waitLimitMs } as const
          const back = { name: `${name}: first ack after it`, unit: 'ms', limit: backLimitMs } as const
          return [
            { ...wait, values: found.map((f) => f.longestWaitMs) },
            { ...back, values: found.map((f) => f.backMs) },
          ]
        }),
    }
  },
}
