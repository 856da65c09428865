import { generate } from '../child.ts'
import { atMost, type Figure } from '../figures.ts'
import type { PhaseFigures } from '../load/phases.ts'
import type { ClosedPlan, OpenPlan } from '../load/plan.ts'
import { faults, latencyColumns, type Row, rounded } from '../report.ts'
import { partOf } from './login.ts'
import { basics, openPairs, type Pairs, text } from './pairs.ts'
import { type ReadBack, readBack } from './read-back.ts'
import { rowOf } from './row.ts'
import { withPeak } from './slow-consumer.ts'
import type { Stage } from './stage.ts'

const clientsByDefault = 1000
const secondsByDefault = 60
/** Offered, of what it holds. */
const times = 3
/** Before and after. */
const moderateShare = 1 / 3
const warmUpSeconds = 3
const calmSeconds = 10
const afterSeconds = 10
/** Clients of the closed loop that finds out what it holds, and its length. */
const closedClients = 200
const closedSeconds = 6
/** Later than this, and what is late is the generator and not the server. */
const lagLimitMs = 250
/** Of `times`: below it this was no such overload. */
const offeredShare = 0.9
const p99LimitMs = 2000

/** "Too many requests": the one code that says "later"; that of a store which is away is that of a fault, too. */
const laterCodes: readonly string[] = ['1006']

/** R5: three times what it holds, between a moderate load before and after. */
export async function overload(stage: Stage): Promise<Row> {
  const { clients: count = clientsByDefault, seconds = secondsByDefault, rate } = stage.options
  const finding = rate === undefined ? closedClients : 0
  const everybody = await openPairs(stage, finding + count)
  const held = rate ?? (await heldBy(stage, partOf(everybody, 0, finding)))
  const { clients, conversations, userIds } = partOf(everybody, finding, finding + count)
  const moderate = Math.max(1, Math.round(held * moderateShare))
  const second = { seconds: 1, rate: moderate }
  const phases = [
    { seconds: warmUpSeconds, rate: moderate },
    ...Array.from({ length: calmSeconds }, () => second),
    { seconds, rate: held * times },
    ...Array.from({ length: afterSeconds }, () => second),
  ]
  const whole = phases.reduce((sum, phase) => sum + phase.seconds, 0)
  const plan: OpenPlan = {
    ...{ ...basics(stage), kind: 'open', clients, conversations, phases },
    ...{ seconds: whole, warmUp: warmUpSeconds / whole, rate: held * times },
  }
  stage.say(
    `${count} clients, ${held} messages a second are held: ${moderate}, then ${plan.rate} for ${seconds} s, then ${moderate}`,
  )
  const { value: result, peak } = await withPeak(stage, () => generate(plan))
  stage.say(`reading back ${result.acked} acked messages`)
  const back = await readBack(stage.api, conversations, result.sent, userIds, text)
  const all = result.phases ?? []
  const seen: Seen = {
    calm: all.slice(1, 1 + calmSeconds),
    above: all[1 + calmSeconds] as PhaseFigures,
    after: all.slice(2 + calmSeconds),
  }
  const offered = seen.above.written / seconds / held
  return rowOf(stage, 'overload', plan, result, back, {
    units: result.window.acks,
    seconds,
    acksPerSecond: rounded(seen.above.acked / seconds),
    deliveriesPerSecond: null,
    latencyOf: 'ack of accepted',
    ...latencyColumns(seen.above.ack),
    ackP50Ms: seen.above.ack.p50Ms,
    ackP99Ms: seen.above.ack.p99Ms,
    rssBytes: Number.isNaN(peak) ? null : peak,
    wrong: wrongIn(seen, result.acked + result.unanswered, back),
    emptiness: emptinessOf(seen, offered, result.lag.p99Ms),
    figures: figuresOf(seen, peak),
    notes: notesOf(seen, { held, moderate, offered, lagP99Ms: result.lag.p99Ms }),
  })
}

/** Durable acks a second of a closed loop. */
async function heldBy(stage: Stage, { clients, conversations, userIds }: Pairs): Promise<number> {
  const plan: ClosedPlan = {
    ...{ ...basics(stage), seconds: closedSeconds, clients, conversations },
    ...{ kind: 'closed', inFlight: 4 },
  }
  stage.say(`what it holds: ${clients.length} clients with 4 in flight each, ${closedSeconds} s`)
  const result = await generate(plan)
  const back = await readBack(stage.api, conversations, result.sent, userIds, text)
  const [fault] = faults(result, back)
  if (fault !== undefined) throw new Error(`while it was found out what it holds: ${fault}`)
  return Math.round(result.window.acks / result.window.seconds)
}

