import { tmpdir } from 'node:os'
import { parseArgs } from 'node:util'
import { type BusName, busNames, type StoreName, storeNames } from '../engines/engine.ts'

export const faultNames = [
  'kill',
  'power',
  'nodes',
  'database',
  'redis',
  'link',
  'lost-acks',
  'partition',
  'disk-full',
  'descriptors',
  'memory',
  'clock',
  'rolling',
  'damage',
  'backup',
] as const
export type FaultName = (typeof faultNames)[number]

interface Row {
  readonly says: string
  /** The first one unless another is named. */
  readonly stores: readonly StoreName[]
  /** Several nodes, which must hear each other. */
  readonly isShared: boolean
}

const shared: readonly StoreName[] = ['mysql', 'mongodb', 'redis']
const single: readonly StoreName[] = ['sqlite', ...shared]
const file: readonly StoreName[] = ['sqlite']

const rows: Readonly<Record<FaultName, Row>> = {
  kill: { says: 'SIGKILL to the only server at random times', stores: single, isShared: false },
  power: {
    says: 'the power is cut: what nobody synced is gone (root)',
    stores: ['sqlite', 'mysql'],
    isShared: false,
  },
  nodes: {
    says: '3 nodes behind nginx, one of them killed at random times',
    stores: shared,
    isShared: true,
  },
  database: {
    says: "the store's server killed and started again, 2 nodes",
    stores: shared,
    isShared: true,
  },
  redis: {
    says: 'the Redis beside the store killed, emptied and started again, 2 nodes',
    stores: ['mysql', 'mongodb'],
    isShared: true,
  },
  link: {
    says: 'the way to the database stalled, reset, slow, half open, its answers lost, 2 nodes',
    stores: ['mysql'],
    isShared: true,
  },
  'lost-acks': {
    says: "the clients' connections cut between send and ack",
    stores: single,
    isShared: false,
  },
  partition: {
    says: '2 nodes, one of them cut off from bus, database or both',
    stores: ['mysql', 'redis'],
    isShared: true,
  },
  'disk-full': { says: 'the disk full, and space again (root)', stores: file, isShared: false },
  descriptors: { says: 'no file descriptor left, and some again', stores: single, isShared: false },
  memory: {
    says: 'little memory, and clients who do not read what they are sent',
    stores: single,
    isShared: false,
  },
  clock: {
    says: 'the clock jumps an hour or a day, or stands still (libfaketime)',
    stores: single,
    isShared: false,
  },
  rolling: {
    says: '3 nodes behind nginx, each told to stop and started again, in turn',
    stores: shared,
    isShared: true,
  },
  damage: {
    says: 'one bit turned over or a tail gone in a file of the data folder',
    stores: file,
    isShared: false,
  },
  backup: { says: 'backups while everybody writes, each restored and read', stores: file, isShared: false },
}

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
  /** A line of JSON is added here. */
  readonly out?: string | undefined
}

export const usage: string = `usage: npm run chaos -- FAULT [options]

${faultNames.map((name) => `  ${name.padEnd(15)} ${rows[name].says}`).join('\n')}
  ci, full        every one of them in turn: some times, or as often as before a release

  --store NAME    sqlite, mysql, mongodb, redis; a server of its own is started
                  (sqlite, mysql where there are several nodes)
  --bus NAME      redis or nats, what nodes hear each other by                                    (redis)
  --times N       how often                                                     (what ci does of this one)
  --clients N     users, one connection each                     (50)
  --seed N        same seed, same times and same messages    (random)
  --data DIR      folder for temporary data
  --out FILE      adds a line of JSON with all that was found
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
      out: { type: 'string' },
      keep: { type: 'boolean', default: false },
    },
  })
  const fault = faultNames.find((name) => name === positionals.join())
  if (fault === undefined) throw new Error(`the faults are: ${faultNames.join(', ')}`)
  const { stores, isShared }: Row = rows[fault]
  const store = oneOf('store', storeNames, values.store ?? (stores[0] as StoreName))
  const bus = values.bus === undefined ? undefined : oneOf('bus', busNames, values.bus)
  if (isShared && store === 'sqlite')
    throw new Error(`${fault}: SQLite is for one node, choose another --store`)
  if (fault === 'redis' && store === 'redis') throw new Error('redis: it stands beside another --store')
  if (fault === 'redis' && bus === 'nats') throw new Error('redis: without --bus nats')
  if (!stores.includes(store)) throw new Error(`${fault}: --store ${stores.join(', ')}, not ${store}`)
  const [times, clients, seed] = [values.times ?? 1, values.clients, values.seed].map(Number)
  if (!isCount(times) || !isCount(clients) || !Number.isInteger(seed))
    throw new Error('--times, --clients, --seed: whole numbers')
  if (clients < 4 || clients % 2 !== 0) throw new Error('--clients: an even number from 4 on')
  const { data, out, keep } = values
  return {
    fault,
    store,
    bus: isShared ? (bus ?? 'redis') : bus,
    times: values.times === undefined ? undefined : times,
    clients,
    seed: seed as number,
    ...{ data, out, keep },
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
