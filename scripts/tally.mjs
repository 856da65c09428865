import { existsSync, readFileSync } from 'node:fs'

/** @typedef {{ passed: number, failed: number, skipped: number }} Tally */

/**
 * @param {string} file
 * @returns {any} undefined when the runner died before it wrote its report
 */
function reportIn(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
}

/**
 * What vitest's json reporter says. A file that could not even be loaded counts as one failed test.
 * @param {string} file
 * @returns {Tally}
 */
export function vitestTally(file) {
  const report = reportIn(file)
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0 }
  /** @type {{ status: string, assertionResults: { status: string }[] }[]} */
  const files = report.testResults
  const broken = files.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((each) => each.status === 'failed'),
  )
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests,
  }
}

/**
 * What Playwright's json reporter says; a flaky test passed only when repeated, so it is no pass here.
 * @param {string} file
 * @returns {Tally}
 */
export function playwrightTally(file) {
  const report = reportIn(file)
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0 }
  const { expected, unexpected, flaky, skipped } = report.stats
  return { passed: expected, failed: unexpected + flaky, skipped }
}

/**
 * @param {Tally[]} tallies
 * @returns {Tally}
 */
export function sum(tallies) {
  const total = { passed: 0, failed: 0, skipped: 0 }
  for (const each of tallies) {
    total.passed += each.passed
    total.failed += each.failed
    total.skipped += each.skipped
  }
  return total
}

/**
 * Whether a run as a whole is good: something ran, nothing failed, and on CI nothing was left out.
 * @param {Tally} total
 * @param {{ ci: boolean }} where
 */
export function isGood({ passed, failed, skipped }, { ci }) {
  return failed === 0 && passed > 0 && !(ci && skipped > 0)
}
