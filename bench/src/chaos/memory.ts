import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import type { Fault } from './scene.ts'
import { signInAlso } from './users.ts'

const heapMegabytes = 96
/** Heap, code, buffers outside the heap and the store's own cache (64 MB). */
const residentLimit = 96 + 192
const slowShare = 0.5
const heldMs = 5000
const desktop = 3

/** R15: little memory, and half of the people have a second device that does not read what it is sent. */
export const memory: Fault = {
  id: 'R15',
  fleet: { nodes: 1, isProxied: false },
  times: { ci: 2, full: 20 },
  patienceMs: 5000,
  ground: async () => ({
    fleet: { nodeArguments: [`--max-old-space-size=${heapMegabytes}`] },
    close: async () => undefined,
  }),
  run: async ({ fleet, load, users, say }, times) => {
    const [node] = fleet.nodes
    if (node === undefined) throw new Error('there is no server')
    const { pid } = node
    const slow = users.slice(0, Math.ceil(users.length * slowShare))
    const second = await signInAlso(
      fleet.url,
      slow.map(({ userId }) => userId),
      desktop,
    )
    const resident: number[] = []
    const unserved: number[] = []
    for (let round = 1; round <= times; round++) {
      const deaf = second.map(({ token }) => openDeaf(fleet.url, token))
      const before = load.acked
      const until = Date.now() + heldMs
      let most = 0
      while (Date.now() < until) {
        most = Math.max(most, residentOf(pid))
        await sleep(50)
      }
      for (const socket of deaf) socket.terminate()
      const acked = load.acked - before
      resident.push(most)
      unserved.push(acked > 50 ? 0 : 1)
      say(`round ${round} of ${times}: ${deaf.length} deaf, ${acked} acks meanwhile, at most ${most} MB`)
    }
    return {
      measures: [
        { name: 'resident megabytes', unit: '', limit: residentLimit, values: resident },
        { name: 'rounds in which the others were not served', unit: '', limit: 0, values: unserved },
        { name: 'servers that ended', unit: '', limit: 0, values: [node.isRunning ? 0 : 1] },
      ],
    }
  },
}

/** Comes, and reads nothing from then on. */
function openDeaf(url: string, token: string): WebSocket {
  const socket = new WebSocket(
    `${url.replace('http', 'ws')}/ws?token=${encodeURIComponent(token)}`,
    'nexo.v1',
    { perMessageDeflate: false },
  )
  socket.on('open', () => socket.pause())
  socket.on('error', () => undefined)
  return socket
}

/** Megabytes; throws when the process is gone. */
function residentOf(pid: number): number {
  const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  if (kilobytes === undefined) throw new Error('the server ended')
  return Math.round(Number(kilobytes) / 1024)
}
