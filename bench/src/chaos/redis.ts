import { setTimeout as sleep } from 'node:timers/promises'
import { openApi } from '../http.ts'
import { microseconds } from './journal.ts'
import type { Fault, Scene } from './scene.ts'
import { openSocket } from './socket.ts'
import { type SignedIn, signUp } from './users.ts'

const shortestLifeMs = 1000
const longestLifeMs = 3000
const shortestOutageMs = 500
const longestOutageMs = 4000
const hearLimitMs = 5000
const waitMs = 20_000
const everyMs = 50
/** All that Redis keeps. */
const files = ['appendonlydir', 'appendonly.aof', 'dump.rdb']

/** R9: the Redis that nodes hear each other by dies and comes back empty. */
export const redis: Fault = {
  id: 'R9',
  fleet: { nodes: 2, isProxied: true },
  times: { ci: 5, full: 50 },
  patienceMs: 5000,
  run: async (scene, times) => {
    const { fleet, random, say } = scene
    const { bus } = fleet
    if (bus === undefined) throw new Error('there is no Redis beside the store')
    const [talker, hearer] = await signUp(fleet.url, ['talker', 'hearer'])
    const ear = await openEar(scene, talker as SignedIn, hearer as SignedIn)
    const heard: number[] = []
    const without: number[] = []
    try {
      for (let kills = 1; kills <= times; kills++) {
        await sleep(shortestLifeMs + random() * (longestLifeMs - shortestLifeMs))
        await bus.kill()
        without.push(await ear.hear('push or notice'))
        await sleep(shortestOutageMs + random() * (longestOutageMs - shortestOutageMs))
        bus.wipe(files)
        await bus.start()
        const ms = await ear.hear('push')
        heard.push(ms)
        say(
          `flush ${kills} of ${times}: without Redis heard after ${Math.round(without.at(-1) ?? 0)} ms, with it again after ${Math.round(ms)} ms`,
        )
      }
    } finally {
      ear.close()
    }
    return {
      sentAside: ear.spoken,
      measures: [
        {
          name: 'a client of the other node is told, while Redis is away',
          unit: 'ms',
          limit: hearLimitMs,
          values: without,
        },
        {
          name: 'pushed to the other node again, from when Redis answers',
          unit: 'ms',
          limit: hearLimitMs,
          values: heard,
        },
      ],
    }
  },
}

interface Ear {
  /**
   * Speaks on one node until the other one's client has heard of a message spoken from now on; milliseconds.
   * @param by a notice tells as well as a push: the client looks for itself then, and finds what was acked before
   */
  hear(by: 'push' | 'push or notice'): Promise<number>
  /** Words that were acked. */
  readonly spoken: number
  close(): void
}

async function openEar({ fleet }: Scene, talker: SignedIn, hearer: SignedIn): Promise<Ear> {
  const [first, second] = fleet.nodes
  if (first === undefined || second === undefined) throw new Error('two nodes are needed to hear each other')
  const api = openApi(first.url)
  const told = new Set<number>()
  let notices = 0
  const socket = await openSocket(second.url, hearer.token, {
    answered: () => undefined,
    pushed: (messages) => {
      for (const { seq } of messages) told.add(seq)
    },
    resync: () => {
      notices += 1
    },
    closed: () => undefined,
  })
  let count = 0
  return {
    hear: async (by) => {
      const start = microseconds()
      const until = Date.now() + waitMs
      let first: { readonly seq: number; readonly notices: number } | undefined
      while (Date.now() < until) {
        count += 1
        const content = { text: { text: 'do you hear me' } }
        const message = {
          client_msg_id: `word-${count}`,
          recv_id: hearer.userId,
          session_type: 1,
          msg_type: 1,
        }
        const { seq } = await api.send(talker.token, { ...message, content })
        first ??= { seq, notices }
        await sleep(everyMs)
        const { seq: from } = first
        const isNoticed = by !== 'push' && notices > first.notices
        if (isNoticed || [...told].some((one) => one >= from)) return (microseconds() - start) / 1000
      }
      return Number.POSITIVE_INFINITY
    },
    get spoken() {
      return count
    },
    close: () => {
      socket.close()
      api.close()
    },
  }
}
