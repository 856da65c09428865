import { parseArgs } from 'node:util'
import { type StoreName, storeNames } from '../engines/engine.ts'

export const roundNames = ['frames', 'calls', 'http', 'conformance', 'text'] as const
export type RoundName = (typeof roundNames)[number]

export interface FuzzOptions {
  readonly rounds: readonly RoundName[]
  readonly store: StoreName
  /** Undefined = what each round does by itself. */
  readonly count: number | undefined
  readonly seed: number
  /** Of each round; undefined = as long as it takes. */
  readonly seconds: number | undefined
  readonly out: string | undefined
  /** As often as before a release. */
  readonly isFull: boolean
}

export const usage: string = `usage: npm run fuzz -- ROUND [options]

  frames        mutated WebSocket frames on raw sockets (R24)
  calls         mutated requests on both kinds of sockets, made from the printed contract (R25)
  http          mutated HTTP requests, made from the printed contract, and bytes that are none (R26)
  parsers       guided by coverage: what reads bytes from outside (R27)
  properties    the property tests of codecs and state machines (R28)
  conformance   cases of RFC 6455 (R29)
  text          hostile text through every door and back (R30)
  ci, full      all of them: some cases, or as many as before a release

  --count N     cases
  --seed N      the same seed makes the same cases        (random)
  --seconds T   at most, for each
  --store NAME  sqlite, mysql, mongodb, redis; a server of its own unless its URL is set   (sqlite)
  --out FILE    adds a line of JSON for each`

/** Throws with a plain sentence when the arguments make no sense. */
export function readFuzzOptions(args: readonly string[]): FuzzOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      count: { type: 'string' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 1e9)) },
      seconds: { type: 'string' },
      store: { type: 'string', default: 'sqlite' },
      out: { type: 'string' },
    },
  })
  const name = positionals.join()
  const isAll = name === 'ci' || name === 'full'
  const round = roundNames.find((known) => known === name)
  if (round === undefined && !isAll) throw new Error(`the rounds are: ${roundNames.join(', ')}, ci, full`)
  const store = storeNames.find((known) => known === values.store)
  if (store === undefined) throw new Error(`--store: ${storeNames.join(', ')}`)
  return {
    rounds: round === undefined ? roundNames : [round],
    store,
    count: positive('count', values.count),
    seed: whole('seed', values.seed),
    seconds: positive('seconds', values.seconds),
    out: values.out,
    isFull: name === 'full',
  }
}

function positive(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const value = whole(name, text)
  if (value < 1) throw new Error(`--${name}: at least 1`)
  return value
}

function whole(name: string, text: string): number {
  if (!/^\d{1,12}$/.test(text)) throw new Error(`--${name}: a whole number`)
  return Number(text)
}