/** Seconds before and after, and what lies between them. */
export interface Seen {
  readonly calm: readonly PhaseFigures[]
  readonly above: PhaseFigures
  readonly after: readonly PhaseFigures[]
}

const refusedIn = ({ refused }: PhaseFigures): number =>
  Object.values(refused).reduce((sum, count) => sum + count, 0)

/** @param may how many messages may be stored: those that nobody was told to be refused */
export function wrongIn({ above, after }: Seen, may: number, { stored }: ReadBack): string[] {
  const codes = [above, ...after].flatMap(({ refused }) => Object.entries(refused))
  const unclear = codes.filter(([code]) => !laterCodes.includes(code))
  return [
    ...unclear.map(
      ([code, count]) => `${count} sends were refused with code ${code}, which does not say "later"`,
    ),
    ...(stored > may
      ? [`${stored - may} messages are stored whose senders were told that they are not`]
      : []),
  ]
}

export function emptinessOf({ calm, above }: Seen, offered: number, lagP99Ms: number): string[] {
  const found: string[] = []
  const early = calm.reduce((sum, phase) => sum + refusedIn(phase), 0)
  if (early > 0)
    found.push(`${early} sends were refused before there was too much: it holds less than was found`)
  if (offered < times * offeredShare)
    found.push(`the generator came to ${offered.toFixed(2)} times what is held, not ${times}`)
  if (lagP99Ms > lagLimitMs)
    found.push(`the generator was ${lagP99Ms} ms late at p99 (limit ${lagLimitMs} ms)`)
  if (refusedIn(above) === 0 && above.ack.p99Ms <= p99LimitMs)
    found.push('everything was accepted: it was no overload')
  return found
}

/** Twice the slowest second before: a p99 of a second is compared with those of seconds. */
function normalMs(calm: readonly PhaseFigures[]): number {
  return 2 * Math.max(...calm.map(({ ack }) => ack.p99Ms))
}

/** Seconds after the end until two in a row are as they were before: nobody refused, and no p99 above `normalMs`. */
export function recoveredAfter({ calm, after }: Pick<Seen, 'calm' | 'after'>): number {
  const limit = normalMs(calm)
  const isNormal = (phase: PhaseFigures | undefined): boolean =>
    phase === undefined || (refusedIn(phase) === 0 && phase.ack.p99Ms <= limit)
  const at = after.findIndex((phase, i) => isNormal(phase) && isNormal(after[i + 1]))
  return at < 0 ? after.length : at
}

function figuresOf(seen: Seen, peak: number): Figure[] {
  return [
    atMost('p99 of accepted', seen.above.ack.p99Ms, ' ms', p99LimitMs),
    atMost('normal again after', recoveredAfter(seen), ' s', 5),
    atMost('RSS at its highest', rounded(peak / 2 ** 20), ' MiB'),
  ]
}

interface Offer {
  readonly held: number
  readonly moderate: number
  readonly offered: number
  readonly lagP99Ms: number
}

function notesOf({ calm, above, after }: Seen, { held, moderate, offered, lagP99Ms }: Offer): string[] {
  const codes = Object.entries(above.refused).map(([code, count]) => `${count} with code ${code}`)
  const p99s = (phases: readonly PhaseFigures[]): string => phases.map(({ ack }) => ack.p99Ms).join(', ')
  return [
    `it holds ${held}/s; offered ${offered.toFixed(2)} times as much: ${above.written} sent, ${above.acked} acked, refused ${codes.join(', ') || 'none'}`,
    `delivery of accepted p50 ${above.delivery.p50Ms} p99 ${above.delivery.p99Ms} ms; the generator was ${lagP99Ms} ms late at p99, which the latencies hold`,
    `p99 of the seconds at ${moderate}/s before: ${p99s(calm)} ms; after: ${p99s(after)} ms; normal is up to ${rounded(normalMs(calm), 1)} ms and nobody refused, two seconds in a row`,
  ]
}
