import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isGood, playwrightTally, sum, vitestTally } from './tally.mjs'

let folder = ''

function report(content: object): string {
  const file = path.join(folder, 'report.json')
  writeFileSync(file, JSON.stringify(content))
  return file
}

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'nexo-tally-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

describe('the count of tests', () => {
  it('takes pending and todo tests of vitest as skipped', () => {
    const file = report({
      numPassedTests: 5,
      numFailedTests: 1,
      numPendingTests: 2,
      numTodoTests: 1,
      testResults: [],
    })
    expect(vitestTally(file)).toEqual({ passed: 5, failed: 1, skipped: 3 })
  })

  it('takes a file that vitest could not load as a failed test', () => {
    const testResults = [
      { status: 'failed', assertionResults: [] },
      { status: 'failed', assertionResults: [{ status: 'failed' }] },
    ]
    const file = report({
      numPassedTests: 0,
      numFailedTests: 1,
      numPendingTests: 0,
      numTodoTests: 0,
      testResults,
    })
    expect(vitestTally(file).failed).toBe(2)
  })

  it('takes a flaky browser test as failed', () => {
    const file = report({ stats: { expected: 3, unexpected: 1, flaky: 1, skipped: 2 } })
    expect(playwrightTally(file)).toEqual({ passed: 3, failed: 2, skipped: 2 })
  })

  it('takes a missing report as a failure', () => {
    const missing = path.join(folder, 'none.json')
    expect([vitestTally(missing).failed, playwrightTally(missing).failed]).toEqual([1, 1])
  })

  it('adds up', () => {
    const one = { passed: 1, failed: 2, skipped: 3 }
    expect(sum([one, one])).toEqual({ passed: 2, failed: 4, skipped: 6 })
  })
})

describe('a run is good', () => {
  it.each([
    [{ passed: 1, failed: 0, skipped: 0 }, true, true],
    [{ passed: 1, failed: 0, skipped: 1 }, false, true],
    [{ passed: 1, failed: 0, skipped: 1 }, true, false],
    [{ passed: 9, failed: 1, skipped: 0 }, false, false],
    [{ passed: 0, failed: 0, skipped: 0 }, false, false],
  ])('%j with CI %j: %j', (total, ci, good) => {
    expect(isGood(total, { ci })).toBe(good)
  })
})
