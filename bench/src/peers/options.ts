import { tmpdir } from 'node:os'
import { parseArgs } from 'node:util'

export const peerNames = ['ejabberd', 'prosody', 'socketio', 'nats', 'ceilings'] as const
export type PeerName = (typeof peerNames)[number]

const scenarioIds = ['P1', 'P2', 'P3'] as const

export interface CompareOptions {
  readonly peers: readonly PeerName[]
  /** Undefined = all. */
  readonly scenarios: readonly (typeof scenarioIds)[number][] | undefined
  readonly rounds: number
  readonly seconds: number
  /** Undefined = each scenario's own number. */
  readonly clients: number | undefined
  readonly data: string
  readonly out: string | undefined
}

export const usage = `usage: npm run bench -- compare [options]

  Other servers beside ours: the same machine, load, database server and checks, in rounds (ours, theirs, ours, …).

  --peers LIST      ejabberd, prosody, socketio, nats, ceilings                       (all)
  --scenarios LIST  P1 (send-closed), P2 (send-open), P3 (fanout)                     (all)
  --rounds N        how often each pair meets                                           (3)
  --seconds N       length of a run, the first quarter is not measured                 (10)
  --clients N       connections; an even number        (P1 200, P2 and P3 1000)
  --data DIR        folder for temporary data, on the disk to be measured
  --out FILE        one JSON object per pair, appended

  Debian's packages of the peers are installed when they are missing; MariaDB is at MYSQL_URL, else started.`

/** Throws with a plain sentence when the arguments make no sense. */
export function readCompareOptions(args: readonly string[]): CompareOptions {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    args: [...args],
    options: {
      peers: { type: 'string', default: peerNames.join() },
      scenarios: text,
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '10' },
      clients: text,
      data: { type: 'string', default: tmpdir() },
      out: text,
    },
  })
  const clients = values.clients === undefined ? undefined : whole('clients', values.clients)
  if (clients !== undefined && clients % 2 !== 0) throw new Error('--clients: pairs need an even number')
  return {
    peers: listOf('peers', peerNames, values.peers),
    scenarios:
      values.scenarios === undefined ? undefined : listOf('scenarios', scenarioIds, values.scenarios),
    rounds: whole('rounds', values.rounds),
    seconds: whole('seconds', values.seconds),
    clients,
    data: values.data,
    out: values.out,
  }
}

function listOf<T extends string>(name: string, known: readonly T[], value: string): T[] {
  return value.split(',').map((word) => {
    const found = known.find((one) => one.toLowerCase() === word.trim().toLowerCase())
    if (found === undefined) throw new Error(`--${name}: some of ${known.join(', ')}, not ${word}`)
    return found
  })
}

function whole(name: string, value: string): number {
  const number = Number(value)
  if (!Number.isInteger(number) || number < 1)
    throw new Error(`--${name}: a whole number from 1 on, not ${value}`)
  return number
}
