import { tmpdir } from 'node:os'
import { parseArgs } from 'node:util'
import { type BusName, busNames, type StoreName, storeNames } from './engines/engine.ts'
import type { Codec } from './wire/send-template.ts'

export const scenarioNames = [
  'send-closed',
  'send-open',
  'fanout',
  'idle',
  'large-group',
  'long-list',
  'history',
] as const
export type ScenarioName = (typeof scenarioNames)[number]

export interface Options {
  readonly scenarios: readonly ScenarioName[]
  readonly json: boolean
  readonly codec: Codec
  /** Folder that temporary data folders are made in. */
  readonly data: string
  readonly store: StoreName
  /** Server processes on that one store. */
  readonly nodes: number
  /** What they hear each other by. */
  readonly bus?: BusName | undefined
  /** Measures one transaction per message on the same server as well. */
  readonly baseline: boolean
  /** The rest is undefined where the scenario's own default is meant. */
  readonly seconds?: number | undefined
  readonly clients?: number | undefined
  readonly inFlight?: number | undefined
  readonly rate?: number | undefined
  readonly members?: number | undefined
  readonly conversations?: number | undefined
  readonly accounts?: number | undefined
  readonly messages?: number | undefined
}

export const usage = `usage: npm run bench -- SCENARIO [options]

  send-closed   pairs of clients, a fixed number of messages in flight each: capacity
  send-open     pairs of clients, a fixed rate: latency from the intended time
  fanout        one group, one sender: deliveries a second, time to the last member
  idle          memory of a silent, signed-in session
  large-group   a group of 100,000: join, send, page members, who has read
  long-list     the list of somebody with 1,000 conversations
  history       pages of 20 and 100 at random places among 1,000,000 messages
  all           these seven

  --store NAME    sqlite, mysql, mongodb, redis: at MYSQL_URL, MONGODB_URL, REDIS_URL, else started    (sqlite)
  --nodes N       server processes on that store; clients are spread over them            (1)
  --bus NAME      redis or nats, what they hear each other by   (redis with several nodes)
  --baseline      send-closed on mysql: one transaction per message on the same server too

  --seconds N     length of a run, the first quarter is not measured   (10)
  --clients N     connections                 (send-closed 200, send-open 1000, idle 2000)
  --in-flight N   messages on the way per client, or for the group's sender            (4)
  --rate N        send-open: messages a second, all clients together                (5000)
  --members N     members of the group        (fanout 1000, large-group 100000)
  --conversations N  long-list, history: conversations                              (1000)
  --messages N    history: how many are stored                                   (1000000)
  --accounts N    idle: different users among the sessions      (one per session, to 2000)
  --codec NAME    nexo.v1 (text, nested JSON) or nexo (binary, base64)           (nexo.v1)
  --data DIR      folder for temporary data, on the disk to be measured
  --json          one JSON object per scenario on stdout`

/** Throws with a plain sentence when the arguments make no sense. */
export function readOptions(args: readonly string[]): Options {
  const text = { type: 'string' } as const
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      codec: { type: 'string', default: 'nexo.v1' },
      data: { type: 'string', default: tmpdir() },
      seconds: text,
      clients: text,
      'in-flight': text,
      rate: text,
      members: text,
      conversations: text,
      accounts: text,
      messages: text,
      store: { type: 'string', default: 'sqlite' },
      nodes: text,
      bus: text,
      baseline: { type: 'boolean', default: false },
    },
  })
  const codec = values.codec
  if (codec !== 'nexo.v1' && codec !== 'nexo') throw new Error(`--codec: nexo.v1 or nexo, not ${codec}`)
  const place = placeOf(values)
  return {
    scenarios: scenariosOf(positionals, place.store),
    json: values.json,
    codec,
    data: values.data,
    baseline: values.baseline,
    ...place,
    seconds: positive('seconds', values.seconds),
    clients: positive('clients', values.clients),
    inFlight: positive('in-flight', values['in-flight']),
    rate: positive('rate', values.rate),
    members: positive('members', values.members),
    conversations: positive('conversations', values.conversations),
    accounts: positive('accounts', values.accounts),
    messages: positive('messages', values.messages),
  }
}

interface PlaceValues {
  readonly store: string
  readonly nodes?: string | undefined
  readonly bus?: string | undefined
  readonly baseline?: boolean
}

/** Several nodes need a store that they can share, and hear each other by Redis unless told otherwise. */
function placeOf(values: PlaceValues): Pick<Options, 'store' | 'nodes' | 'bus'> {
  const store = oneOf('store', storeNames, values.store)
  const nodes = positive('nodes', values.nodes) ?? 1
  if (nodes > 1 && store === 'sqlite')
    throw new Error('--nodes: SQLite is for one node, choose another --store')
  if (values.baseline === true && store !== 'mysql') throw new Error('--baseline: only with --store mysql')
  if (values.bus !== undefined) return { store, nodes, bus: oneOf('bus', busNames, values.bus) }
  return { store, nodes, bus: nodes > 1 ? 'redis' : undefined }
}

function oneOf<T extends string>(name: string, known: readonly T[], value: string): T {
  const found = known.find((one) => one === value)
  if (found === undefined) throw new Error(`--${name}: ${known.join(', ')}, not ${value}`)
  return found
}

/** Filled row by row past the server, which takes a store with SQL. */
const seeded: readonly ScenarioName[] = ['large-group', 'long-list']

function scenariosOf(names: readonly string[], store: StoreName): readonly ScenarioName[] {
  if (names.length === 0) throw new Error('no scenario given')
  const cannot = store === 'mongodb' || store === 'redis' ? seeded : []
  if (names.includes('all')) return scenarioNames.filter((name) => !cannot.includes(name))
  return names.map((name) => {
    const known = scenarioNames.find((scenario) => scenario === name)
    if (known === undefined) throw new Error(`no scenario is called ${name}`)
    if (cannot.includes(known)) throw new Error(`${known}: only with --store sqlite or mysql`)
    return known
  })
}

function positive(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  const number = Number(value)
  if (!Number.isInteger(number) || number < 1)
    throw new Error(`--${name}: a whole number from 1 on, not ${value}`)
  return number
}
