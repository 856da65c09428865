import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { listenerOf } from '../engines/killable.ts'
import { openPlace, type Place, settingsOf } from '../engines/place.ts'
import { loadAverage, measureFsync } from '../environment.ts'
import { type Api, openApi } from '../http.ts'
import type { Options } from '../options.ts'
import { type Seed, seedMysql, seedSqlite } from '../seed.ts'
import { type ServerProcess, startServer } from '../server-process.ts'

/** Fresh servers with an empty store. What a restart changes is read from here again, not kept. */
export interface Stage {
  readonly options: Options
  /** Holds all its data, removed at the end. */
  readonly folder: string
  readonly place: Place
  /** The first of the nodes. */
  readonly server: ServerProcess
  readonly nodes: readonly ServerProcess[]
  /** Undefined where the store runs in the server or is not ours. */
  readonly storePid: number | undefined
  /** Of the first node. */
  readonly api: Api
  /** Signs the tokens of all nodes. */
  readonly secret: string
  /** Settings that differ from the shipped ones, in words. */
  readonly raised: readonly string[]
  /** Disk: 4 KiB and fdatasync, median just before. */
  readonly fsyncP50Ms: number
  readonly loadBefore: number
  say(progress: string): void
  /** Stops the nodes, lets `work` at their store, and starts them again on the same data. Rejects for a store that cannot. */
  restart(work: (seed: Seed) => Promise<void>): Promise<Stage>
  /** SIGKILL to all nodes, then starts them again on the same data; resolves when they are ready. */
  killAndStart(): Promise<void>
  /** Stops the nodes, so that nothing of the store is only in memory, looks, and starts them again. */
  paused<T>(look: () => Promise<T>): Promise<T>
}

export interface StageWish {
  readonly options: Options
  readonly limits: readonly Limit[]
  /** Instead of those of the options. */
  readonly nodes?: number
  /** For the runtime of the nodes. */
  readonly nodeArguments?: readonly string[]
}

/** A setting that a scenario must raise. */
export interface Limit {
  readonly name: string
  readonly value: number
  readonly shipped: number
}

export const sendsLimit: Limit = { name: 'limits.sends_per_minute', value: 100_000_000, shipped: 600 }

/** For few people who ask for very much. */
export const requestLimits: readonly Limit[] = [
  { name: 'limits.requests_per_minute', value: 100_000_000, shipped: 12_000 },
  { name: 'limits.device_requests_per_minute', value: 100_000_000, shipped: 60_000 },
]

export function connectionLimit(connections: number): Limit {
  return { name: 'websocket.max_conn_num', value: connections, shipped: 10_000 }
}

export function wordsOf({ name, value, shipped }: Limit): string {
  return `${name} ${shipped} -> ${value}`
}

/** The configuration of all nodes; JSON is YAML too. */
export function configOf(
  place: Place,
  limits: readonly Limit[],
  secret: string = randomBytes(32).toString('hex'),
): string {
  const settings: Record<string, string | number> = {
    ...settingsOf(place),
    // Nodes take each other's tokens.
    'jwt.secret': secret,
    ...Object.fromEntries(limits.map(({ name, value }) => [name, value])),
  }
  const sections: Record<string, Record<string, string | number>> = {}
  for (const [name, value] of Object.entries(settings)) {
    const [section = '', key = ''] = name.split('.')
    sections[section] = { ...sections[section], [key]: value }
  }
  return JSON.stringify(sections, undefined, 2)
}

/** Runs `play` against servers of its own; the data folder is removed afterwards. */
export function withServer<T>(
  options: Options,
  limits: readonly Limit[],
  play: (stage: Stage) => Promise<T>,
): Promise<T> {
  return withStage({ options, limits }, play)
}

export async function withStage<T>(wish: StageWish, play: (stage: Stage) => Promise<T>): Promise<T> {
  const { options } = wish
  const folder = await mkdtemp(join(options.data, 'nexo-bench-'))
  const clean = (): void => rmSync(folder, { recursive: true, force: true })
  process.on('exit', clean)
  try {
    const place = await openPlace({ store: options.store, bus: options.bus, folder })
    try {
      return await withNodes(wish, folder, place, play)
    } finally {
      await place.close()
    }
  } finally {
    clean()
    process.off('exit', clean)
  }
}

async function withNodes<T>(
  { options, limits, nodes = options.nodes, nodeArguments = [] }: StageWish,
  folder: string,
  place: Place,
  play: (stage: Stage) => Promise<T>,
): Promise<T> {
  const say = (progress: string): void => {
    process.stderr.write(`  ${progress}\n`)
  }
  const raised = limits.map(wordsOf)
  for (const words of raised) say(`raised by configuration for this run: ${words}`)
  const fsyncP50Ms = measureFsync(folder)
  const configFile = join(folder, 'bench.yaml')
  const secret = randomBytes(32).toString('hex')
  await writeFile(configFile, configOf(place, limits, secret), { mode: 0o600 })
  const running = fleetOf({ count: nodes, folder, configFile, nodeArguments })
  const paused = async <R>(look: () => Promise<R>): Promise<R> => {
    await running.stop()
    const result = await look()
    await running.start()
    return result
  }
  const stage: Stage = {
    ...{ options, folder, place, secret, raised, fsyncP50Ms, loadBefore: loadAverage(), say, paused },
    get server() {
      return running.nodes[0] as ServerProcess
    },
    get nodes() {
      return running.nodes
    },
    get api() {
      return running.api as Api
    },
    storePid: storePidOf(place),
    restart: async (work) => {
      await paused(() => seedPlace(place, folder, work))
      return stage
    },
    killAndStart: async () => {
      await running.kill()
      await running.start()
    },
  }
  try {
    await running.start()
    return await play(stage)
  } finally {
    await running.stop()
  }
}

async function seedPlace(place: Place, folder: string, work: (seed: Seed) => Promise<void>): Promise<void> {
  if (place.store === 'sqlite') await seedSqlite(databaseFile(folder), work)
  else if (place.store === 'mysql') await seedMysql(place.url as string, work)
  else throw new Error(`${place.store} cannot be filled from outside: this scenario runs on sqlite and mysql`)
}

/** The database of the first node, where the store is a file. */
export function databaseFile(folder: string): string {
  return join(folder, 'data-0', 'nexo.db')
}

interface Fleet {
  readonly nodes: readonly ServerProcess[]
  readonly api: Api | undefined
  start(): Promise<void>
  stop(): Promise<void>
  kill(): Promise<void>
}

interface FleetParts {
  readonly count: number
  readonly folder: string
  readonly configFile: string
  readonly nodeArguments: readonly string[]
}

/** The node processes, each with a folder of its own that it comes back to. */
function fleetOf({ count, folder, configFile, nodeArguments }: FleetParts): Fleet {
  let nodes: ServerProcess[] = []
  let api: Api | undefined
  const end = async (how: 'stop' | 'kill'): Promise<void> => {
    api?.close()
    for (const node of nodes) await node[how]()
    nodes = []
  }
  return {
    get nodes() {
      return nodes
    },
    get api() {
      return api
    },
    start: async () => {
      for (let node = 0; node < count; node++)
        nodes.push(await startServer({ data: join(folder, `data-${node}`), configFile, nodeArguments }))
      api = openApi((nodes[0] as ServerProcess).url)
    },
    stop: () => end('stop'),
    kill: () => end('kill'),
  }
}

function storePidOf({ own, url }: Place): number | undefined {
  if (own === undefined || url === undefined) return undefined
  try {
    return listenerOf(Number(new URL(url).port))
  } catch {
    // No /proc: its use stays unknown.
    return undefined
  }
}
