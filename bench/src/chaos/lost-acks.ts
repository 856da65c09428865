import { setTimeout as sleep } from 'node:timers/promises'
import { buildWorld } from '../checker/world.ts'
import { type FaultProxy, openProxy } from './proxy.ts'
import type { Fault, Ground } from './scene.ts'

/** Of everything that clients send. */
const cutShare = 0.15
const lookMs = 100
/** A run in which no more cuts come has proven less than was asked for. */
const patienceMs = 60_000

interface LostGround extends Ground {
  readonly link: () => FaultProxy
}

/** R11: the connections of clients are cut between a send and its ack, and the client tries the same id again. */
export const lostAcks: Fault<LostGround> = {
  id: 'R11',
  fleet: { nodes: 1, isProxied: false },
  times: { ci: 1000, full: 20_000 },
  patienceMs: 5000,
  ground: async ({ random }) => {
    let proxy: FaultProxy | undefined
    return {
      link: () => {
        if (proxy === undefined) throw new Error('there is no link to the clients')
        return proxy
      },
      fleet: {
        front: async (url) => {
          const { hostname, port } = new URL(url)
          proxy = await openProxy({ to: { host: hostname, port: Number(port) }, random })
          return `http://127.0.0.1:${proxy.port}`
        },
      },
      close: async () => proxy?.close(),
    }
  },
  run: async ({ ground, random, say }, times) => {
    const link = ground.link()
    link.rule({
      loses: () => (random() >= cutShare ? false : random() < 0.5 ? 'answer' : 'soon'),
    })
    let last = { lost: 0, at: Date.now() }
    while (link.lost < times && Date.now() - last.at < patienceMs) {
      await sleep(lookMs)
      if (link.lost === last.lost) continue
      const tenth = Math.ceil(times / 10)
      if (Math.floor(link.lost / tenth) > Math.floor(last.lost / tenth)) say(`${link.lost} of ${times} cuts`)
      last = { lost: link.lost, at: Date.now() }
    }
    link.rule()
    return {
      measures: [
        { name: 'cuts that were not made', unit: '', limit: 0, values: [Math.max(0, times - link.lost)] },
      ],
      inHistories: (events) => {
        const messages = [...buildWorld(events).messages.values()]
        const open = messages
          .flatMap(({ attempts }) => [...attempts.values()])
          .filter((ack) => ack === undefined)
        return [
          {
            name: 'attempts without an answer fewer than cuts',
            unit: '',
            limit: 0,
            values: [Math.max(0, times - open.length)],
          },
        ]
      },
    }
  },
}
