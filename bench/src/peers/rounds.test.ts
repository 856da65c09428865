import { expect, test } from 'vitest'
import type { Matchup } from './matchups.ts'
import { playRounds, type Rules } from './rounds.ts'
import { blankRun, type Run } from './run.ts'
import { outcomeTable, overview } from './table.ts'

const ground = { folder: '', mysqlUrl: undefined, mysqlPid: undefined }

function run(who: string, figures: Partial<Run>): Run {
  return { ...blankRun({ who, durability: 'D2', setting: 'as shipped' }), sent: 9, acked: 9, ...figures }
}

/** A match whose sides take their rates from these lists, one after the other; `calls` tells who was asked when. */
function match(
  ours: readonly number[],
  theirs: readonly (Partial<Run> | Error)[],
): { matchup: Matchup; calls: string[] } {
  const calls: string[] = []
  const matchup: Matchup = {
    scenario: 'P1 send-closed',
    peer: 'ejabberd',
    load: '2 clients',
    store: 'mysql',
    metric: 'acks',
    isOnMysql: true,
    ours: async () => run('Nexo IM', { acksPerSecond: ours[calls.push('ours') >> 1] ?? 0 }),
    theirs: async () => {
      const their = theirs[(calls.push('theirs') >> 1) - 1]
      if (their instanceof Error) throw their
      return [run('ejabberd 1', { ...their })]
    },
  }
  return { matchup, calls }
}

/** @param fsyncs what the disk takes, one after the other; the last one stays */
function rulesFor(rounds: number, fsyncs: readonly number[] = [0.1]): Rules {
  let asked = 0
  return {
    rounds,
    probe: () => fsyncs[Math.min(asked++, fsyncs.length - 1)] as number,
    say: () => undefined,
  }
}

test('the sides take turns, and the ratio is the median of the rounds', async () => {
  const { matchup, calls } = match([6000, 8000, 4000], Array(3).fill({ acksPerSecond: 2000 }))
  const { rounds, comparisons, repeated } = await playRounds(matchup, ground, rulesFor(3))
  expect(rounds).toHaveLength(3)
  expect(repeated).toBe(0)
  expect(calls).toEqual(['ours', 'theirs', 'ours', 'theirs', 'ours', 'theirs'])
  expect(comparisons).toEqual([
    {
      who: 'ejabberd 1',
      ratios: [3, 4, 2],
      spread: { median: 3, min: 2, max: 4, of: 3 },
      letters: undefined,
    },
  ])
})

test('a round in which the disk changed is played again, but only once', async () => {
  const { matchup, calls } = match([1000, 6000], Array(2).fill({ acksPerSecond: 2000 }))
  const { comparisons, repeated } = await playRounds(matchup, ground, rulesFor(1, [0.1, 0.5, 0.1, 0.1]))
  expect(repeated).toBe(1)
  expect(calls).toHaveLength(4)
  expect(comparisons[0]?.ratios).toEqual([3])
  const restless = match([1000, 6000], Array(2).fill({ acksPerSecond: 2000 }))
  const outcome = await playRounds(restless.matchup, ground, rulesFor(1, [0.1, 0.5, 0.1, 0.5]))
  expect(outcome).toMatchObject({ repeated: 1, rounds: [{ fsyncAfterMs: 0.5 }] })
})

test('a round in which the generator was in the way is played again', async () => {
  const hindered: Partial<Run> = { verdict: 'VOID', reasons: ['the generator was 9 ms late'] }
  const { matchup } = match([6000, 6000], [hindered, { acksPerSecond: 3000 }])
  const outcome = await playRounds(matchup, ground, rulesFor(1))
  expect(outcome).toMatchObject({ repeated: 1, comparisons: [{ ratios: [2] }] })
})

test('a peer that breaks ends its match with the reason, and shows no figure', async () => {
  const { matchup } = match([1], [new Error('ejabberd ended with 1')])
  const outcome = await playRounds(matchup, ground, rulesFor(3))
  expect(outcome).toMatchObject({
    rounds: [],
    comparisons: [],
    notRun: 'ejabberd ended with 1',
    isBroken: true,
  })
  expect(outcomeTable(outcome)).toContain('not run: ejabberd ended with 1')
  expect(overview([outcome])).toMatch(/P1 send-closed +not run/)
})

test('a run that lost a message shows why, and gives no ratio', async () => {
  const failed: Partial<Run> = {
    acksPerSecond: 5,
    verdict: 'FAIL',
    reasons: ['1 acked messages are missing'],
  }
  const { matchup } = match([9, 9, 9], [failed, failed, failed])
  const outcome = await playRounds(matchup, ground, rulesFor(1))
  expect(outcomeTable(outcome)).toContain('FAIL in round 1, ejabberd 1: 1 acked messages are missing')
  expect(overview([outcome])).toContain('no round counts')
})

test('what a peer does not have is n/a in the table, never zero', async () => {
  const { matchup } = match([9, 9, 9], [{ acksPerSecond: 3 }, { acksPerSecond: 3 }, { acksPerSecond: 3 }])
  const outcome = await playRounds(matchup, ground, rulesFor(1))
  const rounds = outcome.rounds.map((round) => ({ ...round, ours: { ...round.ours, readBack: 9 } }))
  const lines = outcomeTable({ ...outcome, rounds }).split('\n')
  expect(lines.find((line) => line.includes('1 ejabberd 1'))).toMatch(/PASS +9 +9 +n\/a +3$/)
})

test('unlike letters are said beside the ratio', async () => {
  const theirs = { acksPerSecond: 3, durability: 'D1' } as const
  const { matchup } = match([9, 9, 9], [theirs, theirs, theirs])
  const outcome = await playRounds(matchup, ground, rulesFor(1))
  expect(outcomeTable(outcome)).toContain('letters differ: ours D2, theirs D1: not a comparison of equals')
  expect(overview([outcome])).toContain('(letters differ)')
})
