import { tmpdir } from 'node:os'
import { parseArgs } from 'node:util'
import { type BusName, busNames, type StoreName, storeNames } from './engines/engine.ts'
import type { Codec } from './wire/send-template.ts'

/** Names, and their ids in the list of scenarios of the design. */
export const scenarioIds = {
  'send-closed': 'P1',
  'send-open': 'P2',
  fanout: 'P3',
  'fanout-open': 'P3',
  'fanout-many': 'P4',
  'fanout-10k': 'P5',
  idle: 'P6',
  'reconnect-storm': 'P7',
  history: 'P8',
  'long-list': 'P9',
  mix: 'P10',
  'slow-consumer': 'P11',
  login: 'P12',
  soak: 'P13',
  restart: 'P14',
  disk: 'P15',
  'two-node': 'P16',
  'large-group': '–',
  overload: 'R5',
} as const
export type ScenarioName = keyof typeof scenarioIds
export const scenarioNames: readonly ScenarioName[] = Object.keys(scenarioIds) as ScenarioName[]

export interface Options {
  readonly scenarios: readonly ScenarioName[]
  /** The smoke of a machine that others use too: P1 to P4 in a minute or so. */
  readonly quick: boolean
  readonly json: boolean
  /** Each line of the report is appended to this file as JSON. */
  readonly out?: string | undefined
  /** Whether the bare WebSocket library is measured beside the server. */
  readonly ceilings: boolean
  /** Whether a figure below two fifths of its goal fails the run. */
  readonly floors: boolean
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
  /** What `inFlight` and `rate` are in turn, a run each. */
  readonly inFlights?: readonly number[] | undefined
  readonly rates?: readonly number[] | undefined
  readonly minutes?: number | undefined
  readonly groups?: number | undefined
  readonly generators?: number | undefined
  readonly members?: number | undefined
  readonly conversations?: number | undefined
  readonly accounts?: number | undefined
  readonly messages?: number | undefined
}

export const usage = `usage: npm run bench -- SCENARIO [options]

  send-closed      P1   pairs of clients, a fixed number of messages in flight each: capacity
  send-open        P2   pairs of clients, a fixed rate: latency from the intended time
  fanout           P3   one group, one sender, a fixed number in flight: deliveries a second
  fanout-open      P3   the same at a fixed rate: time to the last member
  fanout-many      P4   100 groups that share 1,000 clients, a fixed rate
  fanout-10k       P5   one group with 10,000 online: time to the last member
  idle             P6   memory of a silent, signed-in session
  reconnect-storm  P7   15,000 sessions cut at once: until all are back and lack nothing
  history          P8   pages of 20 and 100 at random places among 1,000,000 messages
  long-list        P9   the list of somebody with 1,000 conversations
  mix              P10  people who read more than they write: how many it holds
  slow-consumer    P11  fan-out with members who do not read for a while
  login            P12  registrations and logins beside a steady load
  soak             P13  a steady load for long: memory, descriptors, drift
  restart          P14  killed with 1,000,000 messages stored: until ready, until the first ack
  disk             P15  bytes on disk per stored message
  two-node         P16  send-closed and fanout over two nodes, against one node in the same run
  large-group           a group of 100,000: join, send, page members, who has read
  overload         R5   three times what it holds: refusals, what was accepted, normal again
  quick                 P1 to P4, short and without the bare library
  all                   every scenario

  --store NAME    sqlite, mysql, mongodb, redis: at MYSQL_URL, MONGODB_URL, REDIS_URL, else started    (sqlite)
  --nodes N       server processes on that store; clients are spread over them            (1)
  --bus NAME      redis or nats, what they hear each other by   (redis with several nodes)
  --baseline      send-closed on mysql: one transaction per message on the same server too

  --seconds N     length of a run, the first quarter is not measured   (10, overload 60)
  --minutes N     soak                                                  (30)
  --clients N     connections   (send-closed 200, send-open 1000, idle 2000, reconnect-storm 15000)
  --sessions N    the same
  --in-flight N,… messages on the way per client, or for the group's sender         (1,4,16)
  --rate N,…      messages a second, all clients together   (send-open 1000,5000,10000;
                  fanout-open 100, fanout-many 500,1000, fanout-10k 1, slow-consumer 100;
                  overload: what it is taken to hold, instead of finding out)
  --members N     members of a group   (fanout 1000, fanout-many 100, fanout-10k 10000, large-group 100000)
  --groups N      fanout-many: groups                                                (100)
  --generators N  processes that listen, beside the one that sends, in scenarios with groups   (1)
  --conversations N  long-list, history, restart, disk: conversations               (1000)
  --messages N    history, restart, disk: how many are stored      (1000000, disk 200000)
  --accounts N    idle: different users among the sessions      (one per session, to 2000)
  --codec NAME    nexo.v1 (text, nested JSON) or nexo (binary, base64)           (nexo.v1)
  --data DIR      folder for temporary data, on the disk to be measured
  --no-ceilings   without the same load on the bare WebSocket library
  --floors        a figure below two fifths of its goal fails the run, when it was so twice and others let it
  --json          one JSON object per line of the report on stdout
  --out FILE      appends them to this file`

