import { table } from '../checker/table.ts'
import { lineOf } from './measure.ts'
import { type ChaosOptions, readChaosOptions, usage } from './options.ts'
import { play } from './play.ts'

async function main(): Promise<number> {
  let options: ChaosOptions
  try {
    options = readChaosOptions(process.argv.slice(2))
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}\n`)
    return 2
  }
  try {
    const say = (text: string): void => void process.stderr.write(`  ${text}\n`)
    const { pass, times, judgement, measures, place } = await play(options, say)
    const { sent, acked, lost, duplicates, gaps } = judgement.figures
    process.stdout.write(`${[table(judgement), ...measures.map(lineOf)].join('\n')}\n`)
    process.stdout.write(
      `${options.fault} ${times} · ${place} · sent ${sent} · acked ${acked} · lost ${lost} · duplicates ${duplicates} · gaps ${gaps} · ${pass ? 'PASS' : 'FAIL'}\n`,
    )
    return pass ? 0 : 1
  } catch (error) {
    // A server that does not come back, or clients that cannot finish, are verdicts too.
    process.stdout.write(`FAIL: ${error instanceof Error ? error.message : String(error)}\n`)
    return 1
  }
}

// Servers are ended in `exit` handlers; what was written so far stays for a look.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))

process.exitCode = await main()
