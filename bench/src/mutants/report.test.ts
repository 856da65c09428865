import { expect, it } from 'vitest'
import { type TestReport, verdictOfChaos, verdictOfTests } from './report.ts'

function reportOf(statuses: readonly string[], more: Partial<TestReport> = {}): TestReport {
  const assertionResults = statuses.map((status, i) => ({ status, fullName: `it does thing ${i}` }))
  const isRed = statuses.includes('failed')
  return {
    success: !isRed,
    numPassedTests: statuses.filter((status) => status === 'passed').length,
    testResults: [
      { name: '/a/b/c.test.ts', status: isRed ? 'failed' : 'passed', message: '', assertionResults },
    ],
    ...more,
  }
}

it('a red test catches a bug, and is named', () => {
  const by = 'b/c.test.ts: it does thing 1'
  expect(verdictOfTests(reportOf(['passed', 'failed']))).toEqual({ outcome: 'caught', by })
})

it('green tests let it survive', () => {
  expect(verdictOfTests(reportOf(['passed']))).toEqual({ outcome: 'survived', by: '' })
})

it('a suite that does not load, an error beside the tests and no test at all prove nothing', () => {
  const [file] = reportOf([]).testResults
  const unloaded = [
    { ...(file as TestReport['testResults'][number]), status: 'failed', message: 'no such name' },
  ]
  for (const report of [
    reportOf([], { success: false, testResults: unloaded }),
    reportOf(['passed'], { success: false }),
    reportOf(['skipped']),
  ])
    expect(verdictOfTests(report)).toMatchObject({ outcome: 'unproven' })
})

it('a fault under load catches it by what the checker found; one that cannot be played proves nothing', () => {
  const rulings = [
    { id: 'I1', violations: 3 },
    { id: 'I2', violations: 0 },
  ]
  expect(verdictOfChaos({ verdict: 'fail', judgement: { rulings } })).toEqual({
    outcome: 'caught',
    by: 'the checker: I1',
  })
  expect(verdictOfChaos({ verdict: 'pass', judgement: { rulings: [] } }).outcome).toBe('survived')
  expect(verdictOfChaos({ verdict: 'not run', reason: 'needs root' })).toEqual({
    outcome: 'unproven',
    by: 'needs root',
  })
})
