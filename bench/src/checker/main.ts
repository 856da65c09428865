import { readHistories } from './history.ts'
import { judge } from './judge.ts'
import { table } from './table.ts'

// A program of its own that knows the histories and nothing else: node bench/src/checker/main.ts DIR [--json]
const [folder, flag] = process.argv.slice(2)
if (folder === undefined) {
  process.stderr.write('usage: node bench/src/checker/main.ts DIR [--json]\n')
  process.exitCode = 2
} else {
  const judgement = judge(readHistories(folder))
  process.stdout.write(`${flag === '--json' ? JSON.stringify(judgement) : table(judgement)}\n`)
  process.exitCode = judgement.pass ? 0 : 1
}
