import { type Options, readOptions, type ScenarioName, usage } from './options.ts'
import { type Row, table } from './report.ts'
import { type CallRow, callTable } from './scenarios/calls.ts'
import { fanout } from './scenarios/fanout.ts'
import { history } from './scenarios/history.ts'
import { idle, idleSessions } from './scenarios/idle.ts'
import { largeGroup } from './scenarios/large-group.ts'
import { longList } from './scenarios/long-list.ts'
import { sendClosed } from './scenarios/send-closed.ts'
import { sendOpen } from './scenarios/send-open.ts'
import { connectionLimit, requestLimits, sendsLimit, withServer } from './scenarios/stage.ts'

const shippedConnections = 10_000

function play(name: ScenarioName, options: Options): Promise<Row | CallRow> {
  if (name === 'idle') {
    const sessions = idleSessions(options)
    return withServer(options, sessions > shippedConnections ? [connectionLimit(sessions + 100)] : [], idle)
  }
  if (name === 'large-group') return withServer(options, [sendsLimit], largeGroup)
  if (name === 'history') return withServer(options, [sendsLimit, ...requestLimits], history)
  if (name === 'long-list') return withServer(options, [sendsLimit], longList)
  const scenario = { 'send-closed': sendClosed, 'send-open': sendOpen, fanout }[name]
  return withServer(options, [sendsLimit], scenario)
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
  for (const name of options.scenarios) {
    process.stderr.write(`${name}\n`)
    try {
      const row = await play(name, options)
      process.stdout.write(
        options.json ? `${JSON.stringify(row)}\n` : `${'calls' in row ? callTable(row) : table(row)}\n`,
      )
      failed ||= row.verdict === 'FAIL'
    } catch (error) {
      // A server that refuses or ends is a verdict too; the other scenarios have servers of their own.
      process.stdout.write(`\n${name}  FAIL  ${error instanceof Error ? error.message : String(error)}\n`)
      failed = true
    }
  }
  return failed ? 1 : 0
}

// Servers and temporary folders are cleared away in `exit` handlers.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))

process.exitCode = await main()
