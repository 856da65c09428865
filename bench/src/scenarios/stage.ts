import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { listenerOf } from '../engines/killable.ts'
import { openPlace, type Place, settingsOf } from '../engines/place.ts'
import { measureFsync } from '../environment.ts'
import { type Api, openApi } from '../http.ts'
import type { Options } from '../options.ts'
import { type Seed, seedMysql, seedSqlite } from '../seed.ts'
import { type ServerProcess, startServer } from '../server-process.ts'

/** Fresh servers with an empty store. */
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
  /** Settings that differ from the shipped ones, in words. */
  readonly raised: readonly string[]
  /** Disk: 4 KiB and fdatasync, median just before. */
  readonly fsyncP50Ms: number
  say(progress: string): void
  /** Stops the nodes, lets `work` at their store, and starts them again on the same data. Rejects for a store that cannot. */
  restart(work: (seed: Seed) => Promise<void>): Promise<Stage>
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
export function configOf(place: Place, limits: readonly Limit[]): string {
  const settings: Record<string, string | number> = {
    ...settingsOf(place),
    // Nodes take each other's tokens.
    'jwt.secret': randomBytes(32).toString('hex'),
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
export async function withServer<T>(
  options: Options,
  limits: readonly Limit[],
  play: (stage: Stage) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(options.data, 'nexo-bench-'))
  const clean = (): void => rmSync(folder, { recursive: true, force: true })
  process.on('exit', clean)
  try {
    const place = await openPlace({ store: options.store, bus: options.bus, folder })
    try {
      return await withNodes(options, limits, folder, place, play)
    } finally {
      await place.close()
    }
  } finally {
    clean()
    process.off('exit', clean)
  }
}

async function withNodes<T>(
  options: Options,
  limits: readonly Limit[],
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
  await writeFile(configFile, configOf(place, limits), { mode: 0o600 })
  const data = (node: number): string => join(folder, `data-${node}`)
  let nodes: ServerProcess[] = []
  let api: Api | undefined
  const start = async (): Promise<Stage> => {
    for (let node = 0; node < options.nodes; node++)
      nodes.push(await startServer({ data: data(node), configFile }))
    const server = nodes[0] as ServerProcess
    api = openApi(server.url)
    const storePid = storePidOf(place)
    return { options, folder, place, server, nodes, storePid, api, raised, fsyncP50Ms, say, restart }
  }
  const stop = async (): Promise<void> => {
    api?.close()
    for (const node of nodes) await node.stop()
    nodes = []
  }
  const restart = async (work: (seed: Seed) => Promise<void>): Promise<Stage> => {
    await stop()
    if (place.store === 'sqlite') await seedSqlite(join(data(0), 'nexo.db'), work)
    else if (place.store === 'mysql') await seedMysql(place.url as string, work)
    else
      throw new Error(`${place.store} cannot be filled from outside: this scenario runs on sqlite and mysql`)
    return start()
  }
  try {
    return await play(await start())
  } finally {
    await stop()
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
