import { appendFileSync } from 'node:fs'
import { describeEnvironment } from './environment.ts'
import { distanceOf } from './figures.ts'
import { type Options, readOptions, scenarioIds, usage } from './options.ts'
import { table } from './report.ts'
import { callTable } from './scenarios/calls.ts'
import { type Outcome, type Run, runsOf } from './scenarios/registry.ts'

/** Whether this line of the report is one to be content with. */
function print(row: Outcome, { json, out, floors }: Options): boolean {
  const line = `${JSON.stringify(row)}\n`
  if (out !== undefined) appendFileSync(out, line)
  process.stdout.write(json ? line : `${'calls' in row ? callTable(row) : table(row)}\n`)
  const { belowFloor } = distanceOf(row.figures)
  for (const words of belowFloor)
    process.stderr.write(`  ${floors ? '' : 'warning: '}below two fifths of the goal: ${words}\n`)
  return row.verdict !== 'FAIL' && (!floors || belowFloor.length === 0)
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
      for (const row of await run.play()) if (!print(row, run.options)) failed = true
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
