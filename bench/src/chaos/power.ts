import { setTimeout as sleep } from 'node:timers/promises'
import { type Disk, openDisk, whyNoDisk } from './disk.ts'
import type { Fault, Ground } from './scene.ts'

const shortestLifeMs = 500
const longestLifeMs = 2500
const megabytes = { sqlite: 256, mysql: 768 } as const

interface PowerGround extends Ground {
  readonly disk: Disk
}

/**
 * R7: the power is cut. Everything that writes stands still, the disk is copied as it is without what was never synced, and
 * life goes on from the copy. A kill alone would prove nothing about syncing: the kernel still has what was written.
 */
export const power: Fault<PowerGround> = {
  id: 'R7',
  fleet: { nodes: 1, isProxied: false },
  times: { ci: 5, full: 50 },
  patienceMs: 5000,
  whyNot: whyNoDisk,
  ground: async ({ folder, options }) => {
    const disk = await openDisk(folder, options.store === 'mysql' ? megabytes.mysql : megabytes.sqlite)
    return { disk, fleet: { data: disk.folder }, close: disk.close }
  },
  run: async ({ fleet, load, ground, random, say }, times) => {
    const { disk } = ground
    const [node] = fleet.nodes
    if (node === undefined) throw new Error('there is no server')
    for (let cuts = 1; cuts <= times; cuts++) {
      const before = load.acked
      await sleep(shortestLifeMs + random() * (longestLifeMs - shortestLifeMs))
      process.kill(-node.pid, 'SIGSTOP')
      if (fleet.store !== undefined) process.kill(fleet.store.pid, 'SIGSTOP')
      const image = await disk.copy()
      await node.kill()
      await fleet.store?.kill()
      say(`cut ${cuts} of ${times}, ${load.acked - before} acks in this life`)
      await disk.swap(image)
      await fleet.store?.start()
      await node.start()
    }
    await load.until(0, 30_000, ({ connected }) => connected > 0)
    return { measures: [] }
  },
}
