import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { startServer } from '../server-process.ts'
import { microseconds } from './journal.ts'
import { compareWith, truthAt } from './reading.ts'
import type { Fault } from './scene.ts'

const run = promisify(execFile)
const program = fileURLToPath(new URL('../../../server/src/cli/main.ts', import.meta.url))
const shortestRestMs = 300
const longestRestMs = 1500

interface Taken {
  readonly file: string
  /** What was acked before this moment must be in it. */
  readonly begun: number
}

/** R23: backups are taken while everybody writes; each is restored, and must hold everything acked before it was begun. */
export const backup: Fault = {
  id: 'R23',
  fleet: { nodes: 1, isProxied: false },
  times: { ci: 3, full: 30 },
  patienceMs: 5000,
  run: async ({ fleet, load, users, random, folder, say }, times) => {
    const [node] = fleet.nodes
    if (node === undefined) throw new Error('there is no server')
    const taken: Taken[] = []
    const idle: number[] = []
    for (let count = 1; count <= times; count++) {
      await sleep(shortestRestMs + random() * (longestRestMs - shortestRestMs))
      const file = join(folder, `backup-${count}.db`)
      const before = load.acked
      const begun = microseconds()
      await run(process.execPath, [program, 'backup', '--to', file, '--data', node.data])
      const ms = Math.round((microseconds() - begun) / 1000)
      taken.push({ file, begun })
      idle.push(load.acked > before ? 0 : 1)
      say(`backup ${count} of ${times}: ${ms} ms, ${load.acked - before} acks meanwhile`)
    }
    return {
      measures: [{ name: 'backups during which nothing was acked', unit: '', limit: 0, values: idle }],
      inHistories: async (events) => {
        const faults: number[] = []
        for (const [index, { file, begun }] of taken.entries()) {
          const data = join(folder, `restored-${index}`)
          await run(process.execPath, [program, 'restore', '--from', file, '--data', data])
          const server = await startServer({ data, configFile: node.configFile })
          try {
            const found = await compareWith(truthAt(events, begun), server.url, users)
            faults.push(found.verdict === 'whole' ? 0 : 1)
            if (found.verdict !== 'whole') say(`backup ${index + 1}: ${JSON.stringify(found)}`)
          } finally {
            await server.kill()
          }
        }
        return [{ name: 'restored backups that are not whole', unit: '', limit: 0, values: faults }]
      },
    }
  },
}
