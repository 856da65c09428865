import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { BusName, Engine, StoreName } from '../engines/engine.ts'
import { type Killable, killableAt } from '../engines/killable.ts'
import { engineOf } from '../engines/open.ts'
import { openPlace, type Place } from '../engines/place.ts'
import type { Random } from '../random.ts'
import { configOf, type Limit, sendsLimit, wordsOf } from '../scenarios/stage.ts'
import { type ServerProcess, startServer } from '../server-process.ts'
import { startNginx } from './nginx.ts'

/** One server process that keeps its port over all its lives. */
export interface FleetNode {
  readonly url: string
  readonly port: number
  start(): Promise<void>
  /** SIGKILL. */
  kill(): Promise<void>
  /** SIGTERM, and waits until it has drained. */
  stop(): Promise<void>
}

/** Nodes on one store, with everything around them. */
export interface Fleet {
  /** Where clients call: the proxy, or the only node. */
  readonly url: string
  readonly nodes: readonly FleetNode[]
  readonly place: Place
  /** Undefined where the store is a file. */
  readonly store: Killable | undefined
  readonly bus: Killable | undefined
  stop(): Promise<void>
}

export interface FleetWish {
  readonly store: StoreName
  readonly nodes: number
  readonly bus: BusName | undefined
  /** Behind nginx. */
  readonly isProxied: boolean
  /** Besides what the load needs. */
  readonly settings?: readonly Limit[] | undefined
  readonly folder: string
  readonly random: Random
  say(progress: string): void
}

export async function openFleet(wish: FleetWish): Promise<Fleet> {
  const { folder, random, say } = wish
  const ending: (() => Promise<void>)[] = []
  const stop = async (): Promise<void> => {
    for (const end of ending.splice(0).toReversed()) await end()
  }
  try {
    const place = await openPlace({ store: wish.store, bus: wish.bus, folder, isPrivate: true })
    ending.push(place.close)
    const store = wish.store === 'sqlite' ? undefined : killable(await engineOf(wish.store), place)
    const bus =
      wish.bus !== 'redis' || wish.store === 'redis' ? undefined : killable(await engineOf('redis'), place)
    for (const server of [store, bus]) if (server !== undefined) ending.push(server.end)
    const configFile = join(folder, 'chaos.yaml')
    const settings = [sendsLimit, ...(wish.settings ?? [])]
    await writeFile(configFile, configOf(place, settings), { mode: 0o600 })
    say(`configured for this run: ${settings.map(wordsOf).join(', ')}`)
    const nodes: FleetNode[] = []
    for (let number = 0; number < wish.nodes; number++) {
      const node = nodeOf(join(folder, `data-${number}`), configFile, await freePort(random))
      ending.push(node.stop)
      await node.start()
      nodes.push(node)
    }
    const [first] = nodes
    if (first === undefined) throw new Error('a fleet has at least one node')
    if (!wish.isProxied) return { url: first.url, nodes, place, store, bus, stop }
    const ports = nodes.map((node) => node.port)
    const proxy = await startNginx(join(folder, 'nginx'), await freePort(random), ports)
    ending.push(proxy.stop)
    return { url: proxy.url, nodes, place, store, bus, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function killable(engine: Engine, place: Place): Killable {
  const url = place.own?.urls[engine.variable]
  if (url === undefined) throw new Error(`${engine.service} is not ours to kill`)
  return killableAt(Number(new URL(url).port), {
    ping: () => engine.ping(url),
    argumentsIn: engine.argumentsIn,
  })
}

function nodeOf(data: string, configFile: string, port: number): FleetNode {
  let server: ServerProcess | undefined
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    start: async () => {
      server = await startServer({ data, configFile, port })
    },
    kill: async () => server?.kill(),
    stop: async () => server?.stop(),
  }
}

/**
 * Below the ports the system gives to outgoing connections: while the server is dead, a client that connects
 * could otherwise be given the very port it calls, and talk to itself.
 */
async function freePort(random: Random): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(random() * 10_000)
    const probe = createServer()
    try {
      probe.listen(port, '127.0.0.1')
      await once(probe, 'listening')
      return port
    } catch {
      // Taken: the next one.
    } finally {
      probe.close()
    }
  }
}
