import { tmpdir } from 'node:os'
import { parseArgs } from 'node:util'
import type { Codec } from './wire/send-template.ts'

export const scenarioNames = [
  'send-closed',
  'send-open',
  'fanout',
  'idle',
  'large-group',
  'long-list',
] as const
export type ScenarioName = (typeof scenarioNames)[number]

export interface Options {
  readonly scenarios: readonly ScenarioName[]
  readonly json: boolean
  readonly codec: Codec
  /** Folder that temporary data folders are made in. */
  readonly data: string
  /** The rest is undefined where the scenario's own default is meant. */
  readonly seconds?: number | undefined
  readonly clients?: number | undefined
  readonly inFlight?: number | undefined
  readonly rate?: number | undefined
  readonly members?: number | undefined
  readonly conversations?: number | undefined
  readonly accounts?: number | undefined
}

export const usage = `usage: npm run bench -- SCENARIO [options]

  send-closed   pairs of clients, a fixed number of messages in flight each: capacity
  send-open     pairs of clients, a fixed rate: latency from the intended time
  fanout        one group, one sender: deliveries a second, time to the last member
  idle          memory of a silent, signed-in session
  large-group   a group of 100,000: join, send, page members, who has read
  long-list     the list of somebody with 1,000 conversations
  all           these six

  --seconds N     length of a run, the first quarter is not measured   (10)
  --clients N     connections                 (send-closed 200, send-open 1000, idle 2000)
  --in-flight N   messages on the way per client, or for the group's sender            (4)
  --rate N        send-open: messages a second, all clients together                (5000)
  --members N     members of the group        (fanout 1000, large-group 100000)
  --conversations N  long-list: conversations of the asker                          (1000)
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
    },
  })
  const codec = values.codec
  if (codec !== 'nexo.v1' && codec !== 'nexo') throw new Error(`--codec: nexo.v1 or nexo, not ${codec}`)
  return {
    scenarios: scenariosOf(positionals),
    json: values.json,
    codec,
    data: values.data,
    seconds: positive('seconds', values.seconds),
    clients: positive('clients', values.clients),
    inFlight: positive('in-flight', values['in-flight']),
    rate: positive('rate', values.rate),
    members: positive('members', values.members),
    conversations: positive('conversations', values.conversations),
    accounts: positive('accounts', values.accounts),
  }
}

function scenariosOf(names: readonly string[]): readonly ScenarioName[] {
  if (names.length === 0) throw new Error('no scenario given')
  if (names.includes('all')) return scenarioNames
  return names.map((name) => {
    const known = scenarioNames.find((scenario) => scenario === name)
    if (known === undefined) throw new Error(`no scenario is called ${name}`)
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
