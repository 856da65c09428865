import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Ack } from '../checker/history.ts'
import { type Disk, openDisk, whyNoDisk } from './disk.ts'
import { microseconds } from './journal.ts'
import { type Outage, outageFindings } from './outages.ts'
import type { Fault, Ground } from './scene.ts'

const megabytes = 64
const shortestFullMs = 1000
const longestFullMs = 4000
const waitLimitMs = 6000
const backLimitMs = 5000
const quietMs = 400
const lookMs = 50
/** The log that is there already may be written over for a while. */
const untilRefusedMs = 60_000

interface DiskGround extends Ground {
  readonly disk: Disk
}

/** R13: somebody fills the disk, and makes room again. */
export const diskFull: Fault<DiskGround> = {
  id: 'R13',
  fleet: { nodes: 1, isProxied: false },
  times: { ci: 3, full: 20 },
  patienceMs: 9000,
  whyNot: whyNoDisk,
  ground: async ({ folder }) => {
    const disk = await openDisk(folder, megabytes)
    return { disk, fleet: { data: disk.folder }, close: disk.close }
  },
  run: async ({ ground, fleet, load, random, say }, times) => {
    const [node] = fleet.nodes
    const ballast = join(ground.disk.folder, 'ballast')
    const outages: Outage[] = []
    for (let fills = 1; fills <= times; fills++) {
      await sleep(1000 + random() * 2000)
      fill(ballast)
      await untilQuiet(() => {
        fill(ballast)
        return load.acked
      })
      const from = microseconds()
      await sleep(shortestFullMs + random() * (longestFullMs - shortestFullMs))
      const begun = microseconds()
      rmSync(ballast)
      const to = microseconds()
      outages.push({ from, begun, to })
      const before = load.acked
      const state = await load.until(to, 30_000, ({ acked }) => acked > before + 50)
      say(
        `full ${fills} of ${times}: ${state === undefined ? 'NO acks after it' : `50 acks ${Math.round((state.at - to) / 1000)} ms after it`}`,
      )
      if (node?.isRunning !== true) throw new Error('the server ended when the disk was full')
    }
    await sleep(1000)
    return {
      measures: [],
      inHistories: (events) => {
        const found = outages.map((outage) => outageFindings(events, outage))
        const refused = outages.map(({ from, begun }) =>
          events.some(
            (event): event is Ack =>
              event.op === 'ack' &&
              event.result.outcome !== 'ok' &&
              event.t_invoke > from &&
              event.t_invoke < begun,
          ),
        )
        return [
          {
            name: 'acks while the disk was full',
            unit: '',
            limit: 0,
            values: found.map((f) => f.falseAcks),
          },
          {
            name: 'fillings in which nobody was refused a send',
            unit: '',
            limit: 0,
            values: refused.map((was) => (was ? 0 : 1)),
          },
          {
            name: 'longest wait of a send while it was full',
            unit: 'ms',
            limit: waitLimitMs,
            values: found.map((f) => f.longestWaitMs),
          },
          {
            name: 'first ack after there is room',
            unit: 'ms',
            limit: backLimitMs,
            values: found.map((f) => f.backMs),
          },
        ]
      },
    }
  },
}

/** Until not one byte more fits. */
function fill(path: string): void {
  const file = openSync(path, 'a')
  try {
    for (let size = 1 << 20; size >= 512; ) {
      try {
        writeSync(file, Buffer.alloc(size, 7))
        fsyncSync(file)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
        size >>= 1
      }
    }
  } finally {
    closeSync(file)
  }
}

async function untilQuiet(count: () => number): Promise<void> {
  const until = Date.now() + untilRefusedMs
  let last = { count: -1, at: Date.now() }
  while (Date.now() - last.at < quietMs) {
    if (Date.now() > until) throw new Error('a full disk did not stop the acks')
    const now = count()
    if (now !== last.count) last = { count: now, at: Date.now() }
    await sleep(lookMs)
  }
}
