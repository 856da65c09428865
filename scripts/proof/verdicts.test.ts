import { describe, expect, it } from 'vitest'
import { resultsOf } from './verdicts.mjs'

const lines = (...rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('')
const acks = { name: 'acks', value: 9000, unit: '/s', better: 'more', goal: 20_000 }
const bench = {
  id: 'P1',
  scenario: 'send-closed',
  inFlight: 4,
  verdict: 'PASS',
  reasons: [],
  figures: [acks],
}
const fault = {
  id: 'R6',
  times: 5,
  verdict: 'pass',
  options: { fault: 'kill' },
  judgement: { figures: { acked: 7, lost: 0, duplicates: 0 }, rulings: [] },
}

describe('a part of the quick set', () => {
  it('passes with what it counted', () => {
    expect(resultsOf('kill', 0, lines(fault))).toEqual([
      { name: 'R6 kill', verdict: 'pass', words: '×5, 7 acked, 0 lost, 0 twice' },
    ])
  })

  it('below its goal is a warning that names the goal', () => {
    expect(resultsOf('bench', 0, lines(bench))).toEqual([
      { name: 'P1 send-closed 4', verdict: 'warning', words: 'acks 9000/s (goal ≥ 20000)' },
    ])
  })

  it('that was void, or that the machine refuses, is a warning with its reason', () => {
    const isVoid = { ...bench, verdict: 'VOID', reasons: ['the generator was late'] }
    expect(resultsOf('bench', 0, lines(isVoid))).toMatchObject([
      { verdict: 'warning', words: 'VOID: the generator was late' },
    ])
    const refused = { ...fault, verdict: 'not run', reason: 'root is needed', judgement: undefined }
    expect(resultsOf('power', 0, lines(refused))).toMatchObject([
      { verdict: 'warning', words: 'not run: root is needed' },
    ])
  })

  it('that broke a rule fails and names it', () => {
    const rulings = [{ id: 'I1', says: 'every acked message is there', violations: 2 }]
    const broken = { ...fault, verdict: 'fail', judgement: { figures: {}, rulings } }
    expect(resultsOf('kill', 1, lines(broken))).toEqual([
      { name: 'R6 kill', verdict: 'FAIL', words: 'I1 violated 2 times: every acked message is there' },
    ])
  })

  it('that ends badly though no line says why fails: below a floor, too long, or without a word', () => {
    expect(resultsOf('bench', 1, lines(bench)).at(-1)).toMatchObject({ name: 'bench', verdict: 'FAIL' })
    expect(resultsOf('kill', 143, '')).toEqual([{ name: 'kill', verdict: 'FAIL', words: 'it took too long' }])
    expect(resultsOf('kill', 0, '')).toMatchObject([{ verdict: 'FAIL' }])
  })
})
