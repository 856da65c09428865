import { setTimeout as sleep } from 'node:timers/promises'
import type { Event } from '../checker/history.ts'
import { buildWorld, fateOf } from '../checker/world.ts'
import { openApi } from '../http.ts'
import type { Limit } from '../scenarios/stage.ts'
import { microseconds } from './journal.ts'
import type { Measure } from './measure.ts'
import type { Fault } from './scene.ts'
import type { ChaosUser } from './setup.ts'

const restMs = 1500
const backLimitMs = 15_000
const waitMs = 30_000
const restart = 1012
/** So that it is seen to be unready while it still serves. */
const drainDelay: Limit = { name: 'server.drain_delay', value: 500, shipped: 0 }

/** Microseconds. */
interface Drain {
  readonly told: number
  /** First heard that it is not ready; undefined = never. */
  readonly unready: number | undefined
}

/** R18: every node in turn is told to stop under load, and started again. */
export const rolling: Fault = {
  id: 'R18',
  fleet: { nodes: 3, isProxied: true, settings: [drainDelay] },
  times: { ci: 2, full: 17 },
  patienceMs: 5000,
  run: async (scene, times) => {
    const { fleet, load, users, say } = scene
    const back: number[] = []
    const drains: Drain[] = []
    await load.until(0, waitMs, ({ connected }) => connected === users.length)
    for (let round = 1; round <= times; round++) {
      for (const [number, node] of fleet.nodes.entries()) {
        await sleep(restMs)
        const told = microseconds()
        const readiness = watchReadiness(node.url)
        await node.stop()
        const stopped = microseconds()
        drains.push({ told, unready: await readiness.stop() })
        const everybody = load.until(stopped, waitMs, ({ connected }) => connected === users.length)
        const [state] = await Promise.all([everybody, node.start()])
        back.push(((state?.at ?? microseconds()) - told) / 1000)
        say(
          `round ${round}, node ${number}: drained in ${Math.round((stopped - told) / 1000)} ms, all clients back after ${Math.round(back.at(-1) ?? 0)} ms`,
        )
      }
    }
    return {
      measures: [
        { name: 'every client has an open socket again', unit: 'ms', limit: backLimitMs, values: back },
      ],
      inHistories: (all) => {
        // Guests are sent away by what they do themselves.
        const own = new Set(users.map(({ userId }) => userId))
        const events = all.filter(({ client }) => own.has(client))
        return [...graceOf(users, events), orderOf(drains, events)]
      },
    }
  },
}

interface Readiness {
  /** When the node first said, still answering, that it is not ready. */
  stop(): Promise<number | undefined>
}

/** Asks more often than a balancer would. */
function watchReadiness(url: string): Readiness {
  let isWatching = true
  const work = async (): Promise<number | undefined> => {
    const api = openApi(url)
    try {
      while (isWatching) {
        if ((await api.statusOf('/readyz').catch(() => 0)) === 503) return microseconds()
        await sleep(5)
      }
      return undefined
    } finally {
      api.close()
    }
  }
  const found = work()
  return {
    stop: () => {
      isWatching = false
      return found
    },
  }
}

/** A balancer must be able to turn away before anybody is sent away. */
export function orderOf(drains: readonly Drain[], events: readonly Event[]): Measure {
  const closes = events.flatMap((event) => (event.op === 'close' ? [event.t_invoke] : []))
  const values = drains.map(({ told, unready }) => {
    const first = Math.min(...closes.filter((at) => at >= told))
    return unready !== undefined && unready < first ? 0 : 1
  })
  return { name: 'drains that sent clients away before readiness failed', unit: '', limit: 0, values }
}

/** Whether nobody noticed more than a friendly word. */
export function graceOf(users: readonly ChaosUser[], events: readonly Event[]): Measure[] {
  const codes = events.flatMap(({ op, args }) => (op === 'close' ? [args.code] : []))
  const polite = codes.filter((code) => code === restart).length
  const own = new Map(users.map(({ userId, talks }) => [userId, new Set(talks.map(({ id }) => id))]))
  const failed = [...buildWorld(events).messages.values()].filter(
    (message) => fateOf(message) !== 'acked' && own.get(message.sender)?.has(message.conversation) === true,
  )
  return [
    { name: 'sends that did not end in an ack', unit: '', limit: 0, values: [failed.length] },
    { name: `sockets that ended without ${restart}`, unit: '', limit: 0, values: [codes.length - polite] },
    { name: `runs in which nobody was told ${restart}`, unit: '', limit: 0, values: [polite === 0 ? 1 : 0] },
  ]
}
