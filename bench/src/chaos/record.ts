import { appendFileSync } from 'node:fs'
import type { Judgement } from '../checker/judge.ts'
import { describeEnvironment } from '../environment.ts'
import { isKept, lineOf, type Measure } from './measure.ts'
import type { ChaosOptions } from './options.ts'
import { faults, play } from './play.ts'

/** What became of one fault, as it is kept. */
export interface ChaosRecord {
  /** Its row in the notes on reliability: R6… */
  readonly id: string
  readonly options: Pick<ChaosOptions, 'fault' | 'store' | 'bus' | 'clients' | 'seed'>
  readonly times: number
  readonly verdict: 'pass' | 'fail' | 'not run'
  /** Why it failed before it was judged, or was not run. */
  readonly reason?: string
  /** What stood behind it: store, version, letter. */
  readonly place?: string
  readonly judgement?: Judgement
  readonly measures?: readonly Measure[]
  readonly seconds: number
  readonly environment: ReturnType<typeof describeEnvironment>
}

/** Plays a fault, or says why it cannot be; never rejects. Adds it to `--out`. */
export async function perform(options: ChaosOptions, say: (progress: string) => void): Promise<ChaosRecord> {
  const { fault, store, bus, clients, seed } = options
  const { id, times } = faults[fault]
  const head = { id, options: { fault, store, bus, clients, seed }, times: options.times ?? times.ci }
  const environment = describeEnvironment()
  const began = performance.now()
  const end = (rest: Pick<ChaosRecord, 'verdict'> & Partial<ChaosRecord>): ChaosRecord => {
    const seconds = Math.round((performance.now() - began) / 100) / 10
    const record = { ...head, ...rest, seconds, environment }
    if (options.out !== undefined) appendFileSync(options.out, `${JSON.stringify(record)}\n`)
    return record
  }
  const reason = await faults[fault].whyNot?.(options)
  if (reason !== undefined) return end({ verdict: 'not run', reason })
  try {
    const { pass, judgement, measures, place } = await play(options, say)
    return end({ verdict: pass ? 'pass' : 'fail', judgement, measures, place })
  } catch (error) {
    // A server that does not come back, or clients that cannot finish, are verdicts too.
    return end({ verdict: 'fail', reason: error instanceof Error ? error.message : String(error) })
  }
}

/** One line of the scoreboard. */
export function rowOf({
  id,
  options,
  times,
  verdict,
  reason,
  judgement,
  measures,
  seconds,
}: ChaosRecord): string {
  const { fault, store } = options
  const { sent = 0, acked = 0, lost = 0, duplicates = 0, gaps = 0 } = judgement?.figures ?? {}
  const broken = [
    ...(judgement?.rulings ?? []).filter(({ violations }) => violations > 0).map((ruling) => ruling.id),
    ...(measures ?? []).filter((measure) => !isKept(measure)).map(({ name }) => name),
  ]
  const why = [...(reason === undefined ? [] : [reason.split('\n')[0]]), ...broken].join('; ')
  const counts =
    judgement === undefined
      ? ''
      : ` · sent ${sent} · acked ${acked} · lost ${lost} · duplicates ${duplicates} · gaps ${gaps}`
  return `${id.padEnd(4)} ${verdict.toUpperCase().padEnd(7)} ${fault.padEnd(11)} ${store.padEnd(7)} ×${times}${counts} · ${seconds} s${why === '' ? '' : ` · ${why}`}`
}

/** Measures as lines for people. */
export function measureLines({ measures = [] }: ChaosRecord): string[] {
  return measures.map(lineOf)
}
