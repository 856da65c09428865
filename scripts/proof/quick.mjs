import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { environmentFor, root } from '../prepare.mjs'
import { runInForeground } from '../processes.mjs'
import { resultsOf, tableOf } from './verdicts.mjs'

/** A part that has not ended after so long is stopped, and has failed. */
const limitMs = 240_000

/** Each in short form: together a few minutes on two cores. Whole numbers of times belong to `ci` and `full` of each. */
const parts = [
  { name: 'bench', args: ['bench/src/main.ts', 'quick', '--floors'] },
  ...[
    ['kill', '5'],
    ['power', '2'],
    ['lost-acks', '200'],
    ['damage', '5'],
    ['disk-full', '1'],
  ].map(([fault = '', times = '']) => ({
    name: fault,
    args: ['bench/src/chaos/main.ts', fault, '--times', times],
  })),
  ...[
    ['frames', '20000'],
    ['calls', '5000'],
    ['http', '3000'],
    ['conformance', '1'],
    ['text', '1'],
  ].map(([round = '', count = '']) => ({
    name: round,
    args: ['bench/src/fuzz/main.ts', round, '--count', count],
  })),
]

/**
 * Plays the quick set and prints what became of it. Lines go to a folder of their own: nothing is written into the tree.
 * @param {string} node
 * @returns {Promise<number>} 0 unless something failed
 */
export async function proveQuickly(node) {
  const folder = mkdtempSync(path.join(tmpdir(), 'nexo-proof-'))
  try {
    const results = []
    for (const { name, args } of parts) {
      const { code, lines } = await play(node, args, path.join(folder, `${name}.jsonl`))
      if (code === 130) return code
      results.push(...resultsOf(name, code, lines))
    }
    process.stdout.write(`\n${tableOf(results)}\n`)
    return results.some(({ verdict }) => verdict === 'FAIL') ? 1 : 0
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * @param {string} node
 * @param {string[]} args
 * @param {string} out  where it writes its lines
 */
async function play(node, args, out) {
  const cancel = new AbortController()
  const timer = setTimeout(() => cancel.abort(), limitMs)
  const options = { cwd: root, env: environmentFor(node) }
  const code = await runInForeground(node, [...args, '--out', out], options, cancel.signal)
  clearTimeout(timer)
  return { code, lines: existsSync(out) ? readFileSync(out, 'utf8') : '' }
}
