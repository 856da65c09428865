/** What became of one planted bug. */
export type Outcome =
  /** A test, a rule or a measure went red because of it. */
  | 'caught'
  /** Everything stayed green: a test is missing. */
  | 'survived'
  /** It does not fit the source any more. */
  | 'out of date'
  /** What must notice it could not be run here, is red by itself, took too long, or broke down without a verdict. */
  | 'unproven'

export interface Verdict {
  readonly outcome: Outcome
  /** Who caught it, or why nothing is proven. */
  readonly by: string
}

interface FileReport {
  readonly name: string
  readonly status: string
  readonly message: string
  readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[]
}

/** What vitest writes with `--reporter=json`. */
export interface TestReport {
  readonly success: boolean
  readonly numPassedTests: number
  readonly testResults: readonly FileReport[]
}

/** A suite that does not even load proves nothing: any typing error would do that. */
export function verdictOfTests({ success, numPassedTests, testResults }: TestReport): Verdict {
  for (const { name, assertionResults } of testResults) {
    const red = assertionResults.find(({ status }) => status === 'failed')
    if (red) return { outcome: 'caught', by: `${short(name)}: ${red.fullName}` }
  }
  const broken = testResults.find(({ status }) => status === 'failed')
  if (broken) return { outcome: 'unproven', by: `${short(broken.name)} does not run: ${broken.message}` }
  if (!success) return { outcome: 'unproven', by: 'no test failed, yet the run did' }
  if (numPassedTests === 0) return { outcome: 'unproven', by: 'no test was run' }
  return { outcome: 'survived', by: '' }
}

function short(file: string): string {
  return file.split('/').slice(-2).join('/')
}

/** The line of JSON that `npm run chaos -- --out FILE` adds. */
export interface ChaosLine {
  readonly verdict: string
  readonly reason?: string
  readonly judgement?: { readonly rulings: readonly { readonly id: string; readonly violations: number }[] }
}

export function verdictOfChaos({ verdict, reason = '', judgement }: ChaosLine): Verdict {
  if (verdict === 'pass') return { outcome: 'survived', by: '' }
  if (verdict !== 'fail') return { outcome: 'unproven', by: reason }
  const broken = judgement?.rulings.filter(({ violations }) => violations > 0).map(({ id }) => id) ?? []
  return {
    outcome: 'caught',
    by: broken.length > 0 ? `the checker: ${broken.join(', ')}` : reason || 'a measure',
  }
}
