import { loadavg } from 'node:os'
import type { Ground, Matchup } from './matchups.ts'
import { diskMoved, letterNote, ratioOf, type Spread, spreadOf } from './ratio.ts'
import type { Run } from './run.ts'

/** How a match is played. */
export interface Rules {
  readonly rounds: number
  /** The disk's fsync now, in milliseconds. */
  probe(): number
  say(progress: string): void
}

export interface Round {
  readonly ours: Run
  readonly theirs: readonly Run[]
  /** Disk: 4 KiB and fdatasync, median just before and just after. */
  readonly fsyncBeforeMs: number
  readonly fsyncAfterMs: number
  /** Of the machine, over a minute. */
  readonly loadBefore: number
  readonly loadAfter: number
}

/** How one of theirs did beside us. */
export interface Comparison {
  readonly who: string
  readonly ratios: readonly (number | null)[]
  readonly spread: Spread | null
  /** Undefined = both promise the same. */
  readonly letters: string | undefined
}

export interface Outcome {
  readonly matchup: Matchup
  readonly rounds: readonly Round[]
  readonly comparisons: readonly Comparison[]
  /** Rounds that were played again, see `unsteady`. */
  readonly repeated: number
  /** Why it was not played, or not to its end. */
  readonly notRun?: string
  /** It was begun, and something broke in it. */
  readonly isBroken?: boolean
}

/** Ours, theirs, ours, theirs …; a round that was unsteady is played again, once. */
export async function playRounds(matchup: Matchup, ground: Ground, rules: Rules): Promise<Outcome> {
  const rounds: Round[] = []
  let repeated = 0
  try {
    while (rounds.length < rules.rounds) {
      rules.say(`round ${rounds.length + 1} of ${rules.rounds}`)
      let round = await playRound(matchup, ground, rules)
      const why = unsteady(round)
      if (why !== undefined) {
        rules.say(`again: ${why}`)
        repeated += 1
        round = await playRound(matchup, ground, rules)
      }
      rounds.push(round)
    }
    return outcomeOf(matchup, rounds, repeated)
  } catch (error) {
    const notRun = error instanceof Error ? error.message : String(error)
    return { ...outcomeOf(matchup, rounds, repeated), notRun, isBroken: true }
  }
}

async function playRound(matchup: Matchup, ground: Ground, { probe, say }: Rules): Promise<Round> {
  const fsyncBeforeMs = probe()
  const loadBefore = load()
  say('ours')
  const ours = await matchup.ours(ground)
  say(matchup.peer)
  const theirs = await matchup.theirs(ground)
  return {
    ours,
    theirs,
    fsyncBeforeMs,
    fsyncAfterMs: probe(),
    loadBefore,
    loadAfter: load(),
  }
}

function load(): number {
  return Math.round((loadavg()[0] ?? 0) * 100) / 100
}

/** Why a round says little of the servers: the disk was another one after it, or the generator was in the way. */
function unsteady({ ours, theirs, fsyncBeforeMs, fsyncAfterMs }: Round): string | undefined {
  if (diskMoved(fsyncBeforeMs, fsyncAfterMs))
    return `the disk's fsync went from ${fsyncBeforeMs} to ${fsyncAfterMs} ms`
  return [ours, ...theirs].find(({ verdict }) => verdict === 'VOID')?.reasons.join(', ')
}

export function outcomeOf(matchup: Matchup, rounds: readonly Round[], repeated: number): Outcome {
  const names = rounds[0]?.theirs.map(({ who }) => who) ?? []
  const comparisons = names.map((who, i): Comparison => {
    const pairs = rounds.flatMap(({ ours, theirs }) => {
      const their = theirs[i]
      return their === undefined ? [] : [{ ours, their }]
    })
    const ratios = pairs.map(({ ours, their }) => ratioOf(ours, their, matchup.metric))
    const [first] = pairs
    return {
      who,
      ratios,
      spread: spreadOf(ratios),
      letters: first && letterNote(first.ours, first.their),
    }
  })
  return { matchup, rounds, comparisons, repeated }
}
