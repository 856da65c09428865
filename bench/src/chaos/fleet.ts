import { randomBytes } from 'node:crypto'
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
import { type ServerOptions, type ServerProcess, startServer } from '../server-process.ts'
import { startNginx } from './nginx.ts'

/** One server process that keeps its port over all its lives. */
export interface FleetNode {
  readonly url: string
  readonly port: number
  /** Folder of its data. */
  readonly data: string
  readonly configFile: string
  readonly metricsUrl: string
  /** Of its present life, or the last one. */
  readonly pid: number
  readonly isRunning: boolean
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

export interface NodeLinks extends Pick<Place, 'url' | 'busUrl'> {
  /** Where the node listens, 127.0.0.1 unless given. */
  readonly host?: string
  readonly wrap?: readonly string[]
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
  /** Where stores and nodes keep what they keep; `folder` unless given. */
  readonly data?: string | undefined
  /** In front of the program of each node. */
  readonly wrap?: readonly string[] | undefined
  /** For the runtime of each node. */
  readonly nodeArguments?: readonly string[] | undefined
  /** The addresses of store and bus by which this node calls them, and where it stands; the place's own unless given. */
  linked?(node: number, place: Place): Promise<NodeLinks>
  /** The address at which clients call; the fleet's own unless given. */
  front?(url: string): Promise<string>
  readonly random: Random
  say(progress: string): void
}

export async function openFleet(wish: FleetWish): Promise<Fleet> {
  const { folder, random, data = folder } = wish
  const ending: (() => Promise<void>)[] = []
  const stop = async (): Promise<void> => {
    for (const end of ending.splice(0).toReversed()) await end()
  }
  try {
    const place = await openPlace({ store: wish.store, bus: wish.bus, folder: data, isPrivate: true })
    ending.push(place.close)
    const store = wish.store === 'sqlite' ? undefined : killable(await engineOf(wish.store), place)
    const bus =
      wish.bus !== 'redis' || wish.store === 'redis' ? undefined : killable(await engineOf('redis'), place)
    for (const server of [store, bus]) if (server !== undefined) ending.push(server.end)
    const nodes = await openNodes(wish, place, ending)
    const [first] = nodes
    if (first === undefined) throw new Error('a fleet has at least one node')
    let { url } = first
    if (wish.isProxied) {
      const proxy = await startNginx(
        join(folder, 'nginx'),
        await freePort(random),
        nodes.map((node) => new URL(node.url).host),
      )
      ending.push(proxy.stop)
      ;({ url } = proxy)
    }
    return { url: (await wish.front?.(url)) ?? url, nodes, place, store, bus, stop }
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

async function openNodes(
  wish: FleetWish,
  place: Place,
  ending: (() => Promise<void>)[],
): Promise<FleetNode[]> {
  const { folder, random, data = folder } = wish
  const settings = [sendsLimit, ...(wish.settings ?? [])]
  wish.say(`configured for this run: ${settings.map(wordsOf).join(', ')}`)
  const secret = randomBytes(32).toString('hex')
  const nodes: FleetNode[] = []
  for (let number = 0; number < wish.nodes; number++) {
    const links = await wish.linked?.(number, place)
    const configFile = join(folder, `node-${number}.yaml`)
    const metricsPort = await freePort(random)
    const metrics = { name: 'metrics.port', value: metricsPort, shipped: 0 }
    const config = configOf({ ...place, ...links }, [...settings, metrics], secret)
    await writeFile(configFile, config, { mode: 0o600 })
    const node = nodeOf({
      data: join(data, `data-${number}`),
      configFile,
      port: await freePort(random),
      host: links?.host ?? '127.0.0.1',
      wrap: [...(links?.wrap ?? []), ...(wish.wrap ?? [])],
      nodeArguments: wish.nodeArguments ?? [],
      metricsUrl: `http://127.0.0.1:${metricsPort}/metrics`,
    })
    ending.push(node.stop)
    await node.start()
    nodes.push(node)
  }
  return nodes
}

function nodeOf(options: Required<ServerOptions> & Pick<FleetNode, 'metricsUrl'>): FleetNode {
  let server: ServerProcess | undefined
  const { data, configFile, port, host, metricsUrl } = options
  return {
    ...{ data, configFile, port, metricsUrl },
    url: `http://${host}:${port}`,
    get pid() {
      return server?.pid ?? 0
    },
    get isRunning() {
      try {
        return server !== undefined && process.kill(server.pid, 0)
      } catch {
        return false
      }
    },
    start: async () => {
      server = await startServer(options)
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
