import {
  cpSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '../random.ts'
import { type ServerProcess, startServer } from '../server-process.ts'
import { openAtOnce } from './client.ts'
import { microseconds } from './journal.ts'
import { compareWith, type Finding, type Truth, truthAt } from './reading.ts'
import type { Fault, Scene } from './scene.ts'

const trafficMs = 6000
/** So that some of it lies in the log and some in the file. */
const lives = 3
const tailShare = 0.2

interface Harm {
  readonly file: string
  readonly kind: 'bit' | 'tail'
  /** Bit or new length. */
  readonly place: number
}

/** R19: a folder with real traffic, taken from under a running server, and hurt in one place; then all of it is read. */
export const damage: Fault = {
  id: 'R19',
  fleet: { nodes: 1, isProxied: false },
  times: { ci: 20, full: 500 },
  patienceMs: 5000,
  run: async (scene, times) => {
    const { fleet, folder } = scene
    const [node] = fleet.nodes
    if (node === undefined) throw new Error('there is no server')
    const sound = join(folder, 'sound')
    for (let life = 1; life < lives; life++) {
      await sleep(trafficMs / lives)
      await node.stop()
      await node.start()
    }
    await sleep(trafficMs / lives)
    process.kill(-node.pid, 'SIGSTOP')
    const at = microseconds()
    cpSync(node.data, sound, { recursive: true, filter: (path) => !lstatSync(path).isSocket() })
    process.kill(-node.pid, 'SIGCONT')
    return {
      measures: [],
      inHistories: async (events) => {
        const truth = truthAt(events, at)
        const place = { sound, copy: join(folder, 'damaged'), configFile: node.configFile }
        const first = await readHurt(scene, place, truth, undefined)
        if (first.verdict !== 'whole') throw new Error(`the folder was not sound: ${JSON.stringify(first)}`)
        const counts = { whole: 0, refused: 0, missing: 0, wrong: 0 }
        let tails = 0
        // What two commits hold at most: damage in the last ones looks like the torn end that a power cut leaves.
        const torn = 2 * openAtOnce * scene.users.length
        for (let done = 0; done < times; done++) {
          const harm = harmIn(sound, scene.random)
          const found = await readHurt(scene, place, truth, harm)
          counts[found.verdict] += 1
          if (found.verdict === 'missing' && (harm.kind === 'tail' || found.count <= torn)) tails += 1
          if ('words' in found)
            scene.say(`${harm.kind} ${harm.place} of ${harm.file}: ${found.verdict}, ${found.words}`)
        }
        scene.say(`${times} places: ${JSON.stringify(counts)}`)
        return [
          { name: 'places that made something silently wrong', unit: '', limit: 0, values: [counts.wrong] },
          {
            name: 'bits that made acked messages go silently',
            unit: '',
            limit: 0,
            values: [counts.missing - tails],
          },
          {
            // A log that ends earlier looks like one that was never longer: no file can tell that by itself.
            name: 'ends of the log that took acked messages along (not judged)',
            unit: '',
            limit: times,
            values: [tails],
          },
        ]
      },
    }
  },
}

interface Copies {
  readonly sound: string
  readonly copy: string
  readonly configFile: string
}

function harmIn(folder: string, random: Random): Harm {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('-shm'))
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((file) => readFileSync(join(folder, file)).length > 0)
    .toSorted()
  const file = files[Math.floor(random() * files.length)] ?? ''
  const { length } = readFileSync(join(folder, file))
  return random() < tailShare
    ? { file, kind: 'tail', place: Math.floor(random() * length) }
    : { file, kind: 'bit', place: Math.floor(random() * length * 8) }
}

async function readHurt(
  { users }: Scene,
  { sound, copy, configFile }: Copies,
  truth: Truth,
  harm: Harm | undefined,
): Promise<Finding> {
  if (existsSync(copy)) rmSync(copy, { recursive: true })
  await mkdir(copy)
  cpSync(sound, copy, { recursive: true })
  if (harm?.kind === 'tail') truncateSync(join(copy, harm.file), harm.place)
  if (harm?.kind === 'bit') {
    const bytes = readFileSync(join(copy, harm.file))
    bytes[harm.place >> 3] = (bytes[harm.place >> 3] ?? 0) ^ (1 << (harm.place & 7))
    writeFileSync(join(copy, harm.file), bytes)
  }
  let server: ServerProcess
  try {
    server = await startServer({ data: copy, configFile })
  } catch {
    // It says why, and does not start.
    return { verdict: 'refused' }
  }
  try {
    return await compareWith(truth, server.url, users)
  } finally {
    await server.kill()
  }
}