const text = { type: 'string' } as const
const flag = { type: 'boolean', default: false } as const

/** Throws with a plain sentence when the arguments make no sense. */
export function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: flag,
      out: text,
      'no-ceilings': flag,
      floors: flag,
      baseline: flag,
      codec: { type: 'string', default: 'nexo.v1' },
      data: { type: 'string', default: tmpdir() },
      store: { type: 'string', default: 'sqlite' },
      nodes: text,
      bus: text,
      seconds: text,
      minutes: text,
      clients: text,
      sessions: text,
      'in-flight': text,
      rate: text,
      members: text,
      groups: text,
      generators: text,
      conversations: text,
      accounts: text,
      messages: text,
    },
  })
  const codec = values.codec
  if (codec !== 'nexo.v1' && codec !== 'nexo') throw new Error(`--codec: nexo.v1 or nexo, not ${codec}`)
  const place = placeOf(values)
  const quick = positionals.includes('quick')
  return {
    scenarios: quick ? [] : scenariosOf(positionals, place),
    quick,
    json: values.json,
    out: values.out,
    ceilings: !values['no-ceilings'] && !quick,
    floors: values.floors,
    codec,
    data: values.data,
    baseline: values.baseline,
    ...place,
    ...countsOf(values),
  }
}

type Counts = Partial<
  Record<
    | 'seconds'
    | 'minutes'
    | 'clients'
    | 'sessions'
    | 'in-flight'
    | 'rate'
    | 'members'
    | 'groups'
    | 'generators'
    | 'conversations'
    | 'accounts'
    | 'messages',
    string | undefined
  >
>

function countsOf(values: Counts): Partial<Options> {
  const count = (name: keyof Counts): number | undefined => positive(name, values[name])
  const counts = (name: keyof Counts): number[] | undefined =>
    values[name]?.split(',').map((one) => positive(name, one) ?? 0)
  const inFlights = counts('in-flight')
  const rates = counts('rate')
  return {
    seconds: count('seconds'),
    minutes: count('minutes'),
    clients: count('sessions') ?? count('clients'),
    inFlights,
    inFlight: inFlights?.[0],
    rates,
    rate: rates?.[0],
    members: count('members'),
    groups: count('groups'),
    generators: count('generators'),
    conversations: count('conversations'),
    accounts: count('accounts'),
    messages: count('messages'),
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

/** Filled row by row past the server, or measured as files: that takes a store with SQL. */
const sqlOnly: readonly ScenarioName[] = ['large-group', 'long-list', 'disk']

/** Why this scenario cannot run there, or undefined. */
function hindranceOf(
  name: ScenarioName,
  { store, nodes }: Pick<Options, 'store' | 'nodes'>,
): string | undefined {
  if (sqlOnly.includes(name) && store !== 'sqlite' && store !== 'mysql')
    return 'only with --store sqlite or mysql'
  if (name === 'two-node' && store === 'sqlite') return 'SQLite is for one node, choose another --store'
  if (name === 'two-node' && nodes > 1) return 'it has two nodes, and one for comparison, without --nodes'
  return undefined
}

function scenariosOf(
  names: readonly string[],
  place: Pick<Options, 'store' | 'nodes'>,
): readonly ScenarioName[] {
  if (names.length === 0) throw new Error('no scenario given')
  if (names.includes('all')) return scenarioNames.filter((name) => hindranceOf(name, place) === undefined)
  return names.map((name) => {
    const known = scenarioNames.find((scenario) => scenario === name)
    if (known === undefined) throw new Error(`no scenario is called ${name}`)
    const hindrance = hindranceOf(known, place)
    if (hindrance !== undefined) throw new Error(`${known}: ${hindrance}`)
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
