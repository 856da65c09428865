import type { StoreName } from '../engines/engine.ts'
import { fuzzCalls } from './calls.ts'
import { checkConformance } from './conformance.ts'
import { fuzzFrames } from './frames.ts'
import { fuzzHttp } from './http.ts'
import { type FuzzOptions, type RoundName, readFuzzOptions, usage } from './options.ts'
import { type FuzzRecord, keep, rowOf, tableOf } from './record.ts'
import type { Round } from './round.ts'
import { checkText } from './text.ts'

interface Played {
  play(round: Round): Promise<FuzzRecord>
  /** Cases as a rule, and before a release. */
  readonly ci: number
  readonly full: number
}

const rounds: Readonly<Record<RoundName, Played>> = {
  frames: { play: fuzzFrames, ci: 200_000, full: 5_000_000 },
  calls: { play: fuzzCalls, ci: 200_000, full: 5_000_000 },
  http: { play: fuzzHttp, ci: 50_000, full: 1_000_000 },
  conformance: { play: checkConformance, ci: 1, full: 1 },
  text: { play: checkText, ci: 1, full: 1 },
}

/** Stores that text goes through: the chosen one, and those whose servers the environment names. */
function storesOf(name: RoundName, { store }: FuzzOptions): readonly StoreName[] {
  if (name !== 'text' || store !== 'sqlite') return [store]
  const named = { mysql: 'MYSQL_URL', redis: 'REDIS_URL', mongodb: 'MONGODB_URL' } as const
  const others = (Object.keys(named) as (keyof typeof named)[]).filter((each) => process.env[named[each]])
  return [store, ...others]
}

async function perform(name: RoundName, store: StoreName, options: FuzzOptions): Promise<FuzzRecord> {
  const { play, ci, full } = rounds[name]
  const { seed, seconds, isFull } = options
  const end = seconds === undefined ? Number.POSITIVE_INFINITY : performance.now() + seconds * 1000
  const say = (text: string): void => void process.stderr.write(`  ${text}\n`)
  const count = options.count ?? (isFull ? full : ci)
  say(`${name} on ${store}, seed ${seed}`)
  return play({ store, count, seed, say, isLate: () => performance.now() > end })
}

async function main(args: readonly string[]): Promise<number> {
  let options: FuzzOptions
  try {
    options = readFuzzOptions(args)
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}\n`)
    return 2
  }
  let isWell = true
  for (const name of options.rounds) {
    for (const store of storesOf(name, options)) {
      const record = await perform(name, store, options)
      keep(record, options.out)
      const table = record.table === undefined ? [] : [tableOf(record.table)]
      process.stdout.write(`${[...table, ...record.failures, rowOf(record)].join('\n')}\n`)
      isWell &&= record.verdict === 'pass'
    }
  }
  return isWell ? 0 : 1
}

// Servers are ended in `exit` handlers.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))

process.exitCode = await main(process.argv.slice(2))
