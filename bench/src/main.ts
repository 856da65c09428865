import { appendFileSync } from 'node:fs'
import { describeEnvironment } from './environment.ts'
import { judgeFloors } from './floors.ts'
import { type Options, readOptions, scenarioIds, usage } from './options.ts'
import { watchOthers } from './others.ts'
import { table } from './report.ts'
import { callTable } from './scenarios/calls.ts'
import { type Outcome, type Run, runsOf } from './scenarios/registry.ts'

/** @returns whether it is correct */
function print(row: Outcome, { json, out }: Options): boolean {
  const line = `${JSON.stringify(row)}\n`
  if (out !== undefined) appendFileSync(out, line)
  process.stdout.write(json ? line : `${'calls' in row ? callTable(row) : table(row)}\n`)
  return row.verdict !== 'FAIL'
}

/**
 * Plays a run, and where floors count and it is below one, once more: a machine may be slow for a moment.
 * @returns whether it is one to be content with
 */
async function perform(run: Run): Promise<boolean> {
  const { floors } = run.options
  for (let again = false; ; again = true) {
    const othersShare = watchOthers()
    const rows = await run.play()
    const others = othersShare()
    const isCorrect = rows.map((row) => print(row, run.options)).every(Boolean)
    const { below, excuse } = judgeFloors(rows, others)
    const isFailure = floors && below.length > 0 && excuse === undefined
    for (const words of below)
      process.stderr.write(
        `  ${isFailure ? '' : 'warning: '}below two fifths of the goal: ${words}${floors && excuse !== undefined ? `; does not fail, ${excuse}` : ''}\n`,
      )
    if (!isCorrect) return false
    if (!isFailure) return true
    if (again) return false
    process.stderr.write('  once more\n')
  }
}

/** A run that did not come to its end has a line too. */
function fail({ name, options: { json, out } }: Run, reason: string): void {
  const row = { id: scenarioIds[name], scenario: name, verdict: 'FAIL', reasons: [reason] }
  const line = `${JSON.stringify({ ...row, environment: describeEnvironment() })}\n`
  if (out !== undefined) appendFileSync(out, line)
  process.stdout.write(json ? line : `\n${row.id} ${name}  FAIL  ${reason}\n`)
}

async function main(): Promise<number> {
  let options: Options
  try {
    options = readOptions(process.argv.slice(2))
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}\n`)
    return 2
  }
  let failed = false
  for (const run of runsOf(options)) {
    process.stderr.write(`${run.name}\n`)
    try {
      if (!(await perform(run))) failed = true
    } catch (error) {
      // A server that refuses or ends is a verdict too; the other scenarios have servers of their own.
      const reason = error instanceof Error ? error.message : String(error)
      fail(run, reason)
      failed = true
    }
  }
  return failed ? 1 : 0
}

// Servers and temporary folders are cleared away in `exit` handlers.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))

process.exitCode = await main()
