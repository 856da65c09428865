import { table } from '../checker/table.ts'
import { type Board, boardOf } from './board.ts'
import { readChaosOptions, usage } from './options.ts'
import { type ChaosRecord, measureLines, perform, rowOf } from './record.ts'

async function main(args: readonly string[]): Promise<number> {
  let board: Board
  try {
    board = boardOf(args) ?? [readChaosOptions(args)]
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}\n`)
    return 2
  }
  const say = (text: string): void => void process.stderr.write(`  ${text}\n`)
  const records: ChaosRecord[] = []
  for (const options of board) {
    const record = await perform(options, say)
    records.push(record)
    const { judgement, reason, place } = record
    const lines = [
      ...(judgement === undefined ? [] : [table(judgement)]),
      ...measureLines(record),
      ...(reason === undefined ? [] : [`${record.verdict === 'fail' ? 'FAIL' : 'not run'}: ${reason}`]),
      ...(place === undefined ? [] : [place]),
      rowOf(record),
    ]
    process.stdout.write(`${lines.join('\n')}\n`)
  }
  if (records.length > 1) process.stdout.write(`\n${records.map(rowOf).join('\n')}\n`)
  return records.some(({ verdict }) => verdict === 'fail') ? 1 : 0
}

// Servers are ended in `exit` handlers; what was written so far stays for a look.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))

process.exitCode = await main(process.argv.slice(2))
