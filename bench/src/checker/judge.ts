import { ackedIsKept, refusedIsAbsent, storedOnce } from './acks.ts'
import { nothingInvented, sightingsAgree } from './agreement.ts'
import { streamIsGapless } from './changes.ts'
import { countersAgree } from './counters.ts'
import { countsAgree } from './counts.ts'
import type { Event } from './history.ts'
import { nothingLeaks } from './leaks.ts'
import { pushesRise, seqsAreGapless, seqsFollowRealTime, timesNeverFall } from './order.ts'
import { readingNeverFalls } from './reads.ts'
import { revokedIsSilent } from './revocation.ts'
import type { Rule } from './rule.ts'
import { visibleIsMembership } from './visibility.ts'
import { buildWorld, fateOf } from './world.ts'

export interface Ruling {
  readonly id: string
  readonly says: string
  /** How many cases were looked at. */
  readonly cases: number
  readonly violations: number
  /** The first few, in words. */
  readonly examples: readonly string[]
}

export interface Judgement {
  readonly pass: boolean
  readonly rulings: readonly Ruling[]
  readonly figures: {
    readonly sent: number
    readonly attempts: number
    readonly acked: number
    readonly refused: number
    readonly unknown: number
    readonly lost: number
    readonly duplicates: number
    readonly gaps: number
  }
}

const rules: readonly Rule[] = [
  ackedIsKept,
  nothingInvented,
  storedOnce,
  seqsAreGapless,
  seqsFollowRealTime,
  sightingsAgree,
  pushesRise,
  refusedIsAbsent,
  visibleIsMembership,
  readingNeverFalls,
  streamIsGapless,
  revokedIsSilent,
  timesNeverFall,
  countsAgree,
  countersAgree,
  nothingLeaks,
]

const examplesKept = 5

/** Judges the histories of one run by all rules. */
export function judge(events: readonly Event[]): Judgement {
  const world = buildWorld(events)
  const weights = new Map<string, number>()
  const rulings = rules.map((rule) => {
    const examples: string[] = []
    let violations = 0
    let weight = 0
    const cases = rule.check(world, (text, concerned = 1) => {
      violations += 1
      weight += concerned
      if (examples.length < examplesKept) examples.push(text)
    })
    weights.set(rule.id, weight)
    return { id: rule.id, says: rule.says, cases, violations, examples }
  })
  const fates = { acked: 0, refused: 0, unknown: 0 }
  let attempts = 0
  for (const message of world.messages.values()) {
    fates[fateOf(message)] += 1
    attempts += message.attempts.size
  }
  return {
    pass: rulings.every((ruling) => ruling.violations === 0),
    rulings,
    figures: {
      sent: world.messages.size,
      attempts,
      ...fates,
      lost: weights.get('I1') ?? 0,
      duplicates: weights.get('I3') ?? 0,
      gaps: weights.get('I4') ?? 0,
    },
  }
}
