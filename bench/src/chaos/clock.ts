import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { microseconds } from './journal.ts'
import type { Fault, Ground } from './scene.ts'

const hour = 3600
const day = 24 * hour
/** Seconds off the true time; `stuck` stands still where it is. */
const jumps: readonly (number | 'stuck')[] = [hour, -hour, day, -day, 'stuck', 0]
const heldMs = 3000
const backLimitMs = 5000
/** Of one core: more is a timer that comes again at once. */
const busyLimit = 90
const folders = ['/usr/lib', '/usr/local/lib', '/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu']

interface ClockGround extends Ground {
  set(jump: number | 'stuck'): void
}

function library(): string | undefined {
  return folders
    .map((folder) => join(folder, 'faketime', 'libfaketimeMT.so.1'))
    .find((path) => existsSync(path))
}

/** R17: the clock of the server jumps while it runs. Clients and checker have the true one. */
export const clock: Fault<ClockGround> = {
  id: 'R17',
  fleet: { nodes: 1, isProxied: false },
  times: { ci: 1, full: 10 },
  patienceMs: 5000,
  whyNot: async () =>
    library() === undefined ? 'there is no libfaketime (Debian: the package faketime)' : undefined,
  ground: async ({ folder }) => {
    const file = join(folder, 'time')
    const set = (jump: number | 'stuck'): void =>
      writeFileSync(
        file,
        jump === 'stuck'
          ? new Date().toISOString().slice(0, 19).replace('T', ' ')
          : `${jump < 0 ? '-' : '+'}${Math.abs(jump)}`,
      )
    set(0)
    const settings = [
      `LD_PRELOAD=${library()}`,
      `FAKETIME_TIMESTAMP_FILE=${file}`,
      // Timers rest on the monotonic clock, which does not jump when somebody sets the other one.
      'FAKETIME_DONT_FAKE_MONOTONIC=1',
      'FAKETIME_CACHE_DURATION=1',
      'TZ=UTC',
    ]
    return { set, fleet: { wrap: ['env', ...settings] }, close: async () => undefined }
  },
  run: async ({ ground, fleet, load, random, say }, times) => {
    const [node] = fleet.nodes
    if (node === undefined) throw new Error('there is no server')
    const back: number[] = []
    const busy: number[] = []
    for (let round = 1; round <= times; round++) {
      for (const jump of jumps) {
        await sleep(500 + random() * 1000)
        const before = load.acked
        ground.set(jump)
        const at = microseconds()
        // The library looks at its file once a second.
        await sleep(1100)
        const seconds = cpuSeconds(node.pid)
        await sleep(heldMs)
        busy.push(Math.round(((cpuSeconds(node.pid) - seconds) / heldMs) * 1e5))
        const state = await load.until(at, 30_000, ({ acked }) => acked > before + 100)
        back.push(
          ((state?.at ?? Number.POSITIVE_INFINITY) - at) / 1000 - (state === undefined ? 0 : 1100 + heldMs),
        )
        say(
          `round ${round} of ${times}, ${jump === 'stuck' ? 'stuck' : `${jump / hour} h`}: ${load.acked - before} acks, ${busy.at(-1)} % of a core`,
        )
      }
    }
    return {
      measures: [
        { name: 'acks go on after a jump', unit: 'ms', limit: backLimitMs, values: back },
        { name: 'per cent of a core after a jump', unit: '', limit: busyLimit, values: busy },
      ],
    }
  },
}

const ticksPerSecond = 100

/** User and system time of the process so far. */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}
