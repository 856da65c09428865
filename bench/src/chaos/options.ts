import { tmpdir } from 'node:os'
import { parseArgs } from 'node:util'
import { type BusName, busNames, type StoreName, storeNames } from '../engines/engine.ts'

export const faultNames = ['kill', 'nodes', 'database', 'redis', 'rolling'] as const
export type FaultName = (typeof faultNames)[number]

export interface ChaosOptions {
  readonly fault: FaultName
  readonly store: StoreName
  readonly bus: BusName | undefined
  /** Undefined = what the fault takes by itself. */
  readonly times?: number | undefined
  readonly clients: number
  readonly seed: number
  /** Folder that temporary data is made in. */
  readonly data: string
  readonly keep: boolean
}

export const usage = `usage: npm run chaos -- FAULT [options]

  kill            SIGKILL to the only server at random times while clients send and repeat
  nodes           3 nodes behind nginx, one of them killed at random times
  database        the store's server killed and started again, 2 nodes
  redis           the Redis beside the store killed, emptied and started again, 2 nodes
  rolling         3 nodes behind nginx, each told to stop and started again, in turn

  --store NAME    sqlite, mysql, mongodb, redis; a server of its own is started  (kill sqlite, else mysql)
  --bus NAME      redis or nats, what nodes hear each other by                                    (redis)
  --times N       how often                                   (kill 20, nodes 10, rolling 1, else 5)
  --clients N     users, one connection each                     (50)
  --seed N        same seed, same times and same messages    (random)
  --data DIR      folder for temporary data
  --keep          keep data and histories also when all is well`

/** Throws with a plain sentence when the arguments make no sense. */
export function readChaosOptions(args: readonly string[]): ChaosOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      store: { type: 'string' },
      bus: { type: 'string' },
      times: { type: 'string' },
      clients: { type: 'string', default: '50' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 1e9)) },
      data: { type: 'string', default: tmpdir() },
      keep: { type: 'boolean', default: false },
    },
  })
  const fault = faultNames.find((name) => name === positionals.join())
  if (fault === undefined) throw new Error(`the faults are: ${faultNames.join(', ')}`)
  const store = oneOf('store', storeNames, values.store ?? (fault === 'kill' ? 'sqlite' : 'mysql'))
  const bus = values.bus === undefined ? undefined : oneOf('bus', busNames, values.bus)
  if (fault !== 'kill' && store === 'sqlite')
    throw new Error(`${fault}: SQLite is for one node, choose another --store`)
  if (fault === 'redis' && store === 'redis') throw new Error('redis: it stands beside another --store')
  if (fault === 'redis' && bus === 'nats') throw new Error('redis: without --bus nats')
  const [times, clients, seed] = [values.times ?? 1, values.clients, values.seed].map(Number)
  if (!isCount(times) || !isCount(clients) || !Number.isInteger(seed))
    throw new Error('--times, --clients, --seed: whole numbers')
  if (clients < 4 || clients % 2 !== 0) throw new Error('--clients: an even number from 4 on')
  return {
    fault,
    store,
    bus: fault === 'kill' ? bus : (bus ?? 'redis'),
    times: values.times === undefined ? undefined : times,
    clients,
    seed: seed as number,
    data: values.data,
    keep: values.keep,
  }
}

function oneOf<T extends string>(name: string, known: readonly T[], value: string): T {
  const found = known.find((one) => one === value)
  if (found === undefined) throw new Error(`--${name}: ${known.join(', ')}, not ${value}`)
  return found
}

function isCount(value: number | undefined): value is number {
  return Number.isInteger(value) && (value ?? 0) > 0
}
